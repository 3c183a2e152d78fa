"""The drawing of a QR code holds exactly the modules of the code."""

import re

import pytest
import segno

from cosmolocal.exports.qr import QUIET, draw_qr


def modules_of(drawing: str) -> set[tuple[int, int]]:
    """Return the dark modules of a drawing, as a pen would draw its path."""
    [path] = re.findall(r'class="qrline" stroke="#000" d="([^"]+)"', drawing)
    found, x, y = set(), 0.0, 0.0
    for move, numbers in re.findall(r"([Mmh])([-0-9. ]+)", path):
        values = [float(number) for number in numbers.split()]
        if move == "M":
            x, y = values
        elif move == "m":
            x, y = x + values[0], y + values[1]
        else:
            found |= {(int(y), int(x + step)) for step in range(int(values[0]))}
            x += values[0]
    return found


@pytest.mark.parametrize("text", ["https://example.org/jobs/0123456789abcdef/", "x", "é" * 80])
def test_the_drawing_is_the_code(text):
    matrix = segno.make(text, micro=False, error="m", boost_error=False).matrix
    wanted = {(y + QUIET, x + QUIET) for y, row in enumerate(matrix) for x, cell in enumerate(row) if cell}
    drawing = draw_qr(text, 'the "job" <b>')
    assert modules_of(drawing) == wanted
    assert "style" not in drawing
    assert 'aria-label="the &quot;job&quot; &lt;b>"' in drawing
