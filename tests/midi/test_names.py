"""Names of ports: the one a musician means, the inputs that are keyboards, the outputs that are synths."""

import pytest

from livegen.errors import PortError
from livegen.midi.names import (
    ALSA,
    CORE_MIDI,
    JACK,
    WINDOWS,
    card,
    is_keyboard,
    is_loopback,
    is_ours,
    is_synth,
    match,
    plain,
)

ALSA_NAMES = [
    "Midi Through:Midi Through Port-0 14:0",
    "Launchkey:Launchkey MIDI 1 20:0",
    "Launchkey:Launchkey MIDI 2 20:1",
    "MPK mini:MPK mini MIDI 1 24:0",
    "FLUID Synth (311):Synth input port (311:0) 128:0",
]


@pytest.mark.parametrize(
    ("wanted", "names", "system", "found"),
    [
        ("MPK mini:MPK mini MIDI 1 24:0", ALSA_NAMES, ALSA, 3),
        ("mpk  MINI:mpk mini midi 1 24:0", ALSA_NAMES, ALSA, 3),
        ("MPK mini:MPK mini MIDI 1 28:0", ALSA_NAMES, ALSA, 3),  # another socket
        ("MPK mini:MPK mini MIDI 1", ALSA_NAMES, ALSA, 3),
        ("MPK mini MIDI 1", ALSA_NAMES, ALSA, 3),
        ("MPK mini", ALSA_NAMES, ALSA, 3),
        ("mpk", ALSA_NAMES, ALSA, 3),
        ("launchkey midi 2", ALSA_NAMES, ALSA, 2),
        ("Launchkey:Launchkey MIDI 2 32:1", ALSA_NAMES, ALSA, 2),
        ("fluid", ALSA_NAMES, ALSA, 4),
        ("one", ["one", "one two"], JACK, 0),
        ("one", ["keys:one", "keys:one two"], JACK, 0),
        ("keys:out", ["keys:out", "keys-01:out"], JACK, 0),
        ("Bus 2", ["IAC Driver Bus 1", "IAC Driver Bus 2"], CORE_MIDI, 1),
        ("MPK mini", ["MPK mini 0", "MPK mini II 1"], WINDOWS, 0),
        ("MPK mini 0", ["Nord 0", "MPK mini 1"], WINDOWS, 1),  # the number is the place in the list
        ("loopMIDI Port 1", ["loopMIDI Port 0", "loopMIDI Port 1 1"], WINDOWS, 1),
    ],
)
def test_the_port_that_is_meant(wanted: str, names: list[str], system: str, found: int) -> None:
    assert match(wanted, names, system) == names[found]


@pytest.mark.parametrize(
    ("wanted", "names", "system", "sentence"),
    [
        (
            "Launchkey",
            ALSA_NAMES,
            ALSA,
            "Launchkey MIDI 1 20:0 or Launchkey:Launchkey MIDI 2 20:1; give the whole name",
        ),
        ("Twin", ["Twin", "Twin"], CORE_MIDI, "Twin could be Twin or Twin; give the whole name of one."),
        (
            "IAC Driver Bus 3",
            ["IAC Driver Bus 1"],
            CORE_MIDI,
            "no MIDI port IAC Driver Bus 3; there is IAC Driver Bus 1.",
        ),
        ("moog", ["a", "b", "c"], JACK, "There is no MIDI port moog; there are a, b and c."),
        ("moog", [], JACK, "There is no MIDI port moog; there are none at all."),
    ],
)
def test_never_guessed(wanted: str, names: list[str], system: str, sentence: str) -> None:
    with pytest.raises(PortError) as caught:
        match(wanted, names, system)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("system", "name", "keyboard"),
    [
        (ALSA, "MPK mini:MPK mini MIDI 1 24:0", True),
        (ALSA, "Midi Through:Midi Through Port-0 14:0", False),
        (ALSA, "Virtual Raw MIDI 0-0:VirMIDI 0-0 20:0", False),
        (ALSA, "FLUID Synth (311):Synth input port (311:0) 128:0", False),
        (ALSA, "System:Timer 0:0", False),
        (ALSA, "livegen:livegen out 129:0", False),
        (JACK, "system:midi_capture_1", True),
        (JACK, "a2j:MPK mini [20] (capture): MPK mini MIDI 1", True),
        (JACK, "a2j:Midi Through [14] (capture): Midi Through Port-0", False),
        (JACK, "a2j:PureData [128] (capture): Pure Data Midi-Out 1", False),
        (JACK, "ardour:MIDI Clock out", False),
        (JACK, "livegen-01:livegen out", False),
        (CORE_MIDI, "Keystation 61", True),
        (CORE_MIDI, "IAC Driver Bus 1", False),
        (CORE_MIDI, "Logic Pro Virtual Out", False),
        (CORE_MIDI, "livegen out", False),
        (WINDOWS, "Keystation 61 0", True),
        (WINDOWS, "loopMIDI Port 1", False),
        (WINDOWS, "Default App Loopback (A) 2", False),
    ],
)
def test_keyboards(system: str, name: str, keyboard: bool) -> None:
    assert is_keyboard(name, system) is keyboard


@pytest.mark.parametrize(
    ("name", "synth"),
    [
        ("FLUID Synth (311):Synth input port (311:0) 128:0", True),
        ("fluid:midi_00", True),
        ("TiMidity:TiMidity port 0 130:0", True),
        ("yoshimi:midi in", True),
        ("Microsoft GS Wavetable Synth 0", True),
        ("MPK mini:MPK mini MIDI 1 24:0", False),
        ("livegen:fluid", False),
        ("Midi Through:Midi Through Port-0 14:0", False),
    ],
)
def test_synths(name: str, synth: bool) -> None:
    assert is_synth(name) is synth


def test_our_own_ports_and_loopbacks() -> None:
    assert [is_ours(name) for name in ("livegen:livegen in", "livegen-01:to fluid", "livegen out", "Livegener:x")] == [
        True,
        True,
        True,
        False,
    ]
    assert is_loopback("loopMIDI Port 1") and is_loopback("IAC Driver Bus 1") and not is_loopback("Nord Stage")
    assert plain(" MPK  mini:MPK mini MIDI 1 24:0", ALSA) == plain("MPK mini:MPK mini MIDI 1 32:0", ALSA)
    assert plain("system:midi 1", JACK) == "system:midi 1"


def test_an_alsa_port_tells_its_sound_card() -> None:
    names = (
        "Keys:Keys MIDI 1 20:0",
        "Pads:Pads MIDI 2 27:1",
        "FLUID Synth:in 128:0",
        "Midi Through:Port-0 14:0",
        "Keys",
    )
    assert [card(name) for name in names] == [1, 2, None, None, None]
