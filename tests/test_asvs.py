"""The table of the security standard names tests that exist; and what only the code as a whole can show."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/asvs.md").read_text("utf-8")
ROWS = re.findall(r"^\| ([0-9.]+) \| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)
#: requirements of level 1 by chapter and section: how many there are in each chapter of version 5.0
BY_CHAPTER = {1: 8, 2: 4, 3: 8, 4: 2, 5: 4, 6: 13, 7: 6, 8: 4, 9: 4, 10: 5, 11: 3, 12: 3, 13: 1, 14: 2, 15: 3}
SOURCES = sorted((ROOT / "cosmolocal").rglob("*.py"))


def test_every_requirement_of_level_1_is_there_once():
    numbers = [number for number, *_ in ROWS]
    assert len(set(numbers)) == len(numbers) == 70
    assert {chapter: sum(one.startswith(f"{chapter}.") for one in numbers) for chapter in BY_CHAPTER} == BY_CHAPTER


@pytest.mark.parametrize(("number", "asks", "shown"), ROWS, ids=[number for number, *_ in ROWS])
def test_a_requirement_has_tests_that_exist_or_a_reason(number, asks, shown):
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", shown)
    assert named or "does not apply" in shown, number
    assert asks
    for path, name in named:
        assert (ROOT / path).is_file(), path
        assert not name or re.search(rf"^\s*def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), name


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield str(path.relative_to(ROOT)), ast.unparse(node.func), node


def test_no_program_is_started_through_a_shell():
    started = [
        (path, name)
        for path, name, call in calls()
        if name in ("os.system", "os.popen", "subprocess.getoutput")
        or any(word.arg == "shell" and getattr(word.value, "value", True) for word in call.keywords)
    ]
    assert started == []


def test_no_text_is_run_as_a_program():
    dangerous = ("eval", "exec", "compile", "__import__", "pickle.loads", "pickle.load", "marshal.loads", "yaml.load")
    found = {(path, name) for path, name, _ in calls() if name in dangerous}
    assert found == set()
    assert not any("render_template_string" in path.read_text("utf-8") for path in SOURCES)


#: digests that others prescribe (SWHID, BagIt, OCFL), and numbers that a seed gives the planner: they keep nothing safe
PRESCRIBED = {
    *("cosmolocal/designs/hashing.py", "cosmolocal/designs/bag_check.py", "cosmolocal/designs/packing.py"),
    *("cosmolocal/designs/uploads.py", "cosmolocal/designs/verify.py", "cosmolocal/planning/solvers/siting.py"),
}


def test_no_weak_digest_keeps_anything_safe():
    weak = re.compile(r"hashlib\.(md5|sha1|new)|random\.(random|choice|Random)$")
    assert {path for path, name, _ in calls() if weak.search(name)} <= PRESCRIBED


def test_passwords_are_hidden_and_managers_may_fill_them_in():
    pages = [path.read_text("utf-8") for path in (ROOT / "cosmolocal/web/templates/people").glob("*.html")]
    fields = [one for page in pages for one in re.findall(r'field\("(?:password|present|new)"[^}]*', page)]
    assert len(fields) == 4
    for one in fields:
        assert ', "", "password"' in one
        assert "current-password" in one or "new-password" in one
    assert not any("onpaste" in page for page in pages)


def test_the_docs_tell_of_guessing():
    page = (ROOT / "docs/people.md").read_text("utf-8")
    assert "Five tries to sign in per minute and account" in page
    assert "keep its owner from signing in" in page


def test_nginx_speaks_new_tls_only():
    conf = (ROOT / "deploy/nginx/cosmolocal.conf").read_text("utf-8")
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in conf
    [ciphers] = re.findall(r"ssl_ciphers ([^;]+);", conf)
    assert all(
        re.fullmatch(r"ECDHE-(ECDSA|RSA)-(AES(128|256)-GCM-SHA\d+|CHACHA20-POLY1305)", one)
        for one in ciphers.split(":")
    )


def test_the_docs_say_how_soon_packages_are_mended():
    page = (ROOT / "docs/dependencies.md").read_text("utf-8")
    assert re.search(r"within \d+ days", page)
