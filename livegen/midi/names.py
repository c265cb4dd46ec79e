"""Judges MIDI ports by their names: the port that a musician means, a keyboard, a synth. Pure."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from livegen.errors import PortError

ALSA, JACK, CORE_MIDI, WINDOWS, NONE = "ALSA", "JACK", "CoreMIDI", "Windows MIDI", "none"

_ALSA_NUMBER = re.compile(r"\s(\d+):\d+$")
_A2J_NUMBER = re.compile(r"^a2j(?:-\d+)?:.* \[(\d+)\]")
_WINDOWS_NUMBER = re.compile(r"\s\d+$")  # RtMidi appends the port's place in the list
_OURS = re.compile(r"^livegen(-\d+)?(:|\s)")
_LOOPBACKS = ("midi through", "virmidi", "virtual raw midi", "loopmidi", "loopback", "loopbe", "iac driver", "iac bus")
_PROGRAMS = ("virtual", "from max", "logic", "network session", "ableton", "bitwig")
_SYNTHS = (
    "fluid qsynth timidity yoshimi zynaddsubfx amsynth carla surge vital dexed helm linuxsampler sforzando simplesynth"
    " virtualmidisynth munt"
).split()


class Ports(NamedTuple):
    """The full names of the inputs that can be heard and of the outputs that can be played, our own left out."""

    inputs: list[str]
    outputs: list[str]


def is_ours(name: str) -> bool:
    """Whether livegen opened this port, in this process or another."""
    return bool(_OURS.match(name.lower()))


def is_loopback(name: str) -> bool:
    """Whether everything sent to this port comes back from an input of the same name."""
    return any(part in name.lower() for part in _LOOPBACKS)


def is_keyboard(name: str, system: str) -> bool:
    """Whether an input is most likely an instrument that somebody plays: hardware, no program and no loopback."""
    lower = name.lower()
    if is_ours(lower) or is_loopback(lower):
        return False
    if system == ALSA:
        return card(name) is not None
    if system == JACK:
        number = _A2J_NUMBER.search(name)
        return lower.startswith("system:") if number is None else 16 <= int(number[1]) < 128
    return system == WINDOWS or (system == CORE_MIDI and not any(part in lower for part in _PROGRAMS))


def card(name: str) -> int | None:
    """The number of the sound card that an ALSA port belongs to; None for a program's port."""
    number = _ALSA_NUMBER.search(name)
    return (int(number[1]) - 16) // 4 if number and 16 <= int(number[1]) < 128 else None  # four clients to a card


def is_synth(name: str) -> bool:
    """Whether an output is a known software synth."""
    lower = name.lower()
    return not is_ours(lower) and (lower.startswith("microsoft gs") or any(part in lower for part in _SYNTHS))


def plain(name: str, system: str) -> str:
    """A name as people read it: small letters, single spaces, without the number that a replug or restart changes."""
    pattern = {ALSA: _ALSA_NUMBER, WINDOWS: _WINDOWS_NUMBER}.get(system)
    name = _squeezed(name)
    return pattern.sub("", name) if pattern else name


def match(wanted: str, names: Sequence[str], system: str) -> str:
    """The one name that is meant: exact, otherwise without numbers, without its client, or a part of it, in this order.

    Raises PortError that lists the candidates when several are equally good, and all ports when there is none.
    """
    asked, short = _squeezed(wanted), plain(wanted, system)
    rules: list[Callable[[str], bool]] = [
        lambda name: name == wanted,
        lambda name: _squeezed(name) == asked,
        lambda name: plain(name, system) == asked,
        lambda name: plain(name, system) == short,
        lambda name: asked in plain(name, system).partition(":")[::2],
        lambda name: asked in _squeezed(name),
    ]
    for rule in rules:
        found = [name for name in names if rule(name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise PortError(f"{wanted} could be {_listed(found, ' or ')}; give the whole name of one.")
    raise PortError(f"There is no MIDI port {wanted}; there {'is' if len(names) == 1 else 'are'} {_listed(names)}.")


def _squeezed(name: str) -> str:
    return " ".join(name.lower().split())


def _listed(names: Sequence[str], last: str = " and ") -> str:
    """Names in a sentence."""
    return last.join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "none at all"
