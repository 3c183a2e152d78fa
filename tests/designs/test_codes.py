"""The table of codes says all that the code says."""

import re
from pathlib import Path

from cosmolocal import versions
from cosmolocal.designs import codes


def test_every_code_used_is_explained_and_every_code_explained_is_used():
    modules = [path for path in Path(codes.__file__).parent.glob("*.py") if path != Path(codes.__file__)]
    source = "".join(path.read_text(encoding="utf-8") for path in [*modules, Path(versions.__file__)])
    assert set(re.findall(r"\"(D\d{3})\"", source)) == codes.CODES.keys()
