"""The nine drums, and the keys of a kit that sound them: General MIDI, Roland's TD-11, or a kit of one's own.

The nine are those to which the GrooVAE paper reduces a kit (Gillick and others, "Learning to Groove with Inverse
Sequence Transformations", ICML 2019). Keys are MIDI pitches, 0 to 127.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

CHANNEL = 10  # General MIDI's for drums
DRUMS = (
    "kick",
    "snare",
    "closed hat",
    "open hat",
    "low tom",
    "middle tom",
    "high tom",
    "crash",
    "ride",
)
KICK, SNARE, CLOSED, OPEN, LOW_TOM, MIDDLE_TOM, HIGH_TOM, CRASH, RIDE = range(len(DRUMS))
STYLES = (
    *("afrobeat", "afrocuban", "blues", "country", "dance", "funk", "gospel", "highlife", "hiphop"),
    *("jazz", "latin", "middleeastern", "neworleans", "pop", "punk", "reggae", "rock", "soul"),
)
ANY = "any"  # style, where none is chosen
OFF = "off"  # no drummer
_LONGEST = 64 * 1024  # bytes of a kit's file

# Each drum is played on the first of its keys. General MIDI 1 has the rest of its percussion from 54 on: what keeps
# time there counts as a ride or a closed hat, what is struck like a tom as one.
_GM = {
    KICK: (36, 35),
    SNARE: (38, 40, 37, 39),
    CLOSED: (42, 44, 54, 69, 70, 82),
    OPEN: (46,),
    LOW_TOM: (43, 41, 58, 64, 66, 61),
    MIDDLE_TOM: (47, 45, 63, 65, 60),
    HIGH_TOM: (50, 48, 62, 76, 77),
    CRASH: (49, 57, 52, 55),
    RIDE: (51, 59, 53, 56),
}
_TD_11 = {
    KICK: (36,),
    SNARE: (38, 40, 37),
    CLOSED: (42, 22, 44),
    OPEN: (46, 26),
    LOW_TOM: (43, 58),
    MIDDLE_TOM: (45, 47),
    HIGH_TOM: (48, 50),
    CRASH: (49, 55, 57, 52),
    RIDE: (51, 59, 53),
}


# Where a performer's kit lacks a drum, the nearest of those that it may have plays instead; a kick has none.
INSTEAD = {
    SNARE: (HIGH_TOM, MIDDLE_TOM, LOW_TOM),
    CLOSED: (RIDE, OPEN),
    OPEN: (CLOSED, RIDE),
    LOW_TOM: (MIDDLE_TOM, HIGH_TOM, SNARE),
    MIDDLE_TOM: (LOW_TOM, HIGH_TOM, SNARE),
    HIGH_TOM: (MIDDLE_TOM, LOW_TOM, SNARE),
    CRASH: (RIDE, OPEN, CLOSED),
    RIDE: (CLOSED, OPEN),
}


class Kit(NamedTuple):
    """A kit: the drum that each key sounds (``hears``), and the key on which each of the nine is ``played``."""

    hears: Mapping[int, int]
    plays: tuple[int, ...]


def _kit(keys: Mapping[int, tuple[int, ...]]) -> Kit:
    hears = {key: drum for drum, each in keys.items() for key in each}
    return Kit(hears, tuple(keys[drum][0] for drum in sorted(keys)))


KITS = {"gm": _kit(_GM), "td-11": _kit(_TD_11)}
TAKES = f"{' or '.join(KITS)}, or a TOML file of the keys of each drum"


def any_drum(key: int) -> int:
    """The drum of a key, whether it is General MIDI's or the TD-11's; a key that is neither's counts as the snare.

    >>> DRUMS[any_drum(22)], DRUMS[any_drum(35)], DRUMS[any_drum(99)]
    ('closed hat', 'kick', 'snare')
    """
    return HEARD.get(key, SNARE)


HEARD = {**KITS["gm"].hears, **KITS["td-11"].hears}  # where the two differ, as the TD-11 has it


def style(name: str) -> str:
    """The name, if it is a style's, or any. Raises ValueError."""
    if name not in (ANY, *STYLES):
        raise ValueError("no such style")
    return name


def style_number(name: str) -> int:
    """1 + the place of a style in STYLES; 0 for any.

    >>> style_number("any"), style_number("afrobeat")
    (0, 1)
    """
    return STYLES.index(name) + 1 if name in STYLES else 0


def named(name: str) -> str:
    """The name of a kit, if there is one, or its file can be read. Raises ValueError."""
    kit(name)
    return name


def kit(name: str) -> Kit:
    """The kit of that name, or in that TOML file, which has a line for each drum: ``kick = [36, 35]``, the key it is
    played on first. Raises ValueError, which says what is wrong."""
    if name in KITS:
        return KITS[name]
    path = Path(name)
    if path.suffix != ".toml":
        raise ValueError(f"there is no kit {name}")
    try:
        if path.stat().st_size > _LONGEST:
            raise ValueError(f"{name} is longer than 64 KiB")
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ValueError(f"{name} cannot be read: {error.strerror}") from None
    keys: dict[int, tuple[int, ...]] = {}
    for drum, wanted in enumerate(DRUMS):
        found = table.get(wanted.replace(" ", "_"), list(_GM[drum]))
        found = found if isinstance(found, list) else [found]
        if not found or not all(isinstance(key, int) and 0 <= key <= 127 for key in found):
            raise ValueError(f"{name} gives {wanted} keys that are not numbers from 0 to 127")
        keys[drum] = tuple(found)
    return _kit(keys)
