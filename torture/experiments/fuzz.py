"""The readers of what strangers send, fed with a million wrong inputs each."""

from collections.abc import Callable

from torture.fuzz_targets import open_targets
from torture.fuzzing import MEMORY, SECONDS, Fed, fuzz
from torture.sections import Result, Section, amount, table

INPUTS = 1_000_000
READERS = {
    "zip": "the frame of ZIP archives",
    "manifest": "manifests of designs in TOML, YAML and JSON",
    "orders": "order books and tables of orders",
    "workshops": "registers of workshops in YAML",
    "stl": "models in STL, binary and text",
    "graphml": "street networks in GraphML",
}


def run_fuzz(name: str) -> Callable[[float], Result]:
    """Return the experiment that feeds one reader."""

    def run(share: float) -> Result:
        with open_targets() as targets:
            fed = fuzz(targets[name], amount(INPUTS, share))
        done = f"{fed.inputs:,} inputs, the slowest {fed.slowest:.2f} s of processor time"
        return Result(done, fed.wrong, table_of(fed))

    return run


def table_of(fed: Fed) -> str:
    """Return a Markdown table of what came of the inputs."""
    head = (
        "inputs",
        "taken",
        "sentences of refusal",
        "steps between lines seen",
        "kept to be changed",
        "longest [bytes]",
    )
    row = (fed.inputs, fed.accepted, len(fed.refusals), fed.steps, fed.kept, fed.longest)
    return table(head, [tuple(f"{figure:,}" for figure in row)])


SECTIONS = tuple(
    Section(
        f"fuzz-{name}",
        f"1,000,000 inputs to the reader of {what}, changed by what they bring it to",
        f"each is taken or refused in words, within {SECONDS:g} s and {MEMORY >> 20} MiB; what is taken is sound",
        run_fuzz(name),
    )
    for name, what in READERS.items()
)
