"""Passwords that are tried first, and passwords that are not."""

import shutil
from pathlib import Path

import pytest
from web.accounts import PASSWORD

from cosmolocal.workflows.common_passwords import SIZE, common_digests, is_common
from cosmolocal.workflows.passwords import SHORTEST, WORDS, check_password
from cosmolocal.workflows.people import find_region_names
from tools.common_passwords import MOST, build_digests

ROOT = Path(__file__).parents[2]
#: long ones of lists of the passwords that most people have
TRIED_FIRST = [
    *("password1234", "password2024!", "P@ssw0rd1234", "passwort12345", "123456789012", "987654321098", "111111222222"),
    *("qwertyuiop123", "1qaz2wsx3edc", "zaq12wsxcde3", "qwerty123456", "azertyuiop12", "asdfghjkl123", "abcdefghijkl"),
    *("iloveyou1234", "football1234", "liverpool123", "barcelona2024", "sunshine1234", "princess2023", "superman1234"),
    *(
        "welcome12345",
        "letmein12345",
        "changeme1234",
        "administrator",
        "administrator1",
        "motdepasse123",
        "trustno1trustno1",
    ),
    *(
        "abc123abc123",
        "qweqweqweqwe",
        "passwordpassword",
        "test12341234",
        "123412341234",
        "contrasena123",
        "!!!!12345678",
    ),
]


#: walks and what is said twice, which no list needs to hold
WALKS = [
    *(
        "zaq12wsxcde3",
        "qazwsxedcrfv99",
        "1q2w3e4r5t6y7",
        "q1w2e3r4t5y6!",
        "1qazxsw23edc7",
        "a1s2d3f4g5h6",
        "zaq1xsw2cde3",
    ),
    *("112233445566", "111222333444", "qwerasdfzxcv", "123456654321", "abcdeffedcba", "4815162342lost"),
    *("mariomariomario", "98765432100123456789"),
]
#: of the most common ones of lists, with no rule that covers them
LISTED = [
    *("unbelievable", "professional", "international", "supernatural", "peanutbutter", "finalfantasy", "playstation3"),
    *(
        "justinbieber",
        "michaeljackson",
        "christopher1",
        "sonnenschein",
        "ghbdtnrfrltkf",
        "jamesbond007",
        "philadelphia",
    ),
]


@pytest.mark.parametrize("password", [*TRIED_FIRST, *WALKS, *LISTED])
@pytest.mark.parametrize("change", [str, str.upper, str.title], ids=["as it is", "upper", "title"])
def test_what_is_tried_first_is_refused(password, change):
    assert {problem.code for problem in check_password(change(password), "ada")} & {"S006", "S007"}


@pytest.mark.parametrize("word", sorted(WORDS))
@pytest.mark.parametrize("end", ["2024!", "12345678901", "#1", "_2023_2024"])
def test_a_common_word_with_numbers_is_refused(word, end):
    assert check_password((word + end).ljust(12, "1"), "ada")


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "three quiet looms",
        "three quiet looms 2024",
        "password of a quiet evening",
        "correct horse battery",
        "tH7-kq3_zz9!Lm",
        "ηρεμο βράδυ στη θάλασσα",
        "静かな海辺の夕べに歩く猫たち",
        "0f8e3b1c9d7a5e42",
        "839274619283",
        "?!%&=)(/§~#*",
    ],
)
def test_others_are_taken_whatever_they_are_made_of(password):
    assert check_password(password, "ada") == []


def test_more_passwords_are_listed_than_the_standard_asks_for():
    """ASVS 6.2.4 asks for 3,000 of those that are long enough."""
    assert len(common_digests()) >= 10_000
    assert {len(digest) for digest in common_digests()} == {SIZE}


def test_the_list_is_made_of_what_is_long_enough_however_it_is_written():
    text = "short\n  Unbelievable \nunbelievable\nUNBELIEVABLE\n" + "".join(f"{n:0{SHORTEST}}\n" for n in range(MOST))
    made = build_digests([text, text])
    assert len(made) == MOST * SIZE
    assert is_common("unbelievable")
    assert made[:SIZE] == min(made[at : at + SIZE] for at in range(0, len(made), SIZE))


@pytest.mark.parametrize(
    ("password", "place"),
    [
        ("lovelace2024", "Ada Lovelace"),
        ("ada_lovelace!", "Ada Lovelace"),
        ("LovelaceAda99", "Ada Lovelace"),
        ("Lovelace.Lovelace", "Ada Lovelace"),
        ("montserrat12", "Sant Montserrat"),
        ("MontSerrat#2026", "montserrat"),
        ("cosmolocal2026", ""),
        ("2026-cosmolocal", ""),
    ],
)
def test_names_that_everybody_there_knows_are_no_passwords(password, place):
    for check in (check_password(password, "ada", place), check_password(password, "bo", "Bo", [place])):
        assert [problem.code for problem in check][:1] == ["S007"]


def test_a_name_may_stand_in_a_longer_password():
    assert check_password("lovelace walks to the loom", "ada", "Ada Lovelace", ["Montserrat"]) == []
    assert check_password("seven looms in montserrat", "ada", "Ada Lovelace", ["Montserrat"]) == []


def test_a_region_is_known_by_its_names(tmp_path):
    folder = tmp_path / "pages-of-ours"
    folder.mkdir()
    assert find_region_names(folder) == {"pages-of-ours"}
    (folder / "region.yaml").write_text("region: {id: [")
    assert find_region_names(folder) == {"pages-of-ours"}
    shutil.copy(ROOT / "region.yaml", folder)
    assert find_region_names(folder) == {"pages-of-ours", "barcelona", "Barcelona"}
