"""From a folder or an archive into the store and out again; what the command line's tests do not reach."""

import getpass
import io
import shutil
import zipfile
from pathlib import Path

import bagit
import pytest
from cli.small_region import files_in, make_region, write_lamp

from cosmolocal.designs.bundles import check_id, read_bundle, read_folder, tree_digest
from cosmolocal.designs.uploads import check_archive, unpack_archive
from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.workflows.design_export import digest_of, export_design, export_file, swhid_of
from cosmolocal.workflows.design_ids import propose_id
from cosmolocal.workflows.publishing import check_design, count_waiting_units, foresee_publishing, publish_design


@pytest.fixture(scope="module")
def region(tmp_path_factory) -> Path:
    return make_region(tmp_path_factory.mktemp("small") / "region")


def write_bundle(folder: Path, version: str = "1.0.0") -> Path:
    write_lamp(folder, version)
    (folder / "drawings" / "ñandú").mkdir(parents=True)
    (folder / "drawings" / "ñandú" / "side 100%.svg").write_text("<svg/>")
    (folder / "empty.txt").write_bytes(b"")
    return folder


IDS = [
    ({"organization": "Fab Lab", "licensor": "Ana", "name": "Oil press"}, "fab-lab~oil-press"),
    ({"organization": [{"name": "Fab Lab"}], "name": "Ölpresse"}, "fab-lab~olpresse"),
    ({"organization": [], "licensor": ["Ana", "Bo"], "name": "Press"}, "ana~press"),
    ({"licensor": {"name": "Ana"}, "name": "压力机"}, ""),
    ({"licensor": ["", "Ana"], "name": "Press"}, "ana~press"),
    ({}, ""),
]


def test_a_proposed_id_is_never_too_long():
    assert check_id(propose_id({"organization": "x" * 300, "name": "y " * 300})) == []


@pytest.mark.parametrize(("manifest", "expected"), IDS)
def test_an_id_comes_from_who_and_what(manifest, expected):
    assert propose_id(manifest) == expected


def test_what_goes_out_comes_in_again_as_the_same_tree(region, tmp_path):
    bundle = write_bundle(tmp_path / "bundle")
    told = publish_design(region, bundle, "ana~lantern", "first", "ana")
    name, blocks = export_design(region, "ana~lantern@1.0.0")
    archive = tmp_path / name
    archive.write_bytes(b"".join(blocks))
    assert name == "ana~lantern-1.0.0.zip"
    assert check_archive(archive) == []
    unpack_archive(archive, tmp_path / "unpacked")
    assert tree_digest(read_folder(tmp_path / "unpacked")) == told["digest"] == tree_digest(read_folder(bundle))
    again = publish_design(region, archive, "ana~lantern", "again", "ana")
    assert again == {**told, "is_new": False}


def test_the_bag_is_right_for_others(region, tmp_path):
    archive = b"".join(export_design(region, "us~lamp@1.1.0")[1])
    with zipfile.ZipFile(io.BytesIO(archive)) as bag:
        bag.extractall(tmp_path)
    bagit.Bag(str(tmp_path / "us~lamp-1.1.0")).validate()
    assert b"".join(export_design(region, "us~lamp@1.1.0")[1]) == archive


def test_what_is_not_there_is_not_found(region):
    for key in ("us~lamp", "us~lamp@", "us~lamp@9.9.9", "us~none@1.0.0", ""):
        for way in (export_design, swhid_of, lambda folder, key: export_file(folder, key, "okh.toml")):
            with pytest.raises(NotFoundError):
                way(region, key)
    with pytest.raises(NotFoundError):
        export_file(region, "us~lamp@1.0.0", "../v2/content/okh.toml")
    with pytest.raises(NotFoundError):
        check_design(Path("nowhere"))


def test_a_check_writes_nothing_anywhere_near(tmp_path, monkeypatch):
    bundle = write_bundle(tmp_path / "bundle")
    (bundle / "okh.toml").rename(bundle / "okh-lamp.toml")
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    before = files_in(tmp_path)
    report = check_design(bundle)
    assert (report["ok"], report["manifest"], report["version"]) == (True, "okh-lamp.toml", "1.0.0")
    assert files_in(tmp_path) == before
    assert list((tmp_path / "scratch").iterdir()) == []


def test_the_digest_of_a_check_is_the_one_that_is_published(region, tmp_path):
    bundle = write_bundle(tmp_path / "bundle", "4.0.0")
    (bundle / "okh.toml").rename(bundle / "okh-lamp.toml")
    report = check_design(bundle, "ana~torch")
    told = publish_design(region, bundle, "ana~torch", "", "ana")
    assert report["digest"] == told["digest"] != tree_digest(read_folder(bundle))
    assert not (bundle / "okh.toml").exists()
    assert list((region / "build").glob("incoming-*")) == []


def test_a_link_in_a_folder_is_refused_even_where_a_copy_is_made(region, tmp_path):
    bundle = write_bundle(tmp_path / "bundle", "5.0.0")
    (bundle / "okh.toml").rename(bundle / "okh-lamp.toml")
    (bundle / "passwd").symlink_to("/etc/passwd")
    before = files_in(region)
    assert not check_design(bundle)["ok"]
    with pytest.raises(InputError, match="passwd"):
        publish_design(region, bundle, None, "", "us")
    assert files_in(region) == before


def test_units_on_order_are_counted_over_all_books_that_can_be_read(region, tmp_path):
    books = tmp_path / "orders"
    books.mkdir()
    book = (region / "orders" / "book.csv").read_text()
    (books / "one.csv").write_text(book)
    (books / "two.csv").write_text(book.replace(",5,", ",some,"))
    (books / "bad.csv").write_text("no,book\n")
    assert count_waiting_units(tmp_path, "us~lamp") == (5 + 8 + 1) + (8 + 1)
    assert count_waiting_units(tmp_path, "us~other") == 0


def as_checkout(folder: Path) -> Path:
    """Put into a folder what a git checkout on somebody's Mac holds besides the design."""
    for path in (".git/objects/aa/bb", ".git/config", ".github/workflows/a.yml", ".gitignore", "drawings/.DS_Store"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("no part of it")
    return folder


def zip_of(folder: Path, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w") as writer:
        for path in sorted(folder.rglob("*")):
            writer.write(path, f"lamp-main/{path.relative_to(folder).as_posix()}")
    return archive


def left_out(warnings: list[dict[str, str]]) -> list[str]:
    return [warning["where"] for warning in warnings if warning["code"] == "U030"]


def test_a_checkout_is_published_without_what_is_no_part_of_the_design(region, tmp_path):
    bundle = write_bundle(tmp_path / "bundle", "6.0.0")
    digest = tree_digest(read_folder(bundle))
    checkout = as_checkout(bundle)
    before = files_in(checkout)
    expected = [".DS_Store", ".git/", ".github/", ".gitignore"]
    report = check_design(checkout, "ana~glow")
    assert (report["ok"], report["digest"], left_out(report["warnings"])) == (True, digest, expected)
    assert any("(2 files)" in one["message"] for one in report["warnings"] if one["where"] == ".git/")
    told = publish_design(region, checkout, "ana~glow", "", "ana")
    assert (told["digest"], left_out(told["warnings"])) == (digest, expected)
    assert {file.path for file in read_bundle(region / "designs", "ana~glow", "6.0.0")} == {
        "okh.toml",
        "empty.txt",
        "drawings/ñandú/side 100%.svg",
    }
    assert not [path for path, data in files_in(region).items() if b"no part of it" in data]
    assert files_in(checkout) == before
    assert list((region / "build").glob("incoming-*")) == []


def test_the_zip_of_a_checkout_is_the_same_release_but_never_with_git_s_own_folder(region, tmp_path):
    checkout = as_checkout(write_bundle(tmp_path / "bundle", "6.1.0"))
    told = publish_design(region, checkout, "ana~shine", "", "ana")
    with pytest.raises(InputError, match=r"'\.git' begins with a dot"):
        publish_design(region, zip_of(checkout, tmp_path / "with.zip"), "ana~shine", "", "ana")
    shutil.rmtree(checkout / ".git")
    again = publish_design(region, zip_of(checkout, tmp_path / "without.zip"), "ana~shine", "", "ana")
    assert (again["digest"], again["is_new"]) == (told["digest"], False)
    assert left_out(again["warnings"]) == [".DS_Store", ".github/", ".gitignore"]


def test_other_hidden_files_of_a_folder_are_refused(region, tmp_path):
    checkout = as_checkout(write_bundle(tmp_path / "bundle", "6.2.0"))
    (checkout / ".htaccess").write_text("x")
    report = check_design(checkout, "ana~gleam")
    assert {problem["code"] for problem in report["problems"]} == {"U003"}
    with pytest.raises(InputError, match="htaccess"):
        publish_design(region, checkout, "ana~gleam", "", "ana")


def test_the_maker_s_own_manifest_is_never_written_into(region, tmp_path):
    """The copy is of links where it can be; a stated field changed the original through one."""
    first = write_bundle(tmp_path / "first", "7.0.0")
    (first / "okh.toml").rename(first / "okh-lamp.toml")
    publish_design(region, first, "ana~ray", "", "ana", {"licensor": "Ana"})
    copy = tmp_path / "copy"
    for file in read_bundle(region / "designs", "ana~ray", "7.0.0"):
        (copy / file.path).parent.mkdir(parents=True, exist_ok=True)
        (copy / file.path).write_bytes(export_file(region, "ana~ray@7.0.0", file.path).read_bytes())
    before = files_in(copy)
    publish_design(region, copy, "ana~ray", "", "ana", {"version": "7.1.0"})
    assert files_in(copy) == before


def write_module(folder: Path, name: str, version: str, of: str) -> Path:
    bundle = write_lamp(folder / name, version)
    with (bundle / "okh.toml").open("a") as manifest:
        manifest.write(f'[[x-cosmolocal.bom]]\ndesign = "{of}"\nversion = "*"\nquantity = 1\n')
    return bundle


def test_a_design_that_goes_into_itself_is_refused(region, tmp_path):
    own = write_module(tmp_path, "own", "1.0.0", "ana~own")
    [problem] = check_design(own, "ana~own")["problems"]
    assert (problem["code"], "ana~own contains ana~own" in problem["message"]) == ("D016", True)
    before = files_in(region)
    with pytest.raises(InputError, match="D016"):
        publish_design(region, own, "ana~own", "", "ana")
    assert files_in(region) == before


def test_a_circle_that_a_release_would_close_is_refused(region, tmp_path):
    for number, (name, of) in enumerate((("cart", "ana~wheel"), ("axle", "ana~cart"))):
        publish_design(region, write_module(tmp_path, f"{number}", "1.0.0", of), f"ana~{name}", "", "ana")
    wheel = write_module(tmp_path, "wheel", "1.0.0", "ana~axle")
    assert check_design(wheel, "ana~wheel")["ok"]
    [problem] = check_design(wheel, "ana~wheel", region_folder=region)["problems"]
    chain = "ana~wheel contains ana~axle@1.0.0 contains ana~cart@1.0.0 contains ana~wheel"
    assert (problem["code"], problem["message"].endswith(chain)) == ("D016", True)
    for way in (publish_design, lambda *given: foresee_publishing(*given[:3], given[4])):
        with pytest.raises(InputError, match="D016"):
            way(region, wheel, "ana~wheel", "", "ana")
    other = write_module(tmp_path, "other", "1.0.0", "us~lamp")
    assert publish_design(region, other, "ana~wheel", "", "ana")["is_new"]


def test_what_a_machine_keeps_for_itself_is_left_out(tmp_path):
    bundle = write_bundle(tmp_path / "bundle", "8.0.0")
    digest = check_design(bundle)["digest"]
    for path in (".venv/bin/x", "venv/x", ".env", "tools/__pycache__/a.pyc", "node_modules/a/b.js"):
        (bundle / path).parent.mkdir(parents=True, exist_ok=True)
        (bundle / path).write_text("secret")
    report = check_design(bundle)
    assert (report["ok"], report["digest"]) == (True, digest)
    assert left_out(report["warnings"]) == [".env", ".venv/", "__pycache__/", "node_modules/", "venv/"]


def unpacked_bag(region: Path, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(b"".join(export_design(region, "us~lamp@1.1.0")[1]))) as bag:
        bag.extractall(folder)
    return folder / "us~lamp-1.1.0"


def test_an_unpacked_bag_is_taken_as_its_zip_is(region, tmp_path):
    bag = unpacked_bag(region, tmp_path)
    (bag / ".DS_Store").write_text("x")
    told = publish_design(region, bag, "us~lamp", "", getpass.getuser())
    assert (told["is_new"], told["digest"]) == (False, digest_of(region, "us~lamp@1.1.0"))
    publish_design(region, bag, "ana~bagged", "", "ana", {"version": "9.0.0"})
    assert {file.path for file in read_bundle(region / "designs", "ana~bagged", "9.0.0")} == {
        "okh.toml",
        "okh.original.toml",
    }
    assert bagit.Bag(str(bag)).validate()


def test_a_damaged_unpacked_bag_is_refused_as_its_zip_is(region, tmp_path):
    bag = unpacked_bag(region, tmp_path)
    with (bag / "data/okh.toml").open("a") as manifest:
        manifest.write("# changed")
    codes = [problem["code"] for problem in check_design(bag)["problems"]]
    assert set(codes) == {"U022"}


def with_field(folder: Path, name: str, text: str) -> Path:
    """Write a lamp of which one field at the top says something else."""
    write_lamp(folder, "1.0.0")
    lines = (folder / "okh.toml").read_text().splitlines()
    changed = [f'{name} = "{text}"' if line.startswith(f"{name} =") else line for line in lines]
    assert changed != lines
    (folder / "okh.toml").write_text("\n".join(changed))
    return folder


def test_blanks_around_a_version_are_no_part_of_it_to_check_and_to_publish(region, tmp_path):
    bundle = with_field(tmp_path / "bundle", "version", " 1.0.0\\n")
    report = check_design(bundle, "blank~lamp")
    assert (report["ok"], report["version"]) == (True, "1.0.0")
    assert publish_design(region, bundle, "blank~lamp", "", "ana")["version"] == "1.0.0"
    assert publish_design(region, bundle, "blank~lamp", "", "ana")["is_new"] is False


@pytest.mark.parametrize(
    ("name", "longest"), [("version", f"1.0.0-{'x' * 58}"), ("name", "x" * 200), ("id", f"limits~{'x' * 93}")]
)
def test_what_is_as_long_as_may_be_is_published_and_what_is_longer_is_told_by_both(region, tmp_path, name, longest):
    design_id = longest if name == "id" else f"limits~{name}"
    fits, large = tmp_path / "fits", tmp_path / "large"
    if name == "id":
        bundles, ids = [write_bundle(fits), write_bundle(large)], (design_id, design_id + "x")
    else:
        bundles = [with_field(fits, name, longest), with_field(large, name, longest + "x")]
        ids = (design_id, design_id + "-large")
    assert check_design(bundles[0], ids[0])["ok"]
    publish_design(region, bundles[0], ids[0], "", "ana")
    report = check_design(bundles[1], ids[1])
    with pytest.raises(InputError) as caught:
        publish_design(region, bundles[1], ids[1], "", "ana")
    assert not report["ok"]
    assert report["problems"] == [problem.as_dict() for problem in caught.value.problems]
    assert "at most" in report["problems"][0]["message"]


def test_what_is_said_of_a_release_has_a_limit(region, tmp_path):
    bundle = write_bundle(tmp_path / "bundle")
    with pytest.raises(InputError, match="5001 characters; it has at most 5,000"):
        publish_design(region, bundle, "limits~message", "x" * 5_001, "ana")
    assert publish_design(region, bundle, "limits~message", "x" * 5_000, "ana")["is_new"]


def test_a_manifest_that_is_a_link_is_called_so(tmp_path):
    bundle = write_bundle(tmp_path / "bundle")
    (bundle / "okh.toml").rename(tmp_path / "okh.toml")
    (bundle / "okh.toml").symlink_to(tmp_path / "okh.toml")
    [problem] = check_design(bundle, "link~lamp")["problems"]
    assert (problem["code"], problem["where"]) == ("D006", "okh.toml")
    assert problem["message"] == "is a link; a bundle holds plain files"
