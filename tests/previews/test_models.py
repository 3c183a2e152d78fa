"""STL and glTF: what is measured is what was made, and no bytes at all make the readers stumble."""

import json
import struct
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_files import CORNERS, FACES, glb, gltf_tables, stl, stl_text

from cosmolocal.previews import stl as stl_module
from cosmolocal.previews.gltf import measure_gltf
from cosmolocal.previews.kinds import Model, NoPreviewError, Why
from cosmolocal.previews.stl import measure_stl

MANY = settings(max_examples=150, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
SMALL = st.floats(-1e6, 1e6, width=32)
POINTS = st.lists(st.tuples(SMALL, SMALL, SMALL), min_size=4, max_size=4)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


def why(measure, path: Path) -> Why:
    with pytest.raises(NoPreviewError) as caught:
        measure(path)
    return caught.value.why


@MANY
@given(corners=POINTS)
def test_the_size_of_an_stl_is_the_box_around_its_corners(tmp_path, corners):
    box = tuple(max(axis) - min(axis) for axis in zip(*corners, strict=True))
    for content in (stl(corners), stl_text(corners)):
        model = measure_stl(written(tmp_path, content))
        assert (model.form, model.unit, model.triangles) == ("stl", "mm", len(FACES))
        assert model.size == pytest.approx(box, rel=1e-6, abs=1e-6)


def test_a_signalling_not_a_number_is_refused_without_a_warning(tmp_path):
    """Found by fuzzing: the cast to longer numbers warned, which is an error here and noise in a log."""
    content = bytearray(stl(CORNERS))
    content[96:100] = b"\x01\x00\xa0\x7f"
    assert why(measure_stl, written(tmp_path, bytes(content))) is Why.NUMBERS


@MANY
@given(content=st.one_of(st.binary(max_size=400), st.binary(max_size=80).map(lambda rest: b"solid " + rest)))
def test_random_bytes_are_no_stl_and_no_accident(tmp_path, content):
    why(measure_stl, written(tmp_path, content))


@MANY
@given(content=st.binary(max_size=200), frame=st.booleans())
def test_random_bytes_are_no_gltf_and_no_accident(tmp_path, content, frame):
    if frame:
        content = b"glTF" + struct.pack("<II", 2, 12 + len(content)) + content
    why(measure_gltf, written(tmp_path, content))


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 2**40), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)


def places(value: object, path: tuple = ()) -> list[tuple]:
    """Return the way to every value within a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(way for key, one in inner for way in places(one, (*path, key)))]


@MANY
@given(data=st.data())
def test_any_value_of_a_description_may_be_anything(tmp_path, data):
    """A whole model with one value exchanged: measured or refused, nothing else."""
    tables, _ = gltf_tables()
    *way, last = data.draw(st.sampled_from([way for way in places(tables) if way]))
    table = tables
    for key in way:
        table = table[key]
    table[last] = data.draw(VALUES)
    try:
        assert isinstance(measure_gltf(written(tmp_path, glb(tables))), Model)
    except NoPreviewError as error:
        assert error.why in Why


def test_every_cut_of_a_file_is_noticed(tmp_path):
    text = stl_text().removesuffix(b" body\n")
    for measure, content in ((measure_stl, stl()), (measure_stl, text), (measure_gltf, glb())):
        for length in range(len(content)):
            why(measure, written(tmp_path, content[:length]))


def test_a_flipped_byte_never_makes_a_reader_stumble(tmp_path):
    chance = Random(7)
    for measure, content in ((measure_stl, stl()), (measure_stl, stl_text()), (measure_gltf, glb())):
        for _ in range(300):
            broken = bytearray(content)
            broken[chance.randrange(len(broken))] = chance.randrange(256)
            try:
                measure(written(tmp_path, bytes(broken)))
            except NoPreviewError as error:
                assert error.why in Why


def test_a_head_that_promises_more_is_refused_with_both_numbers(tmp_path):
    with pytest.raises(NoPreviewError) as caught:
        measure_stl(written(tmp_path, stl(count=2**31)))
    assert (caught.value.why, caught.value.found) == (Why.STL_LENGTH, {"stated": 2**31, "held": len(FACES)})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e30])
def test_numbers_that_are_none_or_huge_are_refused(tmp_path, value):
    corners = [(value, 0.0, 0.0), *CORNERS[1:]]
    assert why(measure_stl, written(tmp_path, stl(corners))) == Why.NUMBERS
    assert why(measure_stl, written(tmp_path, stl_text(corners))) == Why.NUMBERS


def test_a_binary_file_that_begins_like_a_text_is_read_by_its_length(tmp_path):
    assert measure_stl(written(tmp_path, b"solid" + stl()[5:])).triangles == len(FACES)


def test_an_stl_without_triangles_is_empty(tmp_path):
    assert why(measure_stl, written(tmp_path, bytes(84))) == Why.EMPTY
    assert why(measure_stl, written(tmp_path, b"solid\nendsolid\n")) == Why.EMPTY


def test_too_many_triangles_are_refused_before_one_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(stl_module, "MAX_TRIANGLES", 3)
    with pytest.raises(NoPreviewError) as caught:
        measure_stl(written(tmp_path, stl()))
    assert (caught.value.why, caught.value.found) == (Why.TRIANGLES, {"found": 4, "limit": 3})


def test_a_model_in_metres(tmp_path):
    assert measure_gltf(written(tmp_path, glb())) == Model("gltf", "m", 4, (0.04, 0.03, 0.02))


def test_a_description_alone_holds_its_data_itself(tmp_path):
    tables, data = gltf_tables()
    tables["buffers"][0]["uri"] = "data:application/octet-stream;base64," + data.hex()
    assert measure_gltf(written(tmp_path, json.dumps(tables).encode())).triangles == 4


def test_nodes_move_turn_and_stretch_what_hangs_on_them(tmp_path):
    """A quarter turn about z makes the width the depth; the parent doubles both."""
    tables, _ = gltf_tables()
    half = 0.5**0.5
    tables["nodes"] = [{"scale": [2, 2, 2], "children": [1]}, {"mesh": 0, "rotation": [0, 0, half, half]}]
    assert measure_gltf(written(tmp_path, glb(tables))).size == pytest.approx((0.06, 0.08, 0.04))


@pytest.mark.parametrize(
    "address", ["body.bin", "https://example.org/body.bin", "//example.org/x", "file:///etc/passwd"]
)
@pytest.mark.parametrize("owner", ["buffers", "images"])
def test_a_model_that_needs_another_file_is_refused(tmp_path, owner, address):
    tables, _ = gltf_tables()
    tables.setdefault(owner, [{}])[0]["uri"] = address
    with pytest.raises(NoPreviewError) as caught:
        measure_gltf(written(tmp_path, glb(tables)))
    assert (caught.value.why, caught.value.found) == (Why.GLTF_OUTSIDE, {"name": address})


def test_packed_models_are_refused_by_name(tmp_path):
    tables, _ = gltf_tables()
    tables["extensionsUsed"] = ["KHR_draco_mesh_compression"]
    assert why(measure_gltf, written(tmp_path, glb(tables))) == Why.GLTF_EXTENSION


@pytest.mark.parametrize(
    ("table", "entry", "reason"),
    [
        ("nodes", {"mesh": 0, "children": [0]}, Why.GLTF_DAMAGED),  # a ring
        ("nodes", {"mesh": -1}, Why.GLTF_DAMAGED),
        ("nodes", {"mesh": 0, "scale": [1e300, 1e300, 1e300]}, Why.NUMBERS),
        ("buffers", {"byteLength": 10**9}, Why.GLTF_DAMAGED),
        ("bufferViews", {"buffer": 0, "byteLength": 10**9}, Why.GLTF_DAMAGED),
        ("accessors", {"componentType": 5126, "type": "VEC3", "count": 10**12}, Why.TRIANGLES),
        ("accessors", {"bufferView": 0, "componentType": 5126, "type": "VEC3", "count": 5}, Why.GLTF_DAMAGED),
        ("scenes", {"nodes": []}, Why.EMPTY),
    ],
)
def test_descriptions_made_to_harm_are_refused(tmp_path, table, entry, reason):
    tables, _ = gltf_tables()
    tables[table][0] = entry
    assert why(measure_gltf, written(tmp_path, glb(tables))) == reason


def test_a_description_nested_without_end_is_refused(tmp_path):
    assert why(measure_gltf, written(tmp_path, b"[" * 200_000)) == Why.GLTF_DAMAGED
