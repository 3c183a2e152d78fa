"""The rows of a page for programs and spreadsheets: the same figures as CSV and JSON, at an address beside it."""

from collections.abc import Iterable, Sequence

from flask import Response, json

from cosmolocal.exports.tables import Row, build_csv

#: what the rows of a page can be downloaded as: its media type
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def send_rows(form: str, name: str, columns: Sequence[str], rows: Iterable[Row]) -> Response:
    """Send rows as a file; ``form`` is one of ``TYPES``, ``name`` that of the file without ending."""
    ordered = [{column: row[column] for column in columns} for row in rows]
    content = build_csv(columns, ordered) if form == "csv" else json.dumps({"rows": ordered}, indent=1)
    response = Response(content, content_type=TYPES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response
