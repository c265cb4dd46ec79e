"""The rig on a fake computer's MIDI: ports are opened, lost and found again."""

import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from livegen.errors import PortError
from livegen.events import ControlChange, NoteOff, NoteOn, Received
from livegen.midi import backends, jack_server
from livegen.midi import output as midi_output
from livegen.midi.messages import encode
from livegen.midi.rig import Rig, find_system, list_ports
from livegen.midi.rtmidi_binding import wanted
from tests.support.fake_rtmidi import FakeMidi
from tests.support.jack import until

KEYS, PADS = "MPK mini:MPK mini MIDI 1 20:0", "Launchpad:Launchpad MIDI 1 24:0"
FLUID, THROUGH = "FLUID Synth (311):Synth input port (311:0) 128:0", "Midi Through:Midi Through Port-0 14:0"

Play = Callable[..., tuple[FakeMidi, Rig, list[tuple[Received, str]], list[str]]]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    """Sets up a fake computer and an open rig on it: (computer, rig, what was heard, what was reported)."""

    rigs: list[Rig] = []

    def set_up(
        system: str = "ALSA",
        inputs: tuple[str, ...] = (THROUGH, KEYS),
        outputs: tuple[str, ...] = (THROUGH, KEYS, FLUID),
        wish: tuple[str, str] = ("auto", "auto"),
    ) -> tuple[FakeMidi, Rig, list[tuple[Received, str]], list[str]]:
        midi = FakeMidi(system, list(inputs), list(outputs))
        monkeypatch.setitem(sys.modules, "rtmidi", midi)
        monkeypatch.setattr(sys, "platform", "linux")
        heard: list[tuple[Received, str]] = []
        said: list[str] = []
        rig = Rig(find_system(), *wish, said.append)
        rigs.append(rig)
        rig.open(lambda event, port: heard.append((event, port)))
        return midi, rig, heard, said

    yield set_up
    for rig in rigs:
        rig.close()


# Systems


@pytest.mark.parametrize("system", ["ALSA", "CoreMIDI", "Windows MIDI", "JACK", "none"])
def test_the_system_that_works_is_found(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    midi = FakeMidi(system, ["one", "livegen:x"], ["two"])
    monkeypatch.setitem(sys.modules, "rtmidi", midi)
    found = find_system()
    assert found.name == system
    assert found.virtual is (system in ("ALSA", "CoreMIDI", "JACK"))
    assert found.sentence.endswith(".")
    assert list_ports(found) == (([], []) if system == "none" else (["one"], ["two"]))
    assert midi.devices == []


def test_no_rtmidi_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rtmidi", None)
    monkeypatch.setitem(sys.modules, "supriya_midi", None)
    system = find_system()
    assert system.name == "none"
    assert f"{wanted()} does not load" in system.sentence and "OSC alone" in system.sentence
    assert f"pip install {wanted()}" in system.sentence
    rig = Rig(system, "auto", "none", print)
    rig.open(lambda event, port: None)
    rig.send(NoteOn(0.0, 60, 1))
    rig.panic()
    assert rig.check() == []
    rig.close()
    with pytest.raises(PortError, match=r"moog cannot be opened\. MIDI is off"):
        Rig(system, "moog", "none", print).open(lambda event, port: None)


def test_windows_has_no_ports_of_our_own_and_says_what_to_do(stage: Play) -> None:
    midi, rig, _, _ = stage("Windows MIDI", ("Keystation 0", "loopMIDI Port 1"), ("Microsoft GS Wavetable Synth 0",))
    assert midi.open_ports() == ["Keystation 0", "Microsoft GS Wavetable Synth 0"]
    assert "loopMIDI" in rig.system.sentence


# Opening ports


def test_auto_opens_keyboards_and_one_synth(stage: Play) -> None:
    midi, rig, heard, said = stage(outputs=(THROUGH, KEYS, FLUID, "Qsynth:in 129:0"))
    assert midi.open_ports() == sorted(["livegen in", "livegen out", KEYS, FLUID])
    assert said == [f"The MIDI input {KEYS} is open.", f"The MIDI output {FLUID} is open."]
    midi.play(KEYS, 0x92, 60, 90)
    midi.play("livegen in", 0xB0, 1, 2)
    assert [(type(event), event.channel, port) for event, port in heard] == [
        (NoteOn, 3, KEYS),
        (ControlChange, 1, "livegen in"),
    ]
    rig.send(NoteOn(0.0, 64, 80, 2))
    assert midi.opened(FLUID).sent == midi.opened("livegen out").sent == [(0x91, 64, 80)]
    midi.outputs.insert(0, "TiMidity:port 130:0")
    assert rig.check() == [], "a second synth would double every note"
    rig.close()
    assert midi.devices == []


def test_a_port_for_daws_is_left_alone_and_named_once_unless_it_is_asked_for(stage: Play) -> None:
    daw = "KeyLab mkII 61:KeyLab mkII 61 DAW 28:1"
    midi, rig, _, said = stage(inputs=("KeyLab mkII 61:KeyLab mkII 61 MIDI 28:0", daw), wish=("auto", "none"))
    assert daw not in midi.open_ports() and "KeyLab mkII 61:KeyLab mkII 61 MIDI 28:0" in midi.open_ports()
    assert [sentence for sentence in said if "DAW" in sentence] == [
        f"Left alone, for DAWs use them: {daw}. Name such a port with --inputs to play on it."
    ]
    assert rig.check() == []
    midi.inputs.append("MiniLab3:Minilab3 MCU/HUI 32:2")
    assert len(rig.check()) == 1 and rig.check() == []
    named, _, _, sentences = stage(inputs=(KEYS, daw), wish=("DAW", "none"))
    assert daw in named.open_ports() and not any("alone" in sentence for sentence in sentences)


def test_none_opens_our_own_ports_alone(stage: Play) -> None:
    midi, _, _, said = stage(wish=("none", "none"))
    assert (midi.open_ports(), said) == (["livegen in", "livegen out"], [])


def test_named_ports(stage: Play) -> None:
    midi, _, _, _ = stage(inputs=(KEYS, PADS), wish=("mpk, Launchpad MIDI 1", "mpk"))
    assert midi.open_ports() == sorted(["livegen in", "livegen out", KEYS, KEYS, PADS])


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (("moog", "auto"), "There is no MIDI port moog; there are Midi Through"),
        (("auto", "mpk, moog"), "There is no MIDI port moog"),
        (("m", "auto"), "m could be Midi Through"),
        (("through", "through"), "is a loopback, and livegen would hear itself"),
        (
            ("busy", "none"),
            r"The MIDI port busy:x 30:0 cannot be opened \(it is busy\); close the program that holds it",
        ),
    ],
)
def test_a_wish_that_cannot_be_met_is_one_sentence(
    stage: Play, monkeypatch: pytest.MonkeyPatch, wish: tuple[str, str], sentence: str
) -> None:
    midi: list[FakeMidi] = []
    remember = FakeMidi.__init__

    def init(self: FakeMidi, *args: list[str]) -> None:
        remember(self, *args)  # type: ignore[arg-type]
        self.busy = {"busy:x 30:0"}
        midi.append(self)

    monkeypatch.setattr(FakeMidi, "__init__", init)
    with pytest.raises(PortError, match=sentence):
        stage(inputs=(THROUGH, KEYS, "busy:x 30:0"), wish=wish)
    assert midi[0].devices == [], "a rig that could not open leaves nothing open"


def test_a_busy_keyboard_found_by_itself_is_told_once(stage: Play) -> None:
    midi, rig, _, _ = stage(inputs=())
    midi.busy.add(PADS)
    midi.inputs.append(PADS)
    assert len(rig.check()) == 1
    assert rig.check() == []
    midi.busy.clear()
    assert rig.check() == [f"The MIDI input {PADS} is open."]


# Ports that come and go


def test_an_unplugged_keyboard_releases_what_it_held_and_is_taken_again(stage: Play) -> None:
    midi, rig, heard, _ = stage()
    midi.play(KEYS, 0x90, 60, 90)
    midi.play(KEYS, 0x90, 64, 90)
    midi.play(KEYS, 0x80, 60, 0)
    midi.play(KEYS, 0xB0, 64, 127)
    midi.play(KEYS, 0xB3, 64, 127)
    midi.play(KEYS, 0xB3, 64, 0)
    midi.inputs.remove(KEYS)
    heard.clear()
    assert rig.check() == [f"The MIDI input {KEYS} is gone; livegen plays on and takes it again when it is back."]
    assert [encode(event) for event, port in heard] == [bytes((0x80, 64, 0)), bytes((0xB0, 64, 0))]
    assert {port for _, port in heard} == {KEYS}
    assert rig.check() == []
    moved = KEYS.replace("20:0", "28:0")
    midi.inputs.append(moved)
    assert rig.check() == [f"The MIDI input {moved} is back."]
    midi.play(moved, 0x90, 61, 90)
    assert isinstance(heard[-1][0], NoteOn)


def test_an_unplugged_keyboard_owes_a_release_for_each_stroke_and_none_for_those_that_a_mode_message_ended(
    stage: Play,
) -> None:
    midi, rig, heard, _ = stage()
    for pitch in (60, 60, 62, 62):
        midi.play(KEYS, 0x90, pitch, 90)
    midi.play(KEYS, 0x80, 62, 0)
    midi.play(KEYS, 0x91, 70, 90)
    midi.play(KEYS, 0xB1, 123, 0)
    midi.play(KEYS, 0xB0, 66, 127)
    midi.play(KEYS, 0xB2, 64, 127)
    midi.play(KEYS, 0xB2, 121, 0)
    midi.inputs.remove(KEYS)
    heard.clear()
    rig.check()
    assert [encode(event) for event, _ in heard] == [
        *(bytes((0x80, 60, 0)), bytes((0x80, 60, 0)), bytes((0x80, 62, 0))),
        bytes((0xB0, 66, 0)),
    ]


def test_a_replug_between_two_looks_is_noticed(stage: Play, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(backends, "CARDS", tmp_path)
    for folder in ("card1", "new"):
        (tmp_path / folder).mkdir()
    midi, rig, heard, _ = stage()
    midi.play(KEYS, 0x90, 60, 90)
    assert rig.check() == []
    deaf = midi.opened(KEYS, midi.inputs)
    assert deaf.callback is None, "ALSA may crash where an input with a callback closes while a note comes in"
    (tmp_path / "new").rename(tmp_path / "card1")
    assert rig.check() == [
        f"The MIDI input {KEYS} is gone; livegen plays on and takes it again when it is back.",
        f"The MIDI input {KEYS} is back.",
    ]
    assert isinstance(heard[-1][0], NoteOff)
    assert midi.opened(KEYS, midi.inputs) is not deaf and rig.check() == []


def test_a_named_output_that_returns_is_silenced_first(stage: Play) -> None:
    midi, rig, _, _ = stage(wish=("none", "launchpad"), outputs=(PADS,))
    rig.send(NoteOn(0.0, 60, 90, 3))
    midi.outputs.clear()
    assert rig.check() == [f"The MIDI output {PADS} is gone; livegen plays on and takes it again when it is back."]
    rig.send(NoteOff(0.0, 60, 3))
    midi.outputs.append(PADS)
    assert rig.check() == [f"The MIDI output {PADS} is back."]
    assert midi.opened(PADS).sent == [(0xB2, 64, 0), (0xB2, 123, 0)]


def test_an_output_that_fails_is_opened_anew(stage: Play) -> None:
    midi, rig, _, _ = stage()
    midi.opened(FLUID).fails = True
    rig.send(NoteOn(0.0, 60, 90))
    assert midi.opened("livegen out").sent == [(0x90, 60, 90)], "the others play on"
    assert [sentence.split()[-1] for sentence in rig.check()] == ["back.", "back."]
    rig.send(NoteOff(0.0, 60))
    assert midi.opened(FLUID).sent[-1] == (0x80, 60, 0)


def test_a_fault_behind_the_callback_is_told_and_not_raised(stage: Play) -> None:
    midi, rig, heard, _ = stage()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rig._inputs[KEYS], "_receive", lambda event, port: 1 / 0)
        midi.play(KEYS, 0x90, 60, 90)
    assert rig.check() == [f"A note from {KEYS} could not be used: ZeroDivisionError('division by zero')."]
    assert rig.check() == []
    midi.play(KEYS, 0x80, 60, 90)
    assert len(heard) == 1


def test_replugging_two_hundred_times_leaves_nothing_behind(stage: Play) -> None:
    midi, rig, _, _ = stage()
    before = len(midi.devices)
    for _ in range(200):
        midi.inputs.remove(KEYS)
        rig.check()
        midi.inputs.append(KEYS)
        rig.check()
    assert len(midi.devices) == before


def test_a_dead_jack_server_is_left_in_the_safe_order(stage: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    alive = True
    monkeypatch.setattr(jack_server, "is_alive", lambda at: alive)
    away: list[object] = []
    monkeypatch.setattr(jack_server, "put_away", away.append)
    midi, rig, heard, said = stage("JACK", ("system:midi_capture_1",), ("fluid:midi",))
    outputs = [midi.opened("livegen out"), midi.opened("fluid:midi")]
    midi.play("system:midi_capture_1", 0x90, 60, 1)
    until(lambda: heard)
    alive = False
    hours = itertools.count(0.0, 3600.0)
    monkeypatch.setattr(midi_output, "now", lambda: next(hours))  # so that nothing waits for the pace
    for _ in range(3 * jack_server.RING):
        rig.send(NoteOn(0.0, 60, 90))
        rig.flush()
    assert all(500 < len(output.sent) <= 2340 for output in outputs), "more would freeze a real program"
    assert [sentence for sentence in said if "JACK stopped" in sentence] == said[2:]
    assert away == outputs and midi.devices == outputs, "outputs are put away, all else is closed"
    assert isinstance(heard[-1][0], NoteOff)
    assert rig.check() == []
    midi.devices.clear()
    alive = True
    assert rig.check() == [
        "JACK is here, and livegen's MIDI ports are open.",
        "The MIDI input system:midi_capture_1 is back.",
        "The MIDI output fluid:midi is back.",
    ]
    rig.close()
    assert rig.check() == [] and midi.devices == [], "a closed rig stays closed"
    assert "livegen MIDI in" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.parametrize("how", ["check", "close"])
def test_a_dead_jack_server_is_noticed_before_anything_is_listed_or_closed(
    stage: Play, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    alive = True
    monkeypatch.setattr(jack_server, "is_alive", lambda at: alive)
    away: list[object] = []
    monkeypatch.setattr(jack_server, "put_away", away.append)
    midi, rig, _, _ = stage("JACK", ("system:midi_capture_1",), ("fluid:midi",))
    outputs = [midi.opened("livegen out"), midi.opened("fluid:midi")]
    rig.send(NoteOn(0.0, 60, 90))
    alive = False
    getattr(rig, how)()
    assert away == outputs == midi.devices
    assert [len(output.sent) for output in outputs] == [1, 1]
    assert rig.check() == []


def test_without_an_output_nothing_counts_as_our_echo(stage: Play) -> None:
    midi, rig, heard, _ = stage("Windows MIDI", ("Keystation 0",), ())
    rig.send(NoteOn(0.0, 60, 90))
    midi.play("Keystation 0", 0x90, 60, 90)
    assert len(heard) == 1


def test_what_is_held_on_a_keyboard_that_no_longer_says_that_it_is_there_is_released(stage: Play) -> None:
    midi, rig, heard, _ = stage(inputs=(KEYS, PADS))
    midi.play(PADS, 0x90, 72, 80)  # one that never said so may be silent for ever
    midi.play(KEYS, 0x90, 60, 80)
    midi.play(KEYS, 0xB0, 64, 127)
    midi.play(KEYS, 0xFE)
    heard.clear()
    said: list[str] = []

    def released() -> bool:
        said.extend(rig.check())
        return bool(said)

    until(released)
    assert said == [f"{KEYS} has stopped saying that it is there; what was held on it is released."]
    released_now = [(event, port) for event, port in heard if port == KEYS]
    assert [type(event) for event, _ in released_now] == [NoteOff, ControlChange]
    assert not [port for _, port in heard if port == PADS]
    midi.play(KEYS, 0x90, 62, 80)
    assert isinstance(heard[-1][0], NoteOn), "it is heard again"
