"""Damages good input: bits, bytes, numbers, words, pieces of another input; seeded, so that a run comes again."""

import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence

LARGEST = 1 << 14  # bytes that an input may grow to
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_NUMBERS = (
    *(b"0", b"-1", b"1", b"127", b"128", b"255", b"256", b"65536", b"2147483648", b"-9223372036854775809", b"0.0"),
    *(b"1e308", b"1e-308", b"-0.5", b"nan", b"inf", b"9" * 40, b"1/0", b"0x10", b""),
)
_SIZES = (0, 1, 2, 4, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_OPENED = (b"(", b"[", b"{", b"<", b'"', b"<!--", b"[({", b"|:")
Draw = random.Random


def repacked(seeds: Sequence[bytes], draw: Draw, words: Sequence[bytes] = (), largest: int = 1 << 22) -> bytes:
    """An archive, damaged as it is, or within one of its files, which is packed again so that its sum is right."""
    archive = draw.choice(seeds)
    if draw.random() < 0.3:
        return mutated([archive], draw, words, largest)
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as source:
            parts = {name: source.read(name) for name in source.namelist()}
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError):
        return mutated([archive], draw, words, largest)
    for name in draw.sample(sorted(parts), min(len(parts), draw.choice((1, 1, 2)))):
        parts[name] = mutated([parts[name]], draw, words, largest)
    if parts and draw.random() < 0.1:
        del parts[draw.choice(sorted(parts))]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return made.getvalue()


def mutated(seeds: Sequence[bytes], draw: Draw, words: Sequence[bytes] = (), largest: int = LARGEST) -> bytes:
    """One of the seeds, damaged one to six times; ``words`` are those that mean something to its reader."""
    data = bytearray(draw.choice(seeds))
    for _ in range(draw.choice((1, 1, 1, 2, 3, 6))):
        if draw.random() < 0.15:
            _splice(data, draw.choice(seeds), draw)
        elif words and draw.random() < 0.2:
            at = draw.randrange(len(data) + 1)
            data[at : at + draw.choice((0, 0, 1, 4))] = draw.choice(words)
        else:
            draw.choice(_DAMAGES)(data, draw)
    return bytes(data[:largest])


def _splice(data: bytearray, other: bytes, draw: Draw) -> None:
    begin = draw.randrange(len(other) + 1)
    at = draw.randrange(len(data) + 1)
    data[at : at + draw.choice((0, 8, LARGEST))] = other[begin : begin + draw.choice((4, 32, LARGEST))]


def _flip(data: bytearray, draw: Draw) -> None:
    if data:
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)


def _overwrite(data: bytearray, draw: Draw) -> None:
    if data:
        data[draw.randrange(len(data))] = draw.choice((0, 0x7F, 0x80, 0xFF, draw.randrange(256)))


def _insert(data: bytearray, draw: Draw) -> None:
    at = draw.randrange(len(data) + 1)
    data[at:at] = draw.randbytes(draw.choice((1, 1, 2, 4, 16)))


def _delete(data: bytearray, draw: Draw) -> None:
    at = draw.randrange(len(data) + 1)
    del data[at : at + draw.choice((1, 1, 2, 4, 16, 128))]


def _cut(data: bytearray, draw: Draw) -> None:
    del data[draw.randrange(len(data) + 1) :]


def _repeat(data: bytearray, draw: Draw) -> None:
    at = draw.randrange(len(data) + 1)
    piece = data[at : at + draw.choice((1, 4, 16, 128))] * draw.choice((1, 1, 4, 64))
    data[at:at] = piece[:LARGEST]


def _flood(data: bytearray, draw: Draw) -> None:
    """Open brackets by the thousand: a reader that looks to the end for each one's other half takes for ever."""
    at = draw.randrange(len(data) + 1)
    piece = draw.choice(_OPENED) if draw.random() < 0.7 else bytes(data[at : at + draw.choice((1, 2, 3))])
    data[at:at] = (piece * LARGEST)[: LARGEST - min(len(data), LARGEST)]


def _size(data: bytearray, draw: Draw) -> None:
    kind = draw.choice((">H", "<H", ">I", "<I"))
    packed = struct.pack(kind, draw.choice(_SIZES) & (0xFFFF if kind.endswith("H") else 0xFFFFFFFF))
    at = draw.randrange(len(data) + 1)
    data[at : at + len(packed)] = packed


def _number(data: bytearray, draw: Draw) -> None:
    found = [each.span() for each in _NUMBER.finditer(data)]
    if found:
        begin, end = draw.choice(found)
        data[begin:end] = draw.choice(_NUMBERS)


def _swap_lines(data: bytearray, draw: Draw) -> None:
    lines = data.split(b"\n")
    one, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    data[:] = b"\n".join(lines)


_DAMAGES: tuple[Callable[[bytearray, Draw], None], ...] = (
    *(_flip, _flip, _overwrite, _insert, _delete, _cut, _repeat, _size, _number, _number, _swap_lines, _flood),
)
