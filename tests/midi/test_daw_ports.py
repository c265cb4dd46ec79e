"""Ports of controllers that are for DAWs, by the names that makers and systems give them."""

import pytest

from livegen.midi.daw_ports import for_daws, keyboards, left_alone
from livegen.midi.names import ALSA, CORE_MIDI, JACK, WINDOWS

DEVICES = [  # the ports of one device each: those that somebody plays, and those for DAWs
    (ALSA, ["KeyLab mkII 61:KeyLab mkII 61 MIDI 24:0"], ["KeyLab mkII 61:KeyLab mkII 61 DAW 24:1"]),
    (
        JACK,
        ["a2j:KeyLab mkII 61 [24] (capture): KeyLab mkII 61 MIDI"],
        ["a2j:KeyLab mkII 61 [24] (capture): KeyLab mkII 61 DAW"],
    ),
    (CORE_MIDI, ["KeyLab mkII 61 MIDI"], ["KeyLab mkII 61 DAW"]),
    (WINDOWS, ["KeyLab mkII 61 0"], ["MIDIIN2 (KeyLab mkII 61) 1"]),
    (WINDOWS, ["2- Launchkey MK3 49 0"], ["MIDIIN2 (2- Launchkey MK3 49) 1"]),
    (CORE_MIDI, ["Launchkey MK3 49 LKMK3 MIDI Out"], ["Launchkey MK3 49 LKMK3 DAW Out"]),
    (ALSA, ["Launchkey MK2 49:Launchkey MK2 49 MIDI 1 20:0"], ["Launchkey MK2 49:Launchkey MK2 49 InControl 20:1"]),
    (CORE_MIDI, ["Launchpad Pro Standalone Port", "Launchpad Pro MIDI Port"], ["Launchpad Pro Live Port"]),
    (
        CORE_MIDI,
        ["Minilab3 MIDI", "Minilab3 DIN THRU"],
        ["Minilab3 MCU/HUI", "Minilab3 ALV"],
    ),
    (
        ALSA,
        ["Oxygen Pro 49:Oxygen Pro 49 USB MIDI 28:0", "Oxygen Pro 49:Oxygen Pro 49 MIDI DIN 28:3"],
        ["Oxygen Pro 49:Oxygen Pro 49 Mackie/HUI 28:1", "Oxygen Pro 49:Oxygen Pro 49 Editor 28:2"],
    ),
    (CORE_MIDI, ["KOMPLETE KONTROL S61 MK2 Port 1"], ["Komplete Kontrol DAW - 1"]),
    (CORE_MIDI, ["microKEY-37 KEYBOARD"], ["microKEY-37 CTRL"]),
    (CORE_MIDI, ["A-88MKII"], ["A-88MKII CTRL", "A-88MKII DAW CTRL"]),
    (CORE_MIDI, ["APC Key 25 mk2 Keys"], ["APC Key 25 mk2 Control"]),
    (ALSA, ["Axiom Pro 49:Axiom Pro 49 USB A In 20:0"], ["Axiom Pro 49:Axiom Pro 49 HyperControl In 20:2"]),
    (ALSA, [], ["Mackie Control Universal Pro:MCU Pro USB v3.1 MIDI 1 20:0", "x:Mackie Control 24:0"]),
]
PLAYED = [
    (ALSA, ["MPK mini:MPK mini MIDI 1 24:0"]),
    (ALSA, ["nanoKONTROL2:nanoKONTROL2 nanoKONTROL2 _ CTR 20:0"]),  # knobs to learn, its only port
    (CORE_MIDI, ["nanoKONTROL2 CTRL", "Keystation 61"]),
    (ALSA, ["Launch Control XL:Launch Control XL MIDI 1 20:0"]),
    (CORE_MIDI, ["Komplete Kontrol A25 MIDI"]),
    (WINDOWS, ["MIDISPORT 2x2 0", "MIDIIN2 (MIDISPORT 2x2) 1", "MIDIIN3 (iConnectMIDI4+) 2", "MIDIIN2 (UM-880) 3"]),
    (ALSA, ["ReMOTE SL:ReMOTE SL Port 1 20:0", "ReMOTE SL:ReMOTE SL Port 2 20:1"]),
    (JACK, ["system:midi_capture_1", "system:midi_capture_2"]),
]


@pytest.mark.parametrize(("system", "played", "left"), DEVICES)
def test_a_controllers_ports_for_daws_are_left_alone(system: str, played: list[str], left: list[str]) -> None:
    assert keyboards([*left, *played], system) == (played, left)


@pytest.mark.parametrize(("system", "played"), PLAYED)
def test_what_somebody_plays_is_not(system: str, played: list[str]) -> None:
    assert keyboards(played, system) == (played, [])


def test_another_devices_ports_are_no_siblings() -> None:
    names = ["nanoKONTROL2:nanoKONTROL2 CTRL 20:0", "nanoKONTROL Studio:nanoKONTROL Studio 24:0"]
    assert not for_daws(names[0], names, ALSA)
    assert for_daws("nano:nano CTRL 20:0", ["nano:nano CTRL 20:0", "nano:KEYS 20:1"], ALSA)


def test_one_sentence_names_them() -> None:
    assert (
        left_alone(["A", "B"]) == "Left alone, for DAWs use them: A, B. Name such a port with --inputs to play on it."
    )
