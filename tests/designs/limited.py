"""Runs one read after the other, each in a child of its own with little memory and time: python -m designs.limited.

Standard input holds a JSON list of [kind, file, target]; standard output a list of what became of each: the codes of
the problems (none: accepted), or what went wrong with the program itself.
"""

import json
import os
import resource
import sys
import traceback
from pathlib import Path

from cosmolocal.designs.foreign import read_manifest_file
from cosmolocal.designs.uploads import unpack_archive
from cosmolocal.errors import InputError, Problem

MEMORY_BYTES = 256 * 1024**2
CPU_SECONDS = 1


def read(kind: str, file: Path, target: Path) -> tuple[Problem, ...]:
    if kind == "manifest":
        return read_manifest_file(file).problems
    try:
        unpack_archive(file, target)
    except InputError as error:
        return error.problems
    return ()


def run(kind: str, file: str, target: str) -> list[str] | str:
    """Read in a child; a child that dies or fails says so instead of giving problems."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        try:
            result: list[str] | str = [str(problem) for problem in read(kind, Path(file), Path(target))][:50]
        except BaseException:
            result = traceback.format_exc()
        with os.fdopen(into, "w") as pipe:
            pipe.write(json.dumps(result))
        os._exit(0)
    os.close(into)
    with os.fdopen(out) as pipe:
        text = pipe.read()
    status = os.waitpid(child, 0)[1]
    return json.loads(text) if status == 0 else f"died of signal {status & 127}"


if __name__ == "__main__":
    json.dump([run(*case) for case in json.load(sys.stdin)], sys.stdout)
