"""sqlite-utils without pandas, which it reads wherever it is installed: half a second and 50 MB that nobody needs."""

import sys

_is_ours = sys.modules.setdefault("pandas", None) is None  # type: ignore[arg-type]
try:
    from sqlite_utils import Database, Migrations
finally:
    if _is_ours:
        del sys.modules["pandas"]

__all__ = ["Database", "Migrations"]
