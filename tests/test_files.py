"""Strict reading of YAML, TOML and JSON: no file makes the program fail, or mean two things."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cosmolocal.errors import InputError
from cosmolocal.files import MAX_DEPTH, parse_json, parse_toml, parse_yaml

DEEP = MAX_DEPTH + 1

HOSTILE: dict[str, tuple[Callable[..., Any], str, str]] = {
    "json nested too deep": (parse_json, "[" * DEEP + "]" * DEEP, "deeper"),
    "json nested very deep": (parse_json, '{"a":' * 100_000 + "1" + "}" * 100_000, "deeper than 32 levels"),
    "json not a number": (parse_json, "[NaN]", "NaN"),
    "json endless": (parse_json, "[1e999]", "no finite number"),
    "json of 5000 digits": (parse_json, "9" * 5000, "more than 4,300 digits"),
    "json half a pair": (parse_json, '["\\ud800"]', "surrogate"),
    "json half a pair as key": (parse_json, '{"\\udfff": 1}', "surrogate"),
    "json NUL": (parse_json, '["\\u0000"]', "NUL"),
    "json repeated key": (parse_json, '{"a": 1, "b": 2, "a": 1}', "'a' stands twice"),
    "toml nested too deep": (parse_toml, "a = " + "[" * DEEP + "]" * DEEP, "deeper"),
    "toml nested very deep": (parse_toml, "a = " + "[" * 5000 + "]" * 5000, "deeper than 32 levels"),
    "toml dotted keys": (parse_toml, "a" + ".a" * 200_000 + " = 1", "deeper"),
    "toml dotted keys in quotes": (parse_toml, '"a"' + " . 'a'" * 100_000 + " = 1", "deeper"),
    "toml dotted tables": (parse_toml, "[a" + ".a" * 200_000 + "]", "deeper"),
    "toml deep by tables and keys": (parse_toml, "[a" + ".a" * 20 + "]\nb" + ".b" * 20 + " = 1", "deeper"),
    "toml endless": (parse_toml, "a = inf", "no finite number"),
    "toml not a number": (parse_toml, "a = -nan", "no finite number"),
    "toml NUL": (parse_toml, 'a = "\\u0000"', "NUL"),
    "toml of 5000 digits": (parse_toml, "a = " + "9" * 5000, "more than 4,300 digits"),
    "yaml nested too deep": (parse_yaml, "[" * DEEP, "deeper"),
    "yaml alias": (parse_yaml, "a: &a [*a]", "anchors"),
    "yaml tag": (parse_yaml, "a: !!python/name:os.system", "tag"),
    "yaml NUL": (parse_yaml, 'a: "\\0"', "NUL"),
    "yaml NUL in a key": (parse_yaml, '"\\0": a', "NUL"),
    "yaml endless": (parse_yaml, "a: -.Inf", "no finite number"),
    "yaml not a number": (parse_yaml, "a: .nan", "no finite number"),
    "yaml too large": (parse_yaml, "a: 1.0e+999", "no finite number"),
    "yaml no day, with a time": (parse_yaml, "a: 2001-12-99T21:59:43.10-05:00", "no day"),
    "yaml of 5000 digits": (parse_yaml, "a: " + "9" * 5000, "5000 signs"),
    "yaml in sixties": (parse_yaml, "a: 1" + ":59" * 2000, "6001 signs"),
    "yaml no day": (parse_yaml, "a: 2020-99-99", "no day"),
    "yaml key of brackets": (parse_yaml, "? [a, b]\n: 1", "plain words"),
    "yaml a comment at a bracket": (parse_yaml, "[a]#b", "needs a blank"),
    "yaml a comment at a comma": (parse_yaml, "[a,#b\n]", "needs a blank"),
    "yaml a comment at a quote": (parse_yaml, 'a: "b"#c', "needs a blank"),
    "yaml a comment at a block": (parse_yaml, "a: >#b\n  c", "needs a blank"),
    "yaml a comment at a directive": (parse_yaml, "%YAML 1.1#b\n---\na", "needs a blank"),
    "yaml a bracket that is not indented": (parse_yaml, "a: [b,\nc]", "not indented further"),
    "yaml a quote that is not indented": (parse_yaml, 'a: "b\nc"', "not indented further"),
    "yaml a quote indented by a tab": (parse_yaml, 'a: "b\n\tc"', "not indented further"),
    "yaml a lone question mark": (parse_yaml, "[?", "is not YAML"),
    "yaml a lone hyphen": (parse_yaml, "[-]", "hyphen"),
    "yaml blank lines too far": (parse_yaml, "a: >\n \n   \n # b\n", "blank lines"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_with_its_reason(name: str):
    parse, text, reason = HOSTILE[name]
    with pytest.raises(InputError, match=reason) as error:
        parse(text, "file", "X001")
    assert len(str(error.value)) < 400


def test_what_is_only_odd_is_read():
    assert parse_json('"\\\\u0000 \\ud83d\\ude00"', "f", "X001") == "\\u0000 \N{GRINNING FACE}"
    assert parse_json("[" * MAX_DEPTH + "]" * MAX_DEPTH, "f", "X001")
    assert parse_toml("a.b.c = 1.5\n[d.e]\nf = 'a.b.c.d'", "f", "X001")["d"] == {"e": {"f": "a.b.c.d"}}
    document = "a: 2020-02-30\nb: 12:30\n"
    document += (
        "s: 2001-12-14t21:59:43Z\nc: [d,\n]\ne: 'f\n  g'\nh: i#j\nk: |\n  # l\n\nm: http://n#o # p\nq: 1.10\nr: no\n"
    )
    assert parse_yaml(document, "f", "X001") == {
        "a": "2020-02-30",
        "b": "12:30",
        "s": "2001-12-14t21:59:43Z",
        "c": ["d"],
        "e": "f g",
        "h": "i#j",
        "k": "# l\n",
        "m": "http://n#o",
        "q": "1.10",
        "r": "no",
    }


@pytest.mark.parametrize("parse", [parse_json, parse_toml, parse_yaml])
def test_no_text_breaks_a_reader(parse: Callable[..., Any]):
    @given(st.text(max_size=60) | st.text("[]{}:,-#'\"\\|>?&*!% \n\t.a10=u", max_size=60))
    def holds(text: str) -> None:
        try:
            parse(text, "f", "X001")
        except InputError as error:
            assert error.problems

    holds()
