"""The OSC address table: what each address takes, refuses, and does; patterns; the table for the README."""

import difflib
import itertools
import math
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from livegen import settings
from livegen.control import arguments
from livegen.control.addresses import BY_ADDRESS, METHODS, reference
from livegen.control.dispatch import dispatch
from livegen.errors import LivegenError, PacketError, SettingsError
from livegen.osc.packets import Argument, Message, encode
from livegen.osc.patterns import MOST_WILDCARDS, compile_pattern
from livegen.session import verbs
from livegen.spec import PRESSED
from tests.support.performing import Performing

HERE = ("127.0.0.1", 50000)


def done(address: str, *args: Argument, voices: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
    """The calls that one message led to."""
    performing = Performing(*voices)
    dispatch(Message(address, args), HERE, performing.commands)
    return performing.done


@pytest.mark.parametrize(
    ("address", "args", "expected"),
    [
        ("/livegen/note", (60, 100), ("note", 60, 100, 1, 0)),
        ("/livegen/note", (60.0, 100.0), ("note", 60, 100, 1, 0)),
        ("/livegen/note", (60, 0, 16), ("note", 60, 0, 16, 0)),
        ("/livegen/note", (0.0, 127.0, 10.0, 7.0), ("note", 0, 127, 10, 7)),
        ("/livegen/note", (59.6, 99.7), ("note", 60, 100, 1, 0)),
        ("/livegen/panic", (), ("panic",)),
        ("/livegen/panic", (127.0,), ("panic",)),
        ("/livegen/panic", ("bang", None, math.inf), ("panic",)),
        ("/livegen/reset", (), ("reset",)),
        ("/livegen/reset", (1.0,), ("reset",)),
        ("/livegen/forget", (), ("forget",)),
        ("/livegen/reply", (), ("reply",)),
        ("/livegen/reply", (1.0,), ("reply",)),
        ("/livegen/reply", ("bar",), ("reply", "bar")),
        ("/livegen/again", (127,), ("again",)),
        ("/livegen/stop", (1,), ("stop",)),
        ("/livegen/listen", (), ("listen", "127.0.0.1", 50000)),
        ("/livegen/listen", (9000.0,), ("listen", "127.0.0.1", 9000)),
        ("/livegen/ping", (), ("tell", "/livegen/pong")),
        ("/livegen/ping", (7,), ("tell", "/livegen/pong", 7)),
        ("/livegen/mode", ("duet",), ("set", "mode", "duet")),
        ("/livegen/mode", (3.0,), ("set", "mode", "duet")),
        ("/livegen/preset", ("calm",), ("preset", "calm")),
        ("/livegen/preset", (5.0,), ("preset", "5")),
        ("/livegen/cue", ("Verse 2",), ("cue", "Verse 2")),
        ("/livegen/cue", (), ("cue", None)),
        ("/livegen/song", (2,), ("song", "2")),
        ("/livegen/learn", ("cue next",), ("learn", "cue next")),
        ("/livegen/learn", (), ("learn", None)),
        ("/livegen/unlearn", ("touch",), ("unlearn", "touch")),
        ("/livegen/ramp", ("memory", 0.0, 1.0, 16.0), ("ramp", "memory", 0.0, 1.0, 16.0)),
        ("/livegen/model", ("folk-2_b",), ("set", "model", "folk-2_b")),
        ("/livegen/temperature", (1,), ("set", "temperature", 1.0)),
        ("/livegen/polyphony", (4.0,), ("set", "polyphony", 4)),
        ("/livegen/polyphony", (True,), ("set", "polyphony", 1)),
        ("/livegen/temperature", (), ("get", "temperature")),
    ],
)
def test_what_an_address_does(address: str, args: tuple[Argument, ...], expected: tuple[Any, ...]) -> None:
    assert done(address, *args) == [expected]


@pytest.mark.parametrize(
    ("address", "args", "expected"),
    [
        ("/livegen/voice/bass/temperature", (1,), [("set", "bass", "temperature", 1.0)]),
        ("/livegen/voice/bass/temperature", (), [("get", "bass", "temperature")]),
        ("/livegen/voice/bass/mode", ("duet",), [("set", "bass", "mode", "duet")]),
        ("/livegen/voice/bass/hears", (), [("get", "bass", "hears")]),
        ("/livegen/voice/bass/hears", ("lead", "performer"), [("set", "bass", "hears", "lead", "performer")]),
        ("/livegen/voice/*/touch", (0.5,), [("set", "lead", "touch", 0.5), ("set", "bass", "touch", 0.5)]),
        (
            "/livegen/voice/b[a-z]ss/{touch,follow}",
            (0,),
            [("set", "bass", "follow", 0.0), ("set", "bass", "touch", 0.0)],
        ),
        ("/livegen/out/voice/bass/next", (1, 60, 0.5, 90, 0.5), []),  # another server says so
    ],
)
def test_what_is_asked_of_one_voice(address: str, args: tuple[Argument, ...], expected: list[tuple[Any, ...]]) -> None:
    assert done(address, *args, voices=("lead", "bass")) == expected


@pytest.mark.parametrize(
    ("address", "args", "voices", "because"),
    [
        ("/livegen/voice/flute/touch", (0.5,), ("lead", "bass"), "no voice flute; there are lead, bass"),
        ("/livegen/voice/bass/touch", (0.5,), (), "only one, without a name"),
        ("/livegen/voice/bass/tempo", (120,), ("bass",), "There is no address"),
        ("/livegen/voice/bass/hears", (60,), ("bass",), "takes a name"),
        ("/livegen/voice/flute/*", (60,), ("bass",), "No address matches"),
    ],
)
def test_what_a_voice_refuses(address: str, args: tuple[Argument, ...], voices: tuple[str, ...], because: str) -> None:
    with pytest.raises(PacketError, match=because):
        done(address, *args, voices=voices)


def test_numbers_come_as_the_kind_that_is_wanted() -> None:
    ((_, *note),) = done("/livegen/note", 60.0, 100.0, 2.0, 3.0)
    assert [type(value) for value in note] == [int] * 4
    assert type(done("/livegen/temperature", 1)[0][2]) is float


@pytest.mark.parametrize("verb", ["reset", "forget", "reply", "again", "stop", "preset", "cue", "song"])
def test_a_buttons_release_does_nothing(verb: str) -> None:
    assert done(f"/livegen/{verb}", 0.0) == []


@pytest.mark.parametrize(
    ("address", "args", "because"),
    [
        ("/livegen/note", (), "takes the arguments pitch velocity \\[channel\\] \\[id\\]; it got 0"),
        ("/livegen/note", (60,), "it got 1"),
        ("/livegen/note", (60, 1, 1, 1, 1), "it got 5"),
        ("/livegen/note", (128, 100), "a pitch of 0 to 127; it got 128"),
        ("/livegen/note", (128, 100, 1, 1), "a pitch of 0 to 127; it got 128"),
        ("/livegen/note", (60, 128, 1, 1), "a velocity of 0 to 127; it got 128"),
        ("/livegen/note", (60, 100, 0, 1), "a channel of 1 to 16; it got 0"),
        ("/livegen/note", (60, 100, 1, -1), "an? id of"),
        ("/livegen/note", (-1.0, 100), "a pitch of"),
        ("/livegen/note", (60, 127.6), "a velocity of"),
        ("/livegen/note", (60, 100, 0), "a channel of 1 to 16"),
        ("/livegen/note", (60, 100, 17), "a channel of"),
        ("/livegen/note", (60, 100, 1, -1), "an? id of 1 or more"),
        ("/livegen/note", (math.nan, 100), "takes numbers"),
        ("/livegen/note", (60, math.inf), "takes numbers"),
        ("/livegen/note", ("C4", 100), "takes numbers; it got 'C4'"),
        ("/livegen/note", (None, 100), "takes numbers"),
        ("/livegen/note", ((60,), 100), "takes numbers"),
        ("/livegen/temperature", (math.nan,), "takes numbers"),
        ("/livegen/temperature", ("0.5",), "takes numbers"),
        ("/livegen/listen", (0,), "a port of 1 to 65535"),
        ("/livegen/mode", (0,), "takes a name"),
        ("/livegen/mode", (2.5,), "takes a name"),
        ("/livegen/mode", (99,), "takes a name"),
        ("/livegen/mode", ("os:system",), "takes a name of a-z"),
        ("/livegen/mode", ("my.module:function",), "takes a name of a-z"),
        ("/livegen/model", ("../../secret",), "takes a name of a-z"),
        ("/livegen/model", ("C:\\x",), "takes a name of a-z"),
        ("/livegen/model", ("",), "takes a name of a-z"),
        ("/livegen/model", ("a" * 65,), "takes a name of a-z"),
        ("/livegen/seed", (1,), "no address /livegen/seed"),
        ("/livegen/osc_port", (1,), "no address"),
        ("/livegen/temprature", (1,), "you may mean /livegen/temperature"),
        ("/1/fader1", (0.5,), "no address /1/fader1"),
        ("/livegen/x*", (0.5,), "No address matches"),
    ],
)
def test_what_an_address_refuses(address: str, args: tuple[Argument, ...], because: str) -> None:
    performing = Performing()
    with pytest.raises(PacketError, match=because):
        dispatch(Message(address, args), HERE, performing.commands)
    assert performing.done == []


def test_a_settings_range_is_the_settings_own() -> None:
    with pytest.raises(SettingsError, match=r"temperature cannot be '9\.0'; it takes 0\.1 to 2"):
        done("/livegen/temperature", 9)


@pytest.mark.parametrize("method", [method for method in METHODS if method.access == "out"], ids=lambda m: m.address)
def test_what_a_server_says_no_server_answers(method: Any) -> None:
    assert done(method.address, *[1] * len(method.types)) == []
    with pytest.raises(PacketError, match="No address matches"):
        done(method.address[:-1] + "?", 1)


def test_every_live_setting_has_an_address_and_no_other() -> None:
    live = {f"/livegen/{spec.name}" for spec in settings.specs() if spec.live}
    assert {method.address for method in METHODS if method.setting} == live
    for spec in settings.specs():
        if spec.live:
            assert done(f"/livegen/{spec.name}", spec.default) == [("set", spec.name, spec.default)]


def test_every_method_can_be_sent() -> None:
    assert len(BY_ADDRESS) == len(METHODS)
    for method in METHODS:
        given: dict[str, Argument] = {"i": 1, "f": 1.5, "s": "x"}
        tags = b"," + method.types.encode() + b"\0"
        assert tags in encode(method.address, *[given[tag] for tag in method.types])


def test_a_pattern_asks_every_method_it_matches() -> None:
    assert done("/livegen/{lowest,highest}", 60) == [("set", "lowest", 60), ("set", "highest", 60)]
    assert done("//panic") == [("panic",)]
    assert done("/livegen/te[a-n]*") == [("get", "temperature"), ("get", "tempo")]


def test_a_pattern_that_asks_for_values_does_nothing_else() -> None:
    asked = done("/livegen/*")
    assert {what for what, *_ in asked} == {"get", "preset"}
    assert [name for what, name in asked if what == "get"] == [one.name for one in settings.specs() if one.live]
    assert done("/livegen/{panic,forget}") == [("panic",), ("forget",)]


def test_a_pattern_tries_all_before_it_complains() -> None:
    performing = Performing()
    with pytest.raises(LivegenError, match="mode"):
        dispatch(Message("/livegen/{mode,lowest}", (40,)), HERE, performing.commands)
    assert performing.done == [("set", "lowest", 40)]


def slowly(pattern: str, address: str) -> bool:
    """The meaning of a pattern, found by trying everything: short, plain and exponential."""
    if not pattern:
        return not address
    if pattern.startswith("//"):
        deeper = [at + 1 for at, character in enumerate(address) if character == "/"]
        return address.startswith("/") and any(slowly(pattern[2:], address[at:]) for at in deeper)
    first, rest = pattern[0], pattern[1:]
    if first == "*":
        return slowly(rest, address) or (address[:1] not in ("", "/") and slowly(pattern, address[1:]))
    if first == "{":
        words, _, rest = rest.partition("}")
        return any(address.startswith(word) and slowly(rest, address[len(word) :]) for word in words.split(","))
    if not address:
        return False
    if first == "[":
        listed, _, rest = rest.partition("]")
        negated, listed = listed.startswith("!"), listed.removeprefix("!")
        chosen = set(listed) if "-" not in listed else {chr(code) for code in range(ord(listed[0]), ord(listed[2]) + 1)}
        good = address[0] != "/" and (address[0] in chosen) is not negated
    else:
        good = address[0] == first or (first == "?" and address[0] != "/")
    return good and slowly(rest, address[1:])


ADDRESSES = ["".join(letters) for length in range(6) for letters in itertools.product("ab/", repeat=length)]
pieces = st.sampled_from(
    ["a", "b", "ab", "/", "?", "*", "//", "[a]", "[a-b]", "[!b]", "[!a-c]", "[/]", "{a,bb,}", "{ab,b/a}", "c"]
)


@trials(deadline=None)
@example("/a//a/b")
@given(st.lists(pieces, max_size=6).map("".join))
def test_patterns_agree_with_trying_everything(pattern: str) -> None:
    matches = compile_pattern(pattern)
    for address in ADDRESSES:
        assert matches(address) == slowly(pattern, address), address


@pytest.mark.parametrize(
    "pattern",
    [
        "/livegen/" + "*" * MOST_WILDCARDS + "q",
        "/livegen/" + "*a" * MOST_WILDCARDS,
        "/" + "*e*" * (MOST_WILDCARDS // 2) + "q",
        "/livegen/{" + "aaaaaaa," * 30 + "}q",
        "/livegen/[!" + "a-z" * 70 + "]*q",
        "//" * MOST_WILDCARDS + "q",
        "*" * 24,
        "/livegen/" + "*" * 24 + "q",
        "/livegen/" + "[" * 200,
        "/livegen/" + "{,}" * 80,
    ],
)
def test_pattern_bombs_cost_nothing(pattern: str) -> None:
    best = math.inf
    commands = Performing().commands
    for _ in range(5):
        start = time.thread_time()
        with pytest.raises(PacketError):
            dispatch(Message(pattern), HERE, commands)
        best = min(best, time.thread_time() - start)
    assert best < 0.1, "backtracking over sixteen wildcards takes minutes"


def test_a_wrong_address_that_comes_over_and_over_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []

    def search(word: str, *where: object) -> list[str]:
        searched.append(word)
        return ["/livegen/note"]

    monkeypatch.setattr(difflib, "get_close_matches", search)
    arguments.hint.cache_clear()
    commands = Performing().commands
    for _ in range(100):
        with pytest.raises(PacketError, match="you may mean /livegen/note"):
            dispatch(Message("/livegan/note", (60, 90)), HERE, commands)
    assert searched == ["/livegan/note"]
    arguments.hint.cache_clear()


@pytest.mark.parametrize(
    ("pattern", "because"),
    [
        ("/a[b", "does not close"),
        ("/{a,b", "does not close"),
        ("/" + "?" * 17, "16 wildcards"),
        ("/?" + "a" * 254, "255"),
    ],
)
def test_a_broken_pattern_is_refused(pattern: str, because: str) -> None:
    with pytest.raises(PacketError, match=because):
        done(pattern)


def test_the_reference_names_everything() -> None:
    table = reference()
    assert len(table.splitlines()) == len(METHODS) + 4 + 2  # a voice's four stand for any voice's
    for method in METHODS:
        (row,) = [line for line in table.splitlines() if line.startswith(f"| `{method.address}` ")]
        assert method.help in row and method.types in row
        assert all(parameter.name in row for parameter in method.parameters)
    assert all(line.count("|") == table.splitlines()[0].count("|") for line in table.splitlines())
    assert "module" not in table


@pytest.mark.parametrize("name", [name for name, verb in verbs.VERBS.items() if verb.help])
def test_a_verb_of_the_session_has_its_address_from_its_row(name: str) -> None:
    verb = verbs.VERBS[name]
    method = BY_ADDRESS[f"/livegen/{name}"]
    assert (method.parameters, method.help, method.access, method.verb) == (verb.takes, verb.help, "in", name)
    given = tuple(1.0 if one.tag == "f" else 1 if one.tag == "i" else "notes" for one in verb.takes)
    asked = () if verb.takes == (PRESSED,) else given
    assert done(method.address, *given) == [(name, *asked)]
