"""The OSC codec: it reads good packets, refuses bad ones, and raises nothing else for any input."""

import contextlib
import gc
import math
import os
import struct
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage, ParseError
from pythonosc.osc_message_builder import OscMessageBuilder

from livegen.errors import PacketError
from livegen.osc import packets
from livegen.osc.packets import Argument, Message, decode, encode
from tests.support.osc_traffic import bundle, datagrams, time_tag

MALFORMED = int(os.environ.get("LIVEGEN_OSC_FUZZ", "200000"))
SLOWEST = 0.25  # seconds of work a datagram may take, with much room for a slow machine

addresses = st.from_regex(r"/[a-z0-9_/*?]{0,60}", fullmatch=True)
plain = st.integers(-(2**63), 2**63 - 1) | st.floats(width=32, allow_nan=False) | st.booleans() | st.none()
text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
arguments = st.recursive(
    plain | text | st.binary(max_size=30), lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=8
).filter(lambda value: extent(value) <= 20 and depth(value) <= 7)


def extent(value: Argument) -> int:
    """The number of type tags that an argument needs."""
    return 2 + sum(map(extent, value)) if isinstance(value, tuple) else 1


def depth(value: Argument) -> int:
    """The depth of nested arrays."""
    return 1 + max(map(depth, value), default=0) if isinstance(value, tuple) else 0


@given(addresses, st.lists(arguments, max_size=3))
def test_what_is_encoded_is_decoded(address: str, args: list[Argument]) -> None:
    for _ in range(2):  # the second time from the remembered header
        assert decode(encode(address, *args), 0.0) == [Message(address, tuple(args))]


@given(addresses, st.lists(st.integers(-(2**31), 2**31 - 1) | st.floats(width=32) | text | st.booleans(), max_size=5))
def test_python_osc_reads_and_writes_the_same_bytes(address: str, args: list[Any]) -> None:
    builder = OscMessageBuilder(address)
    for arg in args:
        builder.add_arg(arg, builder.ARG_TYPE_INT if type(arg) is int else None)
    assert encode(address, *args) == builder.build().dgram


def _theirs(datagram: bytes) -> tuple[str, str] | None:
    """python-osc's reading, for comparing; None when it refuses."""
    try:
        message = OscMessage(datagram)
    except (ParseError, UnicodeDecodeError):
        return None
    return message.address, repr(message.params).replace("[", "(").replace("]", ")").replace(",)", ")")


def test_python_osc_agrees_where_both_accept() -> None:
    compared = 0
    for datagram in datagrams(30_000, seed=2):
        try:
            messages = decode(datagram, 0.0)
        except PacketError:
            continue  # python-osc loops for ever on some of these
        if len(messages) != 1 or datagram.startswith(b"#"):
            continue
        if not datagram.startswith(b"#") and datagram[(datagram.find(b"\0") + 4) & -4 :][:1] != b",":
            continue  # its type tags were left out
        tags = datagram[datagram.find(b"\0,") + 2 :].split(b"\0")[0]
        theirs = _theirs(datagram)
        if theirs is None or not set(tags) <= set(b"ifhdsbTFN[]"):
            continue
        ours = repr(list(messages[0].args)).replace("[", "(").replace("]", ")").replace(",)", ")")
        assert (messages[0].address, ours) == theirs
        compared += 1
    assert compared > 500


def test_all_argument_types_are_read() -> None:
    body = struct.pack(">ifqdQIi4s", -1, 0.5, 2**40, 0.1, 7, 0xFF00FF00, ord("x"), b"\0\x90\x3c\x40") + b"ab\0\0"
    datagram = b"/a\0\0" + b",ifhdtrcmSTFNI[]\0\0\0\0" + body
    (message,) = decode(datagram[: 4 + 20] + body, 0.0)
    expected = (-1, 0.5, 2**40, 0.1, 7, 0xFF00FF00, "x", b"\0\x90\x3c\x40", "ab", True, False, None, math.inf, ())
    assert message.args == expected


def test_bad_utf8_in_a_string_is_replaced() -> None:
    assert decode(b"/a\0\0,s\0\0\xff\xfe\0\0", 0.0)[0].args == ("\ufffd\ufffd",)


@pytest.mark.parametrize(
    ("datagram", "because"),
    [
        (b"", "not ended"),
        (b"/a\0", "multiple of four"),
        (b"/abc", "not ended"),
        (b"note\0\0\0\0", "an OSC address is /"),
        (b"/\xc3\xa9\0", "an OSC address is /"),
        (b"/a\x1b\0,\0\0\0", "control characters"),
        (b"/" + b"a" * 255 + b"\0" * 4, "at most 254"),
        (b"/a\0\0abc\0", "no type tags"),
        (b"/a\0\0,i\0\0", "cut short"),
        (b"/a\0\0,if\0\0\0\0\0", "cut short"),
        (b"/a\0\0,i\0\0\0\0\0\1\0\0\0\1", "do not name"),
        (b"/a\0\0,z\0\0", "type 'z'"),
        (b"/a\0\0,c\0\0\0\0\1\0", "type 'c'"),
        (b"/a\0\0,b\0\0\xff\xff\xff\xfc", "-4 as its size"),
        (b"/a\0\0,b\0\0\0\0\0\5abcd", "5 as its size"),
        (b"/a\0\0,s\0\0abcd", "not ended"),
        (b"/a\0\0,[\0\0", "does not close"),
        (b"/a\0\0,]\0\0", "did not open"),
        (b"/a\0\0," + b"[" * 9 + b"\0\0", "more than 7 deep"),
        (b"/a\0\0," + b"T" * 65 + b"\0\0", "more than 64"),
        (b"#bundle\0\0\0\0\0", "before its time tag"),
        (bundle() + b"\0\0\0\1", "1 as its size"),
        (bundle() + b"\xff\xff\xff\xf0" + bytes(16), "-16 as its size"),
        (bundle() + b"\0\0\0\x08/a\0\0", "8 as its size"),
        (bundle(*[b"/a\0\0"] * 257), "more than 256"),
        (bytes(8196), "8196 bytes"),
    ],
)
def test_a_broken_packet_is_refused_in_one_sentence(datagram: bytes, because: str) -> None:
    with pytest.raises(PacketError, match="(?i)" + because):
        decode(datagram, 0.0)


NOTE = b"/note\0\0\0,ii\0" + struct.pack(">ii", 60, 100)


@pytest.mark.parametrize(
    ("datagram", "args"),
    [
        (b"/note\0\1\2" + NOTE[8:], (60, 100)),
        (b"/note\0\xff\xff,i\0\3" + struct.pack(">i", 60), (60,)),
        (b"/a\0\0,bi\0" + struct.pack(">i", 3) + b"abc\4" + struct.pack(">i", 7), (b"abc", 7)),
        (b"/a\0\0,si\0" + b"ab\0x" + struct.pack(">i", 7), ("ab", 7)),
        (NOTE + bytes(4), (60, 100)),
        (NOTE + bytes(8), (60, 100)),
        (NOTE + bytes(1), (60, 100)),
        (NOTE + bytes(3), (60, 100)),
        (b"/a\0\0,\0\0\0" + bytes(4), ()),
        (bundle(NOTE) + bytes(4), (60, 100)),
        (bundle(NOTE) + bytes(2), (60, 100)),
        (bundle(NOTE + bytes(4)), (60, 100)),
        (bundle(bundle() + bytes(4), NOTE), (60, 100)),
    ],
)
def test_dirty_padding_and_zeros_too_many_are_understood(datagram: bytes, args: tuple[Argument, ...]) -> None:
    for _ in range(2):  # the second time perhaps from a remembered header
        assert [message.args for message in decode(datagram, 0.0)] == [args]


@pytest.mark.parametrize("excess", [b"\1", b"\0\0\0\1", b"\0\1", b"\0\0\0\0\0\0\0\7"])
def test_other_bytes_too_many_are_no_padding(excess: bytes) -> None:
    with pytest.raises(PacketError, match=r"do not name|multiple of four"):
        decode(NOTE + excess, 0.0)


ODD = {
    "non-ASCII address": "/nøte".encode() + b"\0\0,\0\0\0",
    "type tag of one's own": b"/a\0\0,z\0\0" + bytes(4),
    "no address": b"note\0\0\0\0,\0\0\0",
    "cut short": b"/a\0\0,ii\0" + bytes(4),
    "too many arguments": b"/a\0\0," + b"T" * 65 + b"\0\0",
    "no time tag": b"#bundle\0",
    "a bundle that is cut short": bundle(NOTE)[:16] + struct.pack(">i", 40),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_element_costs_itself_not_the_bundle(odd: bytes) -> None:
    for datagram in (bundle(NOTE, odd, NOTE), bundle(bundle(odd, NOTE), NOTE), bundle(NOTE, bundle(NOTE, odd))):
        refused: list[PacketError] = []
        assert [message.args for message in decode(datagram, 0.0, refused)] == [(60, 100)] * 2
        assert len(refused) == 1
        with pytest.raises(PacketError, match=str(refused[0])[:20]):
            decode(datagram, 0.0)


def test_what_stands_before_a_size_that_cannot_be_is_read() -> None:
    refused: list[PacketError] = []
    datagram = bundle(bundle(NOTE) + struct.pack(">i", -4) + NOTE, NOTE)
    assert [message.args for message in decode(datagram, 0.0, refused)] == [(60, 100)] * 2
    assert [str(error) for error in refused] == [
        "An OSC bundle element gives -4 as its size, which cannot be; the packet is broken."
    ]


def test_elements_that_are_refused_count_too() -> None:
    assert len(decode(bundle(*[NOTE] * 128, *[ODD["no address"]] * 128), 0.0, [])) == 128
    with pytest.raises(PacketError, match="more than 256"):
        decode(bundle(*[NOTE] * 128, *[ODD["no address"]] * 129), 0.0, [])


NOW = 1.8e9  # seconds since 1970


@pytest.mark.parametrize(
    "tag",
    [
        int(NOW * 2**32),  # since 1970
        7 << 32,  # since a board was switched on
        7000 << 32,
        int(NOW * 1000),  # milliseconds
        int(NOW * 1000 % 2**32) << 32,
        time_tag(NOW + 10 * 365.25 * 86400),
        time_tag(NOW - 40 * 365.25 * 86400),
        time_tag(NOW + packets.FURTHEST + 1),
        time_tag(NOW - packets.FURTHEST - 1),
        2**64 - 1,
    ],
)
def test_a_date_that_cannot_be_is_none(tag: int) -> None:
    assert decode(bundle(NOTE, tag=tag), NOW)[0].due is None
    within = bundle(bundle(NOTE, tag=tag), tag=time_tag(NOW + 1))
    assert decode(within, NOW)[0].due == pytest.approx(1)
    around = bundle(bundle(NOTE, tag=time_tag(NOW + 1)), tag=tag)
    assert decode(around, NOW)[0].due == pytest.approx(1)


@pytest.mark.parametrize("off", [packets.FURTHEST - 1, 1 - packets.FURTHEST])
def test_a_date_within_a_day_is_one(off: float) -> None:
    assert decode(bundle(NOTE, tag=time_tag(NOW + off)), NOW)[0].due == pytest.approx(off)


def test_bundles_keep_their_order_and_an_inner_one_is_never_before_the_outer() -> None:
    first, second, third = (encode("/n", number) for number in (1, 2, 3))
    tag = time_tag(1000.5)
    inner = [bundle(second, tag=1), bundle(second, tag=time_tag(1000.2)), bundle(third, tag=time_tag(1002.0))]
    datagram = bundle(first, *inner, first, tag=tag)
    heard = [(message.args[0], message.due) for message in decode(datagram, 1000.0)]
    assert heard == [(1, 0.5), (2, 0.5), (2, 0.5), (3, 2.0), (1, 0.5)]
    assert decode(bundle(first), 1000.0)[0].due is None
    assert decode(bundle(first, tag=0), 1000.0)[0].due is None


def test_time_tags_go_on_when_they_begin_anew() -> None:
    anew = 2**32 - packets.UNIX_EPOCH  # 7 February 2036
    for tagged, date in ((anew + 1, anew - 1), (anew + 5, anew + 3), (anew - 2, anew - 4)):
        assert decode(bundle(encode("/n"), tag=time_tag(tagged)), date)[0].due == 2.0
    assert decode(bundle(encode("/n"), tag=time_tag(anew - 1)), anew + 1)[0].due == -2.0


def test_nesting_is_limited() -> None:
    packet = encode("/n", 1)
    for _ in range(packets.DEEPEST):
        packet = bundle(packet)
    assert decode(packet, 0.0)[0].args == (1,)
    with pytest.raises(PacketError, match="nests"):
        decode(bundle(packet), 0.0)


def test_a_missing_type_tag_string_means_no_arguments() -> None:
    assert decode(b"/a\0\0", 0.0) == [Message("/a")]


@pytest.mark.parametrize(
    ("numbers", "packed"),
    [
        ((0.5,), struct.pack(">f", 0.5)),
        ((60, 100), struct.pack(">ii", 60, 100)),
        ((-1, 0, -440.0), struct.pack(">iif", -1, 0, -440.0)),
        ((60.0, 100.0, 1.0), struct.pack(">fff", 60, 100, 1)),
    ],
)
def test_numbers_without_type_tags_are_understood(numbers: tuple[float, ...], packed: bytes) -> None:
    """As some senders leave the tags out, and OSC 1.0 asks us to be robust about it."""
    args = decode(b"/a\0\0" + packed, 0.0)[0].args
    assert args == numbers
    assert [type(one) for one in args] == [type(one) for one in numbers]


@pytest.mark.parametrize("packed", [b"folk", b"\x7f\x80\0\0", b"\x7f\xc0\0\0", b"\1\0\0\0", b"\0\0\0\1" * 65])
def test_what_can_be_no_numbers_is_not_guessed_at(packed: bytes) -> None:
    with pytest.raises(PacketError, match=r"no type tags|more than 64"):
        decode(b"/a\0\0" + packed, 0.0)


@pytest.mark.parametrize(
    ("address", "args"),
    [
        ("note", ()),
        ("/é", ()),
        ("/a\n", ()),
        ("/" + "a" * 255, ()),
        ("/a", (2**63,)),
        ("/a", (1e300,)),
        ("/a", ("a\0b",)),
        ("/a", (1,) * 65),
        ("/a", ("x" * 9000,)),
        ("/a", ({},)),
    ],
)
def test_what_osc_cannot_carry_is_not_encoded(address: str, args: tuple[Any, ...]) -> None:
    with pytest.raises(PacketError):
        encode(address, *args)


def test_what_is_remembered_is_bounded() -> None:
    for number in range(2000):
        assert decode(encode(f"/a{number}", number), 0.0)[0].args == (number,)
    assert len(packets._headers) <= packets._REMEMBERED
    assert len(packets._packers) <= packets._REMEMBERED


@pytest.mark.parametrize("number", [1, 0.5, 2**40])
def test_a_remembered_header_does_not_excuse_a_wrong_length(number: float) -> None:
    datagram = encode("/short", number, number)
    decode(datagram, 0.0)
    header = len(b"/short\0\0,ii\0")
    for wrong in (datagram + b"\0\0\0\1", *(datagram[:length] for length in range(header, len(datagram)))):
        with pytest.raises(PacketError):
            decode(wrong, 0.0)


def test_whole_numbers_of_every_size() -> None:
    for number in (2**31, 1, 2**31 - 1, -(2**31), -(2**31) - 1, 2**63 - 1, -(2**63), 0):
        assert decode(encode("/whole", number), 0.0)[0].args == (number,)
    assert b",i\0" in encode("/whole", 2**31 - 1)
    assert b",h\0" in encode("/whole", -(2**31) - 1)


def _seconds(datagram: bytes) -> float:
    """CPU seconds that decoding takes. Whatever is raised but PacketError comes out."""
    start = time.thread_time()
    with contextlib.suppress(PacketError):
        decode(datagram, 1e9)
    return time.thread_time() - start


def test_malformed_datagrams_raise_nothing_else_and_take_no_time() -> None:
    gc.collect()
    gc.disable()  # a collection of the whole test process is not the codec's doing
    try:
        for datagram in datagrams(MALFORMED, seed=1):
            if _seconds(datagram) > SLOWEST:
                assert min(_seconds(datagram) for _ in range(3)) <= SLOWEST, datagram.hex()
    finally:
        gc.enable()


def test_what_is_accepted_is_written_back_byte_for_byte_but_for_padding() -> None:
    compared = same = 0
    for datagram in datagrams(30_000, seed=3):
        try:
            messages = decode(datagram, 0.0)
        except PacketError:
            continue
        if not datagram.startswith(b"#") and datagram[(datagram.find(b"\0") + 4) & -4 :][:1] != b",":
            continue  # its type tags were left out
        tags = datagram[datagram.find(b"\0,") + 2 :].split(b"\0")[0]
        if datagram.startswith(b"#") or b"\0," not in datagram or not set(tags) <= set(b"ifsbTFN[]"):
            continue
        message = messages[0]
        if "nan" not in repr(message.args) and "\ufffd" not in repr(message.args):
            written = encode(message.address, *message.args)
            assert decode(written, 0.0) == messages
            # What differs is padding that was not zero, or zeros too many.
            assert all(ours == theirs or ours == 0 for ours, theirs in zip(written, datagram, strict=False))
            assert not any(datagram[len(written) :])
            compared += 1
            same += written == datagram
    assert compared > same > 500
