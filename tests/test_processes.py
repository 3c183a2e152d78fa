from pathlib import Path

import pytest

from cosmolocal.errors import InputError
from cosmolocal.processes import ancestors_by_process, check_vocabulary, find_process, load_vocabulary
from cosmolocal.records import Process, Vocabulary

VOCABULARY = load_vocabulary()
ANCESTORS = ancestors_by_process(VOCABULARY)


def codes(*processes: Process) -> list[str]:
    return [problem.code for problem in check_vocabulary(Vocabulary(processes))]


def test_every_process_is_among_its_own_ancestors_and_its_parents_ancestors_are_too():
    for process in VOCABULARY.processes:
        from_parents = frozenset().union(*(ANCESTORS[parent] for parent in process.parents))
        assert ANCESTORS[process.id] == from_parents | {process.id}


def test_no_process_is_a_kind_of_one_of_its_kinds():
    for process, ancestors in ANCESTORS.items():
        assert not any(process in ANCESTORS[ancestor] for ancestor in ancestors - {process})


def test_a_process_needs_whatever_its_parents_need():
    needs = {process.id: set(process.needs) for process in VOCABULARY.processes}
    for process in VOCABULARY.processes:
        for parent in process.parents:
            assert needs[parent] <= needs[process.id], process.id


def test_every_word_of_every_process_finds_it_however_it_is_written():
    for process in VOCABULARY.processes:
        for word in (process.id, process.name, *process.aliases):
            for written in (word, word.upper(), f" {word.replace(' ', '_')} ", word.replace(" ", "-")):
                assert find_process(VOCABULARY, written) == process.id


@pytest.mark.parametrize("words", ["", "3", "Others", "Same As Previous", "las er", "lase"])
def test_a_word_that_stands_for_nothing_finds_nothing(words):
    assert find_process(VOCABULARY, words) is None


@pytest.mark.parametrize("code", ["ASM", "MEC", "CIR", "PCB", "WEL", "3DP", "LAS", "CNC", "COT", "POST", "SHEET"])
def test_every_code_of_the_tsdc_is_known(code):
    assert find_process(VOCABULARY, code) in ANCESTORS


@pytest.mark.parametrize(
    "word", ["three_d_printing", "cnc_milling", "circuit_production", "laser", "precision_milling", "vinyl_cutting"]
)
def test_every_capability_of_fablabs_io_is_known(word):
    assert find_process(VOCABULARY, word) in ANCESTORS


def test_a_machine_for_filament_serves_who_asks_for_3d_printing_but_not_the_other_way_round():
    assert "3d-printing" in ANCESTORS["fdm-printing"]
    assert "fdm-printing" not in ANCESTORS["3d-printing"]


def test_an_unknown_parent_is_a_fault():
    assert codes(Process("a", "A", parents=("b",))) == ["W042"]


def test_a_circle_of_parents_is_a_fault_of_each_in_it():
    circle = Process("a", "A", ("b",)), Process("b", "B", ("c",)), Process("c", "C", ("a",)), Process("d", "D", ("a",))
    assert codes(*circle) == ["W043", "W043", "W043"]


@pytest.mark.parametrize(
    "other", [Process("saw", "Other"), Process("b", "SAW"), Process("b", "B", aliases=("band-saw",))]
)
def test_two_processes_with_one_word_are_a_fault(other):
    assert codes(Process("saw", "Saw", aliases=("band saw",)), other) == ["W041"]


def test_all_faults_of_a_vocabulary_file_are_reported_together(tmp_path: Path):
    path = tmp_path / "words.yaml"
    path.write_text(
        "processes:\n"
        "- {id: Saw, name: Saw}\n"
        "- {id: mill, needs: [patience], colour: red}\n"
        "- {id: turn, name: Turn, parents: [nothing], aliases: mill}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as error:
        load_vocabulary(path)
    assert {(problem.code, problem.where) for problem in error.value.problems} == {
        ("W040", "words.yaml: processes[0].id"),
        ("W040", "words.yaml: processes[1].name"),
        ("W040", "words.yaml: processes[1].needs"),
        ("W040", "words.yaml: processes[1].colour"),
        ("W040", "words.yaml: processes[2].aliases"),
        ("W042", "words.yaml: turn.parents"),
    }
