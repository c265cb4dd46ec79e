"""Finds the ports of controllers that are for DAWs (buttons, faders, lights) by their names. Pure.

The names are those of the makers' manuals and of systems' lists. A name says nothing on JACK's own driver
(``system:midi_capture_2``), and a port that is named in the settings is opened whatever it is called.
"""

import re
from collections.abc import Sequence

from livegen.midi.names import ALSA, WINDOWS, is_keyboard, plain

# Words of a port's own name: protocols of DAWs (Mackie Control, HUI, EUCON) and makers' names for their ports.
_PROTOCOLS = frozenset(
    "daw mcu hui mackie eucon incontrol hypercontrol automap autocontrol alv oled_control mcu/hui mackie/hui".split()
)
_PHRASES = ("live port", "control surface", "logic control", "preset/editor")
# Last words of a name that are for DAWs and editors where the device has another port.
_LAST = frozenset("ctrl ctr control controls transport editor private remote mixer surface software".split())
_UNSAID = frozenset("midi port in out input output _ -".split())  # words that say nothing at the end of a name
_WINDOWS_FURTHER = re.compile(r"^midi(?:in|out)(?:[2-9]|\d\d+)\s*\((.*)\)")  # a device's second port, or a later one
_ALSA_CLIENT = re.compile(r"^(.*?):(.*?)(?: \d+:\d+)?$")
_A2J = re.compile(r"^a2j(?:-\d+)?:(.*\[\d+\]) \((?:capture|playback)\):\s*(.*)$")
# Devices that are sockets for several keyboards: each of their ports is one.
_INTERFACES = re.compile(
    r"midisport|\bmio|iconnect|\bum-|\bumx?\b|midimate|\bmt ?4|\bamt ?8|unitor|midiface|fast lane|micro ?lite"
    r"|midi ?express|midi interface|usb midi|\d ?x ?\d|rubix|scarlett|clarett|fireface|babyface|ultralite|\bur\d"
    r"|capture|umc\d|quad"
)
_SHORTEST = 4  # letters that the names of a device's ports have in common


def for_daws(name: str, names: Sequence[str], system: str) -> bool:
    """Whether one of the inputs ``names`` is for a DAW, and not for who plays."""
    device, own = _split(name, system)
    further = _WINDOWS_FURTHER.match(own) if system == WINDOWS else None
    if further is not None:
        return not _INTERFACES.search(further[1])
    words = [word for word in re.split(r"[\s()]+", own) if word]
    if any(word in _PROTOCOLS for word in words) or any(phrase in own for phrase in _PHRASES):
        return True
    while words and (words[-1] in _UNSAID or words[-1].isdigit()):
        words.pop()
    return bool(words) and words[-1] in _LAST and _has_another(name, device, " ".join(words[:-1]), names, system)


def keyboards(names: Sequence[str], system: str) -> tuple[list[str], list[str]]:
    """The inputs that somebody plays, and those that belong to the same instruments but are for DAWs."""
    likely = [name for name in names if is_keyboard(name, system)]
    left = [name for name in likely if for_daws(name, likely, system)]
    return [name for name in likely if name not in left], left


def left_alone(names: Sequence[str]) -> str:
    """A sentence about ports that are for DAWs."""
    return f"Left alone, for DAWs use them: {', '.join(names)}. Name such a port with --inputs to play on it."


def _split(name: str, system: str) -> tuple[str, str]:
    """The device, "" if the name does not say it, and the port's own name, in small letters."""
    squeezed = " ".join(name.lower().split())
    found = _A2J.match(squeezed) or (_ALSA_CLIENT.match(squeezed) if system == ALSA else None)
    return (found[1], found[2]) if found else ("", plain(name, system))


def _has_another(name: str, device: str, stem: str, names: Sequence[str], system: str) -> bool:
    """Whether the device has a port besides this one, whose own name begins with ``stem``."""
    for other in names:
        if other != name:
            others_device, own = _split(other, system)
            if device == others_device if device else len(stem) >= _SHORTEST and own.startswith(stem):
                return True
    return False
