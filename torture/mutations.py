"""Changes of an input that a fuzzer makes: of its bits, bytes, numbers, words and lines."""

import random
import re
from collections.abc import Callable, Sequence

Mutation = Callable[[bytearray, random.Random, Sequence[bytes]], None]

#: what programs stumble over where they expect a number, a day or a word
ODD_WORDS = (
    b"0 -0 -1 1 00 0x10 1_000 1e3 1e309 -1e309 1e-400 NaN nan inf -Infinity .5 5. +1 0.1 9999999999",
    b"18446744073709551616 2147483648 4294967295 65536 1e999999999 -2147483649",
    b"2026-02-30 2026-W01-1 20260101 0000-01-01 9999-12-31",
    b"true false yes no null ~ None unknown [] {} \"\" '' ../.. / \\ * % %s %(x)s {0} =1+1 @SUM(1) & < > <!DOCTYPE ]]>",
)
WORDS = (
    *(word for line in ODD_WORDS for word in line.split()),
    "١٢".encode(),  # digits to some, no number to others
    "²".encode(),
    "é".encode(),
    "e\N{COMBINING ACUTE ACCENT}".encode(),
    "\N{RIGHT-TO-LEFT OVERRIDE}".encode(),
    "\N{ZERO WIDTH SPACE}".encode(),
    "\N{LINE SEPARATOR}".encode(),
    "\N{NEXT LINE}".encode(),
    "\N{PILE OF POO}".encode(),
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xed\xa0\x80",  # half of a surrogate pair
    b"\xc0\xaf",
    b"\x00",
    b"\r",
    b"\r\n",
    b"\t",
    b"\x1b[31m",
    b"-" * 40,
    b"9" * 400,
    b"[" * 40,
    b"a." * 40,
)
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_EDGES = (
    0,
    1,
    2,
    7,
    8,
    127,
    128,
    255,
    256,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    2**63,
    2**64 - 1,
)
#: [bytes] to which a piece may be repeated: now and then, and hardly ever
_LONG, _VERY_LONG = 16 * 1024, 128 * 1024


def mutate(data: bytes, chance: random.Random, words: Sequence[bytes], others: Sequence[bytes]) -> bytes:
    """Return the input with one to six changes; ``words`` mean something in its format, ``others`` are other inputs."""
    changed = bytearray(data)
    for _ in range(1 + int(chance.random() ** 3 * 6)):
        chance.choice(MUTATIONS)(changed, chance, words)
    draw = chance.random()
    if draw < 0.06:
        splice(changed, chance.choice(others), chance)
    elif draw > 0.999:
        repeat(changed, chance, _VERY_LONG if draw > 0.9999 else _LONG)
    return bytes(changed)


def splice(data: bytearray, other: bytes, chance: random.Random) -> None:
    """Put the end of another input after the beginning of this one."""
    data[chance.randint(0, len(data)) :] = other[chance.randint(0, len(other)) :]


def repeat(data: bytearray, chance: random.Random, most: int) -> None:
    """Repeat a piece until the input is long."""
    start, stop = _range(data, chance, 60)
    if stop > start:
        data[start:stop] = bytes(data[start:stop]) * ((most - min(most, len(data))) // (stop - start) + 1)


def _range(data: bytearray, chance: random.Random, most: int) -> tuple[int, int]:
    start = chance.randint(0, len(data))
    return start, min(len(data), start + chance.randint(0, most))


def _flip(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _set_byte(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.randrange(256)


def _insert(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    at = chance.randint(0, len(data))
    data[at:at] = chance.randbytes(chance.randint(1, 4))


def _delete(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    start, stop = _range(data, chance, 16)
    del data[start:stop]


def _copy(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    start, stop = _range(data, chance, 32)
    at = chance.randint(0, len(data))
    data[at:at] = data[start:stop]


def _cut(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    if chance.random() < 0.2:
        del data[chance.randint(0, len(data)) :]


def _set_integer(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    """Change a number of 2, 4 or 8 bytes, the smallest first: to one at the edge of something, or by a little."""
    size = chance.choice((2, 4, 8))
    if len(data) >= size:
        at = chance.randint(0, len(data) - size)
        before = int.from_bytes(data[at : at + size], "little")
        value = chance.choice(_EDGES) if chance.random() < 0.5 else before + chance.randint(-40, 40)
        data[at : at + size] = (value % 256**size).to_bytes(size, "little")


def _set_number(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    """Put something else in the place of a number that is written in digits."""
    if found := [*_NUMBER.finditer(data)]:
        number = chance.choice(found)
        data[number.start() : number.end()] = chance.choice(WORDS)


def _put_word(data: bytearray, chance: random.Random, words: Sequence[bytes]) -> None:
    word = chance.choice(words if words and chance.random() < 0.6 else WORDS)
    start, stop = _range(data, chance, len(word)) if chance.random() < 0.5 else (chance.randint(0, len(data)),) * 2
    data[start:stop] = word


def _move_line(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    """Leave a line out, let it stand twice, or elsewhere."""
    lines = data.split(b"\n")
    line = lines.pop(chance.randrange(len(lines)))
    for _time in range(chance.randint(0, 2)):
        lines.insert(chance.randint(0, len(lines)), line)
    data[:] = b"\n".join(lines)


def _change_value(data: bytearray, chance: random.Random, words: Sequence[bytes]) -> None:
    """Put something else after a separator of the line: what stands for a value in most texts."""
    starts = [at for at, sign in enumerate(data) if sign in b",:=>"]
    if starts:
        start = chance.choice(starts) + 1
        stop = next((at for at in range(start, len(data)) if data[at] in b",\n}]<"), len(data))
        data[start:stop] = b" " + chance.choice(words if words and chance.random() < 0.3 else WORDS)


MUTATIONS: tuple[Mutation, ...] = (
    _flip,
    _set_byte,
    _insert,
    _delete,
    _copy,
    _cut,
    _set_integer,
    _set_number,
    _set_number,
    _put_word,
    _put_word,
    _move_line,
    _change_value,
    _change_value,
)
