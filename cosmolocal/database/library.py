"""sqlite-utils without pandas, which it reads wherever it is installed: half a second and 50 MB that nobody needs."""

import sys
from collections.abc import Mapping

_is_ours = sys.modules.setdefault("pandas", None) is None  # type: ignore[arg-type]
try:
    import sqlite_utils
    from sqlite_utils import Migrations
finally:
    if _is_ours:
        del sys.modules["pandas"]

__all__ = ["AnyDatabase", "Database", "Migrations"]

#: as the library itself opens it
AnyDatabase = sqlite_utils.Database


class Database(sqlite_utils.Database):
    """A database of which it is known what it can: our tables need SQLite 3.37 in any case.

    sqlite-utils would find it out by making a table. Where a full disk hinders that, it goes on with an upsert that
    passes over every new row without a word.
    """

    supports_on_conflict = True
    supports_strict = True

    def add_row(self, table: str, row: Mapping[str, str | int | float | None]) -> int:
        """Add a row of plain values and return its number.

        sqlite-utils looks up first what there is: a third of the time for which a writer holds up all others.
        """
        names, marks = ", ".join(f"[{name}]" for name in row), ", ".join("?" for _ in row)
        cursor = self.execute(f"INSERT INTO [{table}] ({names}) VALUES ({marks})", list(row.values()))
        return int(cursor.lastrowid or 0)
