"""The collector of unreachable records, kept out of the way while a large plan is read, or options are built.

Both make hundreds of thousands of records, none of which can go. The collector looks at all of them again and again
meanwhile, which takes a third of the time, and nobody else is served while it looks.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager


def keep_survivors() -> None:
    """Let the collector look at nothing twice in vain: what it found to be in use once, it leaves alone for good.

    For servers: they keep plans of a million records, and while the collector looks at them nobody is served. Records
    refer to no record that refers back, so they go without the collector. What does and was in use stays in memory.
    """
    if _freeze not in gc.callbacks:
        gc.callbacks.append(_freeze)
    gc.collect()


def _freeze(phase: str, info: dict[str, int]) -> None:
    if phase == "stop" and info["generation"] == 2:
        gc.freeze()


_lock = threading.Lock()
_reading = 0
_was_on = False


@contextmanager
def paused_collector() -> Iterator[None]:
    """Let nothing be collected until all threads that are within are out again; it is then as it was before."""
    global _reading, _was_on  # noqa: PLW0603 - the collector is the process's own, and so is what is known of it
    with _lock:
        if _reading == 0:
            _was_on = gc.isenabled()
            gc.disable()
        _reading += 1
    try:
        yield
    finally:
        with _lock:
            _reading -= 1
            if _reading == 0 and _was_on:
                gc.enable()
