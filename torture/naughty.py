"""515 strings that programs stumble over: made by rule, class by class, so that no line of it is anybody's list."""

from collections.abc import Iterator
from itertools import product

COUNT = 515
#: what a page would run if it let it through; each tells of itself
SCRIPT = "window.__ran=(window.__ran||0)+1"
_HANDLERS = ("onerror", "onload", "onclick", "onfocus", "onmouseover", "ontoggle", "onanimationstart")
_TAGS = ("img src=x", "svg", "body", "input autofocus", "details open", "video src=x", "iframe src=x", "a href=x", "p")


def naughty_strings() -> tuple[str, ...]:
    """Return the strings, each once."""
    found = dict.fromkeys(text for strings in (_scripts, _others, _characters, _more_scripts) for text in strings())
    if len(found) < COUNT:
        raise ValueError(f"only {len(found)} strings are made")
    return tuple(found)[:COUNT]


def _scripts() -> Iterator[str]:
    """Yield what would run where it gets into HTML, into an attribute, a script, a style, a link or a template."""
    for before in ("", '"', "'", '">', "'>", "</title>", "</textarea>", "</script>", "-->", "]]>", "`", "\\'"):
        yield f"{before}<script>{SCRIPT}</script>"
        yield f"{before}<img src=x onerror={SCRIPT}>"
        yield f"{before} onfocus={SCRIPT} autofocus x="
    for scheme in (
        "javascript",
        "JaVaScRiPt",
        " javascript",
        "java\tscript",
        "java\nscript",
        "\x01javascript",
        "vbscript",
    ):
        yield f"{scheme}:{SCRIPT}"
        yield f"[a]({scheme}:{SCRIPT})"
        yield f"![a]({scheme}:{SCRIPT})"
    yield f"data:text/html,<script>{SCRIPT}</script>"
    yield "data:text/html;base64,PHNjcmlwdD53aW5kb3cuX19yYW49MTwvc2NyaXB0Pg=="
    yield f"<svg xmlns='http://www.w3.org/2000/svg' onload='{SCRIPT}'/>"
    yield f"<math><a xlink:href='javascript:{SCRIPT}'>x</a></math>"
    yield f"<style>@import 'javascript:{SCRIPT}';</style>"
    yield f"<p style='background:url(javascript:{SCRIPT})'>x</p>"
    yield f"<meta http-equiv=refresh content='0;url=javascript:{SCRIPT}'>"
    yield "<base href='http://127.0.0.1:9/'>"
    yield "<form action='http://127.0.0.1:9/'><button>x</button></form>"
    yield f"<iframe srcdoc='<script>{SCRIPT}</script>'></iframe>"
    yield f"<object data='javascript:{SCRIPT}'></object>"
    yield f"<template><script>{SCRIPT}</script></template>"
    yield f"<noscript><p title='</noscript><img src=x onerror={SCRIPT}>'>"
    yield f"<scr<script>ipt>{SCRIPT}</scr</script>ipt>"
    yield f"\\u003cscript\\u003e{SCRIPT}\\u003c/script\\u003e"
    yield f"&lt;script&gt;{SCRIPT}&lt;/script&gt;"
    yield f"%3Cscript%3E{SCRIPT}%3C/script%3E"
    yield f"＜script＞{SCRIPT}＜/script＞"
    yield f"+ADw-script+AD4-{SCRIPT}+ADw-/script+AD4-"
    yield from ("{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{% raw %}", "{{ config }}", "{{''.__class__}}", "*{7*7}")


def _others() -> Iterator[str]:
    """Yield what databases, shells, files, spreadsheets, formats and numbers stumble over."""
    for quote, rest in product(
        ("'", '"', "')", "`"), (" OR 1=1--", "; DROP TABLE plans;--", " UNION SELECT 1--", "/*", "\\")
    ):
        yield quote + rest
    yield from (
        "1;SELECT 1",
        "%",
        "_",
        "x'00'",
        "NULL",
        "null",
        "nil",
        "undefined",
        "None",
        "NaN",
        "true",
        "True",
        "false",
    )
    yield from (
        "../../../../etc/passwd",
        "..\\..\\win.ini",
        "/etc/passwd",
        "C:\\x",
        "file:///etc/passwd",
        "....//",
        "%2e%2e%2f",
    )
    yield from (
        "\\\\host\\share",
        "con",
        "CON.txt",
        "aux",
        "nul.csv",
        "COM1",
        "lpt9",
        ".",
        "..",
        ".git",
        "~",
        "~root",
        "x.",
        "x ",
    )
    yield from (
        "$(touch /tmp/x)",
        "`id`",
        "| id",
        "; id",
        "&& id",
        "$HOME",
        "%PATH%",
        "-rf",
        "--help",
        "-",
        "--",
        "\\",
        "//",
        "*",
    )
    for sign in "=+-@\t\r":
        yield f"{sign}1+1"
        yield f"{sign}cmd|' /C calc'!A0"
        yield f'{sign}HYPERLINK("http://127.0.0.1:9/","x")'
        yield f" {sign}SUM(1)"
    yield from (
        "%s%s%s%n",
        "%x%x",
        "%(name)s",
        "{0}",
        "{}",
        "{x.__class__}",
        "%d",
        "%%",
        "\\n",
        "\\0",
        "\\x00",
        "\\u0000",
        "&#0;",
    )
    for sign, number in product(
        ("", "-", "+"), ("0", "1", "00", "1.0", "1,0", "1e5", "1e309", "1e-400", "9" * 19, "9" * 400)
    ):
        yield sign + number
    yield from (
        "0x1F",
        "0b1",
        "0o7",
        "1_000",
        "1/0",
        "0/0",
        "Infinity",
        "-Infinity",
        "inf",
        "1.",
        ".1",
        "1..1",
        "1 000",
        "1'000",
    )
    yield from (
        "2147483648",
        "-2147483649",
        "9223372036854775808",
        "18446744073709551616",
        "4294967296",
        "0.1e1",
        "1.7e308",
    )
    yield from ("١٢٣", "१२३", "Ⅷ", "²", "½", "１２３", "𝟙𝟚", "一二三", "−1", "1٫5")
    yield from (
        "2026-02-30",
        "2026-13-01",
        "0000-00-00",
        "9999-12-31",
        "10000-01-01",
        "2026-W01-1",
        "20260907",
        "07/09/2026",
    )
    yield from (
        "2026-09-07T00:00:00Z",
        "2026-09-07 ",
        "-2026-09-07",
        "1e3-01-01",
        "٢٠٢٦-٠٩-٠٧",
        "today",
        "2026-09-7",
        "24:00",
    )
    yield from (
        "a@b",
        "a@b@c",
        "a\r\nBcc: x@y",
        "http://127.0.0.1:9/",
        "http://[::1]/",
        "//127.0.0.1",
        "ftp://x",
        "mailto:x",
        "http://",
    )
    yield from (
        "[]",
        "{}",
        '{"a":1}',
        "[" * 200,
        "{" * 200,
        "(" * 200,
        '"',
        "'",
        '""',
        "''",
        "<",
        ">",
        "&",
        "&amp;",
        "&amp",
        "<!--",
        "<![CDATA[",
    )
    yield from (
        "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
        "<?xml version='1.0'?>",
        "<a",
        "</",
        "<>",
        "< a>",
        "<a b='",
        "!!python/object:os.system",
        "&a *a",
    )
    yield from (
        "us~lamp",
        "us~lamp@1.0.0",
        "us~lamp@*",
        "north/laser",
        "A/1",
        ":1",
        "newest",
        "book",
        "a,b",
        'a"b,c',
        "a;b",
        "a\tb",
        "#x",
    )


def _characters() -> Iterator[str]:
    """Yield controls, blanks, marks, letters of many scripts, directions, emoji, halves of pairs, and long ones."""
    yield from (
        "",
        " ",
        "\t",
        "\n",
        "\r\n",
        "  x  ",
        "x\ny",
        "x\r\ny",
        "x\ry",
        "\x0b",
        "\x0c",
        "\x1b[31mx\x1b[0m",
        "\x7f",
        "\x00",
        "x\x00y",
    )
    yield from (chr(code) + "x" for code in (*range(1, 9), *range(14, 32)))
    yield from (chr(code) + "x" for code in range(0x80, 0xA0, 2))
    blanks = (0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
    yield from (f"x{chr(code)}y" for code in blanks)
    yield from (chr(code) for code in blanks[:4])
    unseen = (
        0xAD,
        0x34F,
        0x61C,
        0x115F,
        0x180E,
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        0xFEFF,
        0xFFF9,
        0xFFFC,
    )
    yield from (f"x{chr(code)}y" for code in unseen)
    yield from ("\ufffd", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff", "\ue000", "\U000e0041", "\U000e0001x")
    yield from ("\ud800", "x\udc00y", "\udfff\ud800")
    yield from (
        "é",
        "e\u0301",
        "ﬁ",
        "Å",
        "ﷺ",
        "ǅ",
        "ß",
        "İ",
        "ı",
        "ſ",
        "Σσς",
        "K",
        "ﬀ",
        "ŉ",
        "ẞ",
        "\u0345x",
        "x" + "\u0301" * 60,
    )
    yield from (
        "田中さん",
        "사회과학원",
        "部落格",
        "กรุงเทพ",
        "हिन्दी",
        "தமிழ்",
        "ქართული",
        "Ελλάδα",
        "Россия",
        "Հայ",
        "አማርኛ",
        "ᚠᚢᚦ",
        "𠜎𠜱",
        "﷽",
        "ꙮ",
    )
    yield from (
        "مرحبا",
        "שלום",
        "abc אבג 123",
        "\u202egnp.exe",
        "\u2066x\u2069",
        "\u202dx",
        "\u200fx",
        "\u061c1",
        "مرحبا world שלום",
    )
    yield from (
        "😀",
        "👩🏽‍🔬",
        "👨‍👩‍👧‍👦",
        "🏳️‍🌈",
        "🇫🇷🇪🇸",
        "🇫",
        "1️⃣",
        "👍🏿",
        "❤️",
        "☃",
        "🧑‍🦽‍➡️",
        "🏴\U000e0067\U000e0062\U000e007f",
    )
    yield from (
        "ʇxǝʇ",
        "𝕿𝖊𝖝𝖙",
        "Ｔｅｘｔ",
        "ⓉⒺⓍⓉ",
        "T̸e̶x̵t̴",
        "𐌀𐌁",
        "㋿",
        "№",
        "™",
        "€",
        "¥",
        "\u2014",
        "…",
        "‘’“”",
        "«»",
        "×÷",
        "∑∫√",
        "ʼ",
        "`´",
    )
    yield from (
        "x" * 300,
        "x" * 5_000,
        "é" * 2_000,
        "😀" * 1_000,
        "x " * 3_000,
        "\n" * 500,
        "<b>" * 500,
        "-" * 500,
        "a" * 70_000,
    )


def _more_scripts() -> Iterator[str]:
    """Yield a tag with each handler, as many as are wanted."""
    for tag, handler in product(_TAGS, _HANDLERS):
        yield f"<{tag} {handler}={SCRIPT}>"
        yield f'"><{tag} {handler}="{SCRIPT}">'
