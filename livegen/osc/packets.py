"""OSC packets to messages and back: iterative, bounded. PacketError is all that a bad datagram can raise.

Anybody can send a datagram, so every size in it is checked before it is used. What is odd and still says what it means
is understood: padding that is not zero, zero bytes too many at the end, a date that cannot be. An element of a bundle
that cannot be read costs itself, not the bundle.
"""

import math
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from livegen.errors import PacketError

LARGEST = 8192  # bytes of a datagram
MOST_MESSAGES = 256  # in a bundle, its inner bundles included
DEEPEST = 8  # bundles in bundles, arrays in arrays
MOST_ARGUMENTS = 64
LONGEST_ADDRESS = 255  # characters
UNIX_EPOCH = 2208988800  # seconds from 1900, where time tags begin, to 1970
# Seconds: a date further off than this, either way, is none: it counts from 1970, from when a board was switched on, in
# milliseconds.
FURTHEST = 24 * 3600.0

Argument = int | float | str | bytes | bool | None | tuple["Argument", ...]


class Message(NamedTuple):
    """One OSC message. ``due`` is the time from now to its time tag in seconds; None without one."""

    address: str
    args: tuple[Argument, ...] = ()
    due: float | None = None


class _Header(NamedTuple):
    """A message's address and type tags, already read; all its arguments are plain numbers."""

    address: str
    unpack: Callable[[bytes, int], tuple[Any, ...]]
    length: int


_BUNDLE = b"#bundle\0"
_REMEMBERED = (
    512  # headers kept; beyond that all are forgotten, so that a flood of new addresses cannot fill the memory
)
_headers: dict[bytes, _Header] = {}
_packers: dict[tuple[str, tuple[type, ...]], tuple[bytes, Callable[..., bytes]]] = {}

_INT32 = struct.Struct(">i")
_TIME_TAG = struct.Struct(">Q")
_NUMBERS = {
    tag: struct.Struct(">" + code) for tag, code in zip("ifhdtrm", ("i", "f", "q", "d", "Q", "I", "4s"), strict=True)
}
_CONSTANTS: dict[str, Argument] = {"T": True, "F": False, "N": None, "I": math.inf}


def decode(datagram: bytes, date: float, refused: list[PacketError] | None = None) -> list[Message]:
    """The messages of one datagram, in order. ``date``, for time tags only, is the wall clock in seconds since 1970.

    Types: i h r t int, f d float, s S c str, b m bytes, T F bool, N None, I infinity, [ ] tuple.
    Raises PacketError, and no other exception, for what is no OSC 1.0 within the limits above; for an element of a
    bundle only where no list is given that such errors are added to.
    """
    end = (datagram.find(b"\0", datagram.find(b"\0,") + 1) + 4) & -4
    header = _headers.get(datagram[:end])
    if header is not None and len(datagram) == header.length:
        return [Message(header.address, header.unpack(datagram, end))]
    if len(datagram) > LARGEST:
        raise PacketError(f"The OSC packet has {len(datagram)} bytes; send at most {LARGEST}.")
    if odd := len(datagram) % 4:
        if any(datagram[-odd:]):
            raise PacketError(f"The OSC packet has {len(datagram)} bytes; OSC packets are a multiple of four long.")
        datagram = datagram[:-odd]
    if datagram.startswith(_BUNDLE):
        return _bundle(datagram, date, refused)
    return [_message(datagram, 0, len(datagram), None)]


def encode(address: str, *args: Argument) -> bytes:
    """One message as a datagram: int i (h beyond 32 bits), float f, str s, bytes b, bool T or F, None N, tuple [ ].

    Raises PacketError for an address or argument that OSC cannot carry.
    """
    try:
        header, pack = _packers[address, tuple(map(type, args))]
        return header + pack(*args)
    except (KeyError, struct.error, OverflowError):
        return _encode(address, args)


def _bundle(datagram: bytes, date: float, refused: list[PacketError] | None) -> list[Message]:
    messages: list[Message] = []
    errors: list[PacketError] = []
    # For each open bundle: the place to continue reading, its end, and its due time.
    at, due = _open_bundle(datagram, 0, len(datagram), date, None)
    reading: list[tuple[int, int, float | None]] = [(at, len(datagram), due)]
    while reading:
        at, end, due = reading.pop()
        if at == end:
            continue
        try:
            start, stop = _element(datagram, at, end)
            reading.append((stop, end, due))
            if start == stop:
                continue
            if not datagram.startswith(_BUNDLE, start):
                messages.append(_message(datagram, start, stop, due))
            elif len(reading) == DEEPEST:
                raise PacketError(f"The OSC bundle nests more than {DEEPEST} deep; send flat bundles.")
            else:
                at, inner = _open_bundle(datagram, start, stop, date, due)
                reading.append((at, stop, inner))
        except PacketError as error:
            if refused is None:
                raise
            errors.append(error)
        if len(messages) + len(errors) > MOST_MESSAGES:
            raise PacketError(f"The OSC bundle holds more than {MOST_MESSAGES} messages; send smaller bundles.")
    if refused is not None:
        refused += errors
    return messages


def _open_bundle(data: bytes, start: int, end: int, date: float, outer: float | None) -> tuple[int, float | None]:
    """The place of a bundle's first element, and its due time; an inner bundle is never due before the outer one."""
    if end - start < 16:
        raise PacketError("The OSC bundle ends before its time tag; the sender cuts its packets short.")
    (tag,) = _TIME_TAG.unpack_from(data, start + 8)
    if tag <= 1:  # at once; OSC says 1, and some clients leave it at 0
        return start + 16, outer
    due = tag / 2**32 - UNIX_EPOCH - date
    if due < -(2**31):  # time tags start again at 0 in 2036
        due += 2**32
    if abs(due) > FURTHEST:
        return start + 16, outer
    return start + 16, due if outer is None else max(due, outer)


def _element(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The beginning and end of the bundle element whose size is at ``at``; a size of 0 is a word too many.

    All bounds are multiples of four."""
    (size,) = _INT32.unpack_from(data, at)
    if size < 0 or size % 4 or size > end - at - 4:
        raise PacketError(f"An OSC bundle element gives {size} as its size, which cannot be; the packet is broken.")
    return at + 4, at + 4 + size


def _message(data: bytes, start: int, end: int, due: float | None) -> Message:
    raw, at = _string(data, start, end)
    if not raw.startswith(b"/") or len(raw) > LONGEST_ADDRESS or not raw.isascii():
        raise PacketError(f"An OSC address is / and at most {LONGEST_ADDRESS - 1} ASCII characters; this is not one.")
    address = raw.decode("ascii")
    if not address.isprintable():
        raise PacketError("The OSC address holds control characters; the packet is broken.")
    if at == end:  # some clients leave out the type tags when there are no arguments
        return Message(address, (), due)
    if data[at] != 0x2C:
        return Message(address, _untagged(data, at, end, address), due)
    tags_raw, body = _string(data, at, end)
    tags = tags_raw[1:].decode("latin-1")
    if len(tags) > MOST_ARGUMENTS:
        raise PacketError(f"The OSC message {address[:40]} has more than {MOST_ARGUMENTS} arguments.")
    args, stop = _arguments(data, tags, body, end, address)
    if any(data[stop:end]):
        raise PacketError(f"The OSC message {address[:40]} has bytes that its type tags do not name.")
    if not tags.strip("ifhd"):
        _remember(data[start:body], address, tags)
    return Message(address, args, due)


def _untagged(data: bytes, at: int, end: int, address: str) -> tuple[Argument, ...]:
    """The arguments of a message without type tags, which OSC 1.0 asks us to be robust about: numbers of four bytes.

    As no sensible float has the bits of a small int, nor a small int those of a sensible float, each says what it is.
    """
    numbers: list[Argument] = []
    for place in range(at, end, 4):
        (whole,), (real,) = _INT32.unpack_from(data, place), _NUMBERS["f"].unpack_from(data, place)
        if not -(2**23) <= whole < 2**23 and not 1e-6 < abs(real) < 1e9:
            raise PacketError(f"The OSC message {address[:40]} has no type tags; let the sender write them.")
        numbers.append(whole if -(2**23) <= whole < 2**23 else real)
    if len(numbers) > MOST_ARGUMENTS:
        raise PacketError(f"The OSC message {address[:40]} has more than {MOST_ARGUMENTS} arguments.")
    return tuple(numbers)


def _remember(header: bytes, address: str, tags: str) -> None:
    """Keep the header of a message of plain numbers, so that the next one like it is read in one step."""
    if len(_headers) >= _REMEMBERED:
        _headers.clear()
    numbers = struct.Struct(">" + tags.replace("h", "q"))
    _headers[header] = _Header(address, numbers.unpack_from, len(header) + numbers.size)


def _arguments(data: bytes, tags: str, at: int, end: int, address: str) -> tuple[tuple[Argument, ...], int]:
    """The arguments that ``tags`` name, and where they end."""
    open_arrays: list[list[Argument]] = [[]]
    for tag in tags:
        value: Argument
        if tag == "[":
            open_arrays.append([])
            if len(open_arrays) > DEEPEST:
                raise PacketError(f"The OSC message {address[:40]} nests arrays more than {DEEPEST - 1} deep.")
            continue
        if tag == "]":
            value = tuple(open_arrays.pop())
            if not open_arrays:
                raise PacketError(f"The OSC message {address[:40]} closes an array that it did not open.")
        elif tag in _CONSTANTS:
            value = _CONSTANTS[tag]
        else:
            value, at = _argument(data, tag, at, end, address)
        open_arrays[-1].append(value)
    if len(open_arrays) > 1:
        raise PacketError(f"The OSC message {address[:40]} opens an array that it does not close.")
    return tuple(open_arrays[0]), at


def _argument(data: bytes, tag: str, at: int, end: int, address: str) -> tuple[Argument, int]:
    number = _NUMBERS.get(tag)
    if number is not None:
        if number.size > end - at:
            raise PacketError(f"The OSC message {address[:40]} ends within its arguments; it was cut short.")
        return number.unpack_from(data, at)[0], at + number.size
    if tag in "sS":
        text, at = _string(data, at, end)
        return text.decode("utf-8", "replace"), at
    if end - at >= 4 and tag in "bc":
        (value,) = _INT32.unpack_from(data, at)
        if tag == "b":
            return _blob(data, at + 4, end, value)
        if 0 <= value < 128:
            return chr(value), at + 4
    raise PacketError(f"The OSC message {address[:40]} has an argument of type {tag!r} that cannot be read.")


def _blob(data: bytes, at: int, end: int, size: int) -> tuple[bytes, int]:
    stop = at + (size + 3 & -4)
    if size < 0 or stop > end:
        raise PacketError(f"An OSC blob gives {size} as its size, which cannot be; the packet is broken.")
    return data[at : at + size], stop


def _string(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    """The string that begins at ``at``, and the place after it. ``at`` and ``end`` are multiples of four.

    One zero byte ends it. Some senders leave what was in their memory in the other bytes up to a multiple of four."""
    null = data.find(b"\0", at, end)
    if null < 0:
        raise PacketError("An OSC string is not ended by one to four zero bytes; the packet is broken.")
    return data[at:null], (null + 4) & -4


def _encode(address: str, args: tuple[Argument, ...]) -> bytes:
    sound = address.startswith("/") and address.isascii() and address.isprintable()
    if not sound or len(address) > LONGEST_ADDRESS:
        raise PacketError(f"{address[:40]!r} is not an OSC address: it takes / and printable ASCII characters.")
    tags: list[str] = []
    try:
        body = b"".join(_pack(value, tags) for value in args)
    except (struct.error, OverflowError, RecursionError):
        raise PacketError(f"An argument of {address[:40]} is too large for OSC.") from None
    header = _padded(address.encode()) + _padded(b"," + "".join(tags).encode())
    if len(tags) > MOST_ARGUMENTS or len(header) + len(body) > LARGEST:
        raise PacketError(f"The OSC message {address[:40]} is too long: at most {MOST_ARGUMENTS} arguments.")
    types = tuple(map(type, args))
    if set(types) <= {int, float} and "h" not in tags:
        if len(_packers) >= _REMEMBERED:
            _packers.clear()
        _packers[address, types] = header, struct.Struct(">" + "".join(tags)).pack
    return header + body


def _pack(value: Argument, tags: list[str]) -> bytes:
    """One argument's bytes; its type tags are appended to ``tags``."""
    if value is None or isinstance(value, bool):
        tags.append({None: "N", True: "T", False: "F"}[value])
        return b""
    if isinstance(value, int):
        tags.append("i" if -(2**31) <= value < 2**31 else "h")
        return _NUMBERS[tags[-1]].pack(value)
    if isinstance(value, float):
        tags.append("f")
        return _NUMBERS["f"].pack(value)
    if isinstance(value, tuple):
        tags.append("[")
        body = b"".join([_pack(inner, tags) for inner in value])
        tags.append("]")
        return body
    if isinstance(value, str) and "\0" not in value:
        tags.append("s")
        return _padded(value.encode("utf-8", "replace"))
    if isinstance(value, bytes):
        tags.append("b")
        return _INT32.pack(len(value)) + value + bytes(-len(value) % 4)
    raise PacketError(f"OSC cannot carry {value!r:.40}; send numbers and text.")


def _padded(text: bytes) -> bytes:
    return text + bytes(4 - len(text) % 4)
