"""Licences: what is sure is named, what is not is left to a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.licenses import canonicalize_license_expression

from cosmolocal.designs.licences import normalise_license

#: what people write, and what it is
WRITTEN = {
    "LicenseRef-CC BY-SA-4.0": "CC-BY-SA-4.0",
    "LicenseRef-CC-BY-SA-3.0": "CC-BY-SA-3.0",
    "LicenseRef-CERN OHL v1.2": "CERN-OHL-1.2",
    "CERN OHL v1.2": "CERN-OHL-1.2",
    "CERN Open Hardware Licence Version 2 - Strongly Reciprocal": "CERN-OHL-S-2.0",
    "CERN-OHL-W v2.0": "CERN-OHL-W-2.0",
    "GNU GPL v3.0": "GPL-3.0-only",
    "GPLv3": "GPL-3.0-only",
    "GPLv3+": "GPL-3.0-or-later",
    "GNU General Public License version 2 or any later version": "GPL-2.0-or-later",
    "GNU Affero General Public License v3.0": "AGPL-3.0-only",
    "GNU Lesser General Public License v3": "LGPL-3.0-only",
    "AGPL 3.0 https://www.gnu.org/licenses/agpl-3.0.en.html": "AGPL-3.0-only",
    "Creative Commons Attribution-ShareAlike 4.0 International License": "CC-BY-SA-4.0",
    "Creative Commons CC0 (Public Domain Dedication)": "CC0-1.0",
    "https://creativecommons.org/licenses/by-nc-sa/4.0/": "CC-BY-NC-SA-4.0",
    "CC-BY license 4.0": "CC-BY-4.0",
    "cc by 4": "CC-BY-4.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "The MIT License": "MIT",
    "BSD 3-Clause": "BSD-3-Clause",
    "Solderpad Hardware License v2.1": "Apache-2.0 WITH SHL-2.1",
    " MIT ": "MIT",
}


@pytest.mark.parametrize(("written", "spdx"), WRITTEN.items())
def test_words_of_real_manifests_are_read_with_a_warning(written: str, spdx: str):
    expression, warning = normalise_license(written)
    assert expression == spdx == str(canonicalize_license_expression(spdx))
    assert warning is not None
    assert repr(written) in warning


@pytest.mark.parametrize("spdx", ["MIT", "CERN-OHL-S-2.0", "CC-BY-SA-4.0 OR MIT", "TAPR-OHL-1.0", "GPL-3.0-or-later"])
def test_spdx_is_taken_as_it_stands(spdx: str):
    assert normalise_license(spdx) == (spdx, None)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "open source",
        "CERN",
        "LicenseRef-CERN OHL",
        "CERN OHL v2",
        "CC BY-SA",
        "CC-BY-9.0",
        "CC 4.0",
        "GPL",
        "LicenseRef-CC-BY-SA-4.0, CC-BY-NC-SA-4.0",
        "MIT or ask me",
        "LicenseRef-Own",
        "not MIT",
        "CC BY-ND-SA 4.0",
        "(" * 100_000,
    ],
)
def test_what_is_not_sure_needs_a_person(written: str):
    expression, warning = normalise_license(written)
    assert expression is None
    assert "person" in (warning or "")


@given(
    st.text(max_size=30)
    | st.lists(
        st.sampled_from(["cc", "by", "sa", "4.0", "gpl", "v", "3", "or", "later", "cern", "ohl", "s", "2.0", "-", "+"])
    ).map(" ".join)
)
def test_no_words_crash_it_and_every_answer_is_spdx(text: str):
    expression, warning = normalise_license(text)
    if expression is None:
        assert warning is not None
    else:
        assert normalise_license(expression) == (expression, None)
