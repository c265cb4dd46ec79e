"""OSC datagrams: bundles, and those that no good client sends (random, mutated, nearly right; seeded)."""

import random
import struct
from collections.abc import Iterator

from livegen.osc import packets
from livegen.osc.endpoint import Counters

ELSEWHERE = ("192.0.2.7", 5000)  # a source on another machine

_TAGS = "ifsbhdtTFNIcSrm[]xZ,\x00\xff"
_SIZES = (-(2**31), -16, -8, -4, -1, 0, 1, 2, 3, 4, 8, 12, 20, 64, 8192, 2**31 - 1)


def bundle(*elements: bytes, tag: int = 1) -> bytes:
    """A bundle of packets. ``tag`` 1 is at once."""
    return b"#bundle\0" + struct.pack(">Q", tag) + b"".join(struct.pack(">i", len(one)) + one for one in elements)


def time_tag(date: float) -> int:
    """The time tag of a date in seconds since 1970."""
    return int((date + packets.UNIX_EPOCH) * 2**32) % 2**64


GOOD = (
    packets.encode("/livegen/note", 60, 100),
    packets.encode("/livegen/note", 60.0, 100.0, 1.0, 7.0),
    packets.encode("/livegen/temperature", 0.5),
    packets.encode("/livegen/model", "folk"),
    packets.encode("/livegen/panic"),
    packets.encode("/livegen/{note,out}/[a-z]*", True, None, b"blob", (1, (2.0, "x"))),
    bundle(packets.encode("/livegen/note", 60, 1), bundle(packets.encode("/livegen/note", 62, 1)), tag=time_tag(1e9)),
)


def accounted(counters: Counters) -> int:
    """All that became of the datagrams received: if nothing is lost, as many as came."""
    return counters.handled + counters.late + counters.limited + counters.waiting + sum(counters.rejected.values())


def datagrams(count: int, seed: int) -> Iterator[bytes]:
    """``count`` datagrams, a third of each kind."""
    chance = random.Random(seed)
    kinds = (_random, _mutated, _structured)
    for index in range(count):
        yield kinds[index % 3](chance)


def _random(chance: random.Random) -> bytes:
    start = chance.choice((b"", b"/", b"#bundle\0", b"/a\0\0,", b"/livegen/note\0\0\0,"))
    return start + chance.randbytes(chance.choice((0, 1, 3, 4, 8, 12, 16, 40, 64)))


def _mutated(chance: random.Random) -> bytes:
    data = bytearray(chance.choice(GOOD))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        what = chance.randrange(5)
        if what == 0:
            data[at:at] = chance.randbytes(chance.choice((1, 4)))
        elif what == 1:
            del data[at : at + chance.choice((1, 4, 8))]
        elif what == 2:
            data[at : at + 4] = struct.pack(">i", chance.choice(_SIZES))
        elif what == 3 and at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        else:
            data[at:at] = data[: chance.randrange(len(data) + 1)]
    return bytes(data)


def _structured(chance: random.Random) -> bytes:
    if chance.random() < 0.5:
        tags = "".join(chance.choice(_TAGS) for _ in range(chance.randrange(8)))
        return _padded(b"/x") + _padded(b"," + tags.encode("latin-1")) + chance.randbytes(4 * chance.randrange(8))
    packet = chance.choice(GOOD)
    for _ in range(chance.randrange(12)):
        size = len(packet) if chance.random() < 0.9 else chance.choice(_SIZES)
        packet = b"#bundle\0" + chance.randbytes(8) + struct.pack(">i", size) + packet * chance.choice((1, 1, 1, 2))
    return packet


def _padded(text: bytes) -> bytes:
    return text + bytes(4 - len(text) % 4)
