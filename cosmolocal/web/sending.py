"""Sending files: what a page shows, for programs and spreadsheets, under a name of its own."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Response, json, request

from cosmolocal.exports.tables import Row, build_csv

#: what can be downloaded: its media type by the ending of the file
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "geojson": "application/geo+json",
    "graphml": "application/graphml+xml; charset=utf-8",
    "html": "text/html; charset=utf-8",
}


def send_file(name: str, form: str, content: str | bytes | Mapping[str, Any] | Sequence[Any]) -> Response:
    """Return a file; whoever has it already is told that nothing changed.

    ``form`` is one of ``TYPES``, ``name`` that of the file without ending; records are sent as JSON.
    """
    text = content if isinstance(content, str | bytes) else json.dumps(content, sort_keys=False)
    response = Response(text, content_type=TYPES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    response.add_etag()
    response.make_conditional(request)
    return response


def send_rows(name: str, form: str, columns: Sequence[str], rows: Iterable[Row]) -> Response:
    """Return the columns of rows as a file, as CSV or JSON."""
    ordered = [{column: row[column] for column in columns} for row in rows]
    return send_file(name, form, build_csv(columns, ordered) if form == "csv" else {"rows": ordered})
