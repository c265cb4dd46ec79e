"""Ragas: the pitches of the seven svaras, and those that a line may take going up (arohana) and down (avarohana).

The 72 melakartas follow from their numbers; the others (janya) take their svaras from one of them.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import log2

from livegen.errors import SettingsError
from livegen.music.pitch import SEMITONES
from livegen.music.sargam import HIGHEST, LETTERS, LOWEST, Svara

# In the order of their numbers, six to a chakra.
NAMES = """
Kanakangi Ratnangi Ganamurti Vanaspati Manavati Tanarupi
Senavati Hanumatodi Dhenuka Natakapriya Kokilapriya Rupavati
Gayakapriya Vakulabharanam Mayamalavagowla Chakravakam Suryakantam Hatakambari
Jhankaradhvani Natabhairavi Kiravani Kharaharapriya Gaurimanohari Varunapriya
Mararanjani Charukesi Sarasangi Harikambhoji Sankarabharanam Naganandini
Yagapriya Ragavardhini Gangeyabhushani Vagadhisvari Sulini Chalanatta
Salagam Jalarnavam Jhalavarali Navanitam Pavani Raghupriya
Gavambhodi Bhavapriya Subhapantuvarali Shadvidhamargini Suvarnangi Divyamani
Dhavalambari Namanarayani Kamavardhini Ramapriya Gamanasrama Visvambhari
Syamalangi Shanmukhapriya Simhendramadhyamam Hemavati Dharmavati Nitimati
Kantamani Rishabhapriya Latangi Vachaspati Mechakalyani Chitrambari
Sucharitra Jyotisvarupini Dhatuvardhini Nasikabhushani Kosalam Rasikapriya
""".split()

# Name: (melakarta, arohana, avarohana), both within one octave from Sa to Sa. If one zigzags, the raga is vakra.
JANYA = {
    "Abheri": (22, "s g m p n S", "S n d p m g r s"),
    "Abhogi": (22, "s r g m d S", "S d m g r s"),
    "Amritavarshini": (66, "s g m p n S", "S n p m g s"),
    "Arabhi": (29, "s r m p d S", "S n d p m g r s"),
    "Bauli": (15, "s r g p d S", "S n d p g r s"),
    "Bhupalam": (8, "s r g p d S", "S d p g r s"),
    "Bilahari": (29, "s r g p d S", "S n d p m g r s"),
    "Hamsadhvani": (29, "s r g p n S", "S n p g r s"),
    "Hamsanandi": (53, "s r g m d n S", "S n d m g r s"),
    "Hindolam": (20, "s g m d n S", "S n d m g s"),
    "Kambhoji": (28, "s r g m p d S", "S n d p m g r s"),
    "Kathanakuthuhalam": (29, "s r m d n g p S", "S n d p m g r s"),
    "Kedaram": (29, "s m g m p n S", "S n p m g r s"),
    "Madhyamavati": (22, "s r m p n S", "S n p m r s"),
    "Malahari": (15, "s r m p d S", "S d p m g r s"),
    "Mohanam": (28, "s r g p d S", "S d p g r s"),
    "Nalinakanti": (27, "s g r m p n S", "S n p m g r s"),
    "Revati": (2, "s r m p n S", "S n p m r s"),
    "Ritigowla": (22, "s g r g m n d m n n S", "S n d m g m p m g r s"),
    "Sahana": (28, "s r g m p m d n S", "S n d p m g m r g r s"),
    "Saveri": (15, "s r m p d S", "S n d p m g r s"),
    "Sivaranjani": (22, "s r g p d S", "S d p g r s"),
    "Sri": (22, "s r m p n S", "S n p d n p m r g r s"),
    "Suddha Dhanyasi": (22, "s g m p n S", "S n p m g s"),
    "Suddha Saveri": (29, "s r m p d S", "S d p m r s"),
}
OTHER_NAMES = {
    "Dhirasankarabharanam": "Sankarabharanam",  # so that its first syllables are its number, 29
    "Kadanakutuhalam": "Kathanakuthuhalam",
    "Kalyani": "Mechakalyani",
    "Pantuvarali": "Kamavardhini",
    "Sriragam": "Sri",
    "Todi": "Hanumatodi",
}

# The ratio to Sa of a svara in each semitone above it: five-limit just intonation, each one of the 22 srutis that
# S. Ramanathan lists. Singers and schools differ, above all in Ri, Dha and Ni.
RATIOS = tuple(map(Fraction, "1 16/15 9/8 6/5 5/4 4/3 45/32 3/2 8/5 5/3 9/5 15/8".split()))
BEND_RANGE = 2.0  # semitones of a full pitch bend, unless the instrument is set otherwise (General MIDI)

OFF = "off"
_NOTE = re.compile(r"([A-G])([#b]?)(-?\d)", re.IGNORECASE)
_PAIRS = ((1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4))  # Ri and Ga of the six chakras; Dha and Ni within one


@dataclass(frozen=True)
class Raga:
    """``semitones`` above Sa of the seven svaras of its melakarta; ``arohana``, the degrees it takes going up, and
    ``avarohana``, those it takes going down. Of a vakra raga also ``moves``: from each degree, how many steps of the
    scale up or down (negative) a line may go."""

    name: str
    melakarta: int
    semitones: tuple[int, ...]
    arohana: frozenset[int]
    avarohana: frozenset[int]
    moves: tuple[frozenset[int], ...] = ()

    def pitch(self, svara: Svara, tonic: int) -> int:
        """The MIDI pitch of a svara; ``tonic`` is that of the middle Sa. Raises SettingsError beyond 0 to 127."""
        pitch = tonic + 12 * svara.sthayi + self.semitones[svara.degree]
        if not 0 <= pitch <= 127:
            raise SettingsError(f"With this tonic `{svara}` lies outside the MIDI pitches; choose another tonic.")
        return pitch

    def svara(self, pitch: int, tonic: int) -> Svara | None:
        """The svara that a pitch is, if the raga has it (going up or down) within the sthayis there are."""
        sthayi, semitone = divmod(pitch - tonic, 12)
        if semitone not in self.semitones or not LOWEST <= sthayi <= HIGHEST:
            return None
        degree = self.semitones.index(semitone)
        return Svara(degree, sthayi) if degree in self.arohana | self.avarohana else None

    def allows(self, before: Svara | None, svara: Svara) -> bool:
        """Whether the line may go there: up to degrees of the arohana, down to those of the avarohana; in a vakra raga
        as its ways turn."""
        if before is None or before.height == svara.height:
            return svara.degree in self.arohana | self.avarohana
        if self.moves:
            return svara.height - before.height in self.moves[before.degree]
        return svara.degree in (self.arohana if svara.height > before.height else self.avarohana)

    def following(self, pitch: int, tonic: int) -> list[int]:
        """The MIDI pitches to which a line of a vakra raga may go from a pitch, within the sthayis: onwards, or to the
        same again. [] if the pitch is not one of its svaras."""
        sthayi, semitone = divmod(pitch - tonic, 12)
        degree = self.semitones.index(semitone) if semitone in self.semitones else -1
        if degree not in self.arohana | self.avarohana:
            return []
        heights = (7 * sthayi + degree + step for step in self.moves[degree] | {0})
        sung = [tonic + 12 * (h // 7) + self.semitones[h % 7] for h in heights if LOWEST <= h // 7 <= HIGHEST]
        return sorted(pitch for pitch in sung if 0 <= pitch <= 127)


def melakarta(number: int) -> tuple[int, ...]:
    """Semitones above Sa of the seven svaras of melakarta 1 to 72, by the rule of the chakras.

    From 37 on Ma is the higher one. The six chakras of each half go through the pairs of Ri and Ga, the six places in a
    chakra through those of Dha and Ni. Raises SettingsError for another number.

    >>> melakarta(29)
    (0, 2, 4, 5, 7, 9, 11)
    """
    if not 1 <= number <= 72:
        raise SettingsError(f"There is no melakarta {number}; there are 1 to 72.")
    half, place = divmod(number - 1, 36)
    chakra, place = divmod(place, 6)
    low, high = _PAIRS[chakra], _PAIRS[place]
    return (0, *low, 5 + half, 7, *(7 + each for each in high))


@cache
def find(name: str) -> Raga:
    """The raga of a name or a melakarta's number. Small differences of spelling do not matter.

    Raises SettingsError, which names similar ragas, if there is no such raga.
    """
    if name.strip().isdecimal():
        number = int(name)
        return _complete(NAMES[number - 1] if 1 <= number <= 72 else name, number)
    known = {_sound(each): each for each in (*NAMES, *JANYA, *OTHER_NAMES)}
    found = known.get(_sound(name))
    found = OTHER_NAMES.get(found, found) if found else None
    if found is None:
        near = [each for key, each in sorted(known.items()) if key[:1] == _sound(name)[:1]]
        raise SettingsError(
            f"There is no raga {name} here; those like it are {', '.join(near) or 'none'} (or a melakarta's number)."
        )
    if found in JANYA:
        number, up, down = JANYA[found]
        return Raga(found, number, melakarta(number), _degrees(up), _degrees(down), _moves(up, down))
    return _complete(found, NAMES.index(found) + 1)


def named(text: str) -> str:
    """The setting ``raga`` in its normal form: off, or the raga's name. Raises SettingsError if there is no such
    raga."""
    return OFF if text.strip().lower() in (OFF, "") else find(text).name


def sa(text: str) -> str:
    """The setting ``tonic`` in its normal form. Raises SettingsError if it is not valid."""
    tonic(text)
    return text.strip().capitalize()


def _complete(name: str, number: int) -> Raga:
    every = frozenset(range(7))
    return Raga(name, number, melakarta(number), every, every)


def _degrees(scale: str) -> frozenset[int]:
    return frozenset(LETTERS.index(letter) for letter in scale.lower().split())


def _moves(up: str, down: str) -> tuple[frozenset[int], ...]:
    """For each degree, the steps to every svara after it before the way turns; () if neither way turns within the
    octave. Where it turns, only the next svara follows."""
    ways = [_runs(_heights(up)), _runs(_heights(down))]
    if all(len(runs) == 1 for runs in ways):
        return ()
    found: list[set[int]] = [set() for _ in LETTERS]
    for run in (run for runs in ways for run in runs):
        for index, height in enumerate(run):
            found[height % 7].update(later - height for later in run[index + 1 :])
    return tuple(map(frozenset, found))


def _heights(way: str) -> list[int]:
    """The svaras of a way through all sthayis, in steps of the scale above the lowest Sa; of two alike in a row one."""
    octave = [LETTERS.index(letter.lower()) + 7 * letter.isupper() for letter in way.split()]
    sthayis = range(HIGHEST - LOWEST + 1)
    rising = octave[0] < octave[-1]
    whole = [height + 7 * sthayi for sthayi in (sthayis if rising else reversed(sthayis)) for height in octave]
    return [height for index, height in enumerate(whole) if not index or height != whole[index - 1]]


def _runs(heights: list[int]) -> list[list[int]]:
    """The stretches that go only up or only down. Each begins where the one before turned."""
    runs = [heights[:2]]
    for before, height in pairwise(heights[1:]):
        if (height > before) == (runs[-1][-1] > runs[-1][-2]):
            runs[-1].append(height)
        else:
            runs.append([before, height])
    return runs


def _sound(name: str) -> str:
    """A name without the letters in which its romanisations differ, so that spellings of one raga are equal."""
    letters = re.sub(r"[^a-z]", "", name.lower())
    for written, meant in (("au", "ow"), ("ee", "i"), ("oo", "u"), ("w", "v"), ("h", "")):
        letters = letters.replace(written, meant)
    return re.sub(r"(.)\1+", r"\1", letters)


def tonic(name: str) -> int:
    """The MIDI pitch of a note name such as D3 or Bb3 (C4 is 60), or of a number.

    Raises SettingsError if it is neither, or leaves no room for a sthayi below and one above.
    """
    found = _NOTE.fullmatch(name.strip())
    if found:
        letter, sign, octave = found.groups()
        pitch = 12 * (int(octave) + 1) + SEMITONES[letter.upper()] + {"#": 1, "b": -1, "": 0}[sign.lower()]
    elif name.strip().isdecimal():
        pitch = int(name)
    else:
        raise SettingsError(f"{name} is no note; write a tonic as D3, Bb3 or 50.")
    if not 12 <= pitch <= 103:
        raise SettingsError(f"The tonic {name} leaves no room below or above; choose one from C0 to G7.")
    return pitch


def bend(pitch: int, tonic: int) -> int:
    """The pitch bend, -8192 to 8191 (0 is none), that tunes a pitch justly to the tonic (``RATIOS``).

    >>> [bend(pitch, 60) for pitch in (60, 64, 67)]
    [0, -561, 80]
    """
    semitone = (pitch - tonic) % 12
    cents = 1200 * log2(RATIOS[semitone]) - 100 * semitone
    return round(8192 * cents / (100 * BEND_RANGE))
