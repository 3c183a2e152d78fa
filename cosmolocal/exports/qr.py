"""QR codes as SVG that a page can hold: no style, no script, one path."""

import segno

#: [modules] kept free around the code, as readers ask for
QUIET = 4


def draw_qr(text: str, label: str) -> str:
    """Return a text as a QR code, black on white; 15 % of it may be unreadable. ``label`` is for who cannot see it."""
    code = segno.make(text, micro=False, error="m", boost_error=False)
    width, _ = code.symbol_size(border=QUIET)
    drawing = code.svg_inline(border=QUIET, omitsize=True, svgclass="qr", light="#fff")
    head, _, rest = drawing.partition(">")
    return f'{head} role="img" aria-label="{_escape(label)}" data-modules="{width}">{rest}'


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
