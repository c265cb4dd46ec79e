"""Notation of the notes that were played, on one line: sargam in a raga, otherwise ABC."""

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from livegen.events import Note
from livegen.music import scales
from livegen.music.pitch import PITCH_CLASSES, pitch_name
from livegen.music.raga import Raga
from livegen.music.sargam import Tala
from livegen.tunes import abc_writer, transcript
from livegen.tunes.abc_writer import Key, Tone

_MATRAS = (Fraction(1), Fraction(1, 2), Fraction(1, 4))  # aksharas of one sign
_OFF = 0.2  # of a sign's time: an onset farther off needs shorter signs
_MOST_OFF = 0.1  # the share of onsets that may be farther off
_REST = 0.5  # beats of silence that are written as a rest
_MODES = {
    **{"major": "", "lydian": "lyd", "mixolydian": "mix", "dorian": "dor", "minor": "m", "phrygian": "phr"},
    **{"locrian": "loc", "harmonic-minor": "m", "melodic-minor": "m", "minor-pentatonic": "m", "blues": "m"},
}
_MINOR_TONICS = "C C# D Eb E F F# G G# A Bb B".split()


class WrittenNote(NamedTuple):
    """A note that was played: ``beat`` from a bar line (an avartana's beginning in a tala), and its length in beats."""

    beat: float
    beats: float
    pitch: int


def sargam(notes: Sequence[WrittenNote], raga: Raga, tonic: int, tala: Tala | None) -> str:
    """Svaras with the bar lines of the tala; a sign is an akshara, or in faster playing half or a quarter of one. A
    note that the raga does not have is written in brackets, by its name."""
    if not notes:
        return ""
    matra = next((each for each in _MATRAS if _fits(notes, each)), _MATRAS[-1])
    slots = _slots(notes, float(matra))
    ends = [*slots[1:], slots[-1] + max(1, round(notes[-1].beats / matra))]
    signs: list[str] = []
    for note, slot, end in zip(notes, slots, ends, strict=True):
        svara = raga.svara(note.pitch, tonic)
        for place in range(slot, end):
            signs.append("," if place > slot else str(svara) if svara is not None else f"({pitch_name(note.pitch)})")
            akshara = (place + 1) * matra
            bar = tala.bar_after(int(akshara) - 1) if tala is not None and akshara.denominator == 1 else ""
            signs += [bar] if bar else []
    return " ".join(signs)


def _fits(notes: Sequence[WrittenNote], matra: Fraction) -> bool:
    """Whether each onset is near a sign of this length, one to each."""
    places = [note.beat / matra for note in notes]
    off = sum(abs(place - round(place)) > _OFF for place in places)
    return off <= _MOST_OFF * len(notes) and len({round(place) for place in places}) == len(places)


def _slots(notes: Sequence[WrittenNote], unit: float) -> list[int]:
    """The beginning of each note in units; two notes never begin together."""
    slots: list[int] = []
    for note in notes:
        slot = round(note.beat / unit)
        slots.append(slot if not slots else max(slot, slots[-1] + 1))
    return slots


def abc(notes: Sequence[WrittenNote], key: Key, beats_per_bar: int, tempo: float) -> str:
    """The upper voice in ABC, standard 2.1: fields in brackets, then the bars, of which the first and the last may be
    parts. Beats that divide in three are written in a compound metre."""
    melody = _upper(notes)
    if not melody:
        return ""
    parts = 3 if _divides_in_three(melody) else 4
    metre = f"{3 * beats_per_bar}/8" if parts == 3 else f"{beats_per_bar}/4"
    unit = Fraction(1, 2) if parts == 3 else Fraction(1, 4)  # quarter notes that a part of a beat is
    bars: dict[int, list[Tone]] = {}
    for start, end, pitch in _spans(melody, parts):
        for bar, since, until in _cut(start, end, beats_per_bar * parts):
            bars.setdefault(bar, []).append(Tone(pitch, (until - since) * unit, pitch is not None and until < end))
    first = round(melody[0].beat * parts) % (beats_per_bar * parts)
    texts: list[str] = []
    for tones in bars.values():
        texts.append(abc_writer.bar_text(tones, key, metre, Fraction(0) if texts else first * unit))
    beat = "3/8" if parts == 3 else "1/4"
    return f"[M:{metre}][L:1/8][Q:{beat}={round(tempo)}][K:{key}] {' | '.join(texts)} |"


def _upper(notes: Sequence[WrittenNote]) -> list[WrittenNote]:
    """The highest of the notes that begin together."""
    found: list[WrittenNote] = []
    for note in notes:
        if found and note.beat - found[-1].beat < 0.05:
            found[-1] = max(found[-1], note, key=lambda each: each.pitch)
        else:
            found.append(note)
    return found


def _divides_in_three(notes: Sequence[WrittenNote]) -> bool:
    """Whether thirds of a beat fit the onsets clearly better than quarters."""
    thirds, quarters = (
        sum(abs(note.beat * parts - round(note.beat * parts)) / parts for note in notes) for parts in (3, 4)
    )
    return thirds < 0.5 * quarters


def _spans(notes: Sequence[WrittenNote], parts: int) -> list[tuple[int, int, int | None]]:
    """Beginning and end, in parts of a beat, of each note and of the rests between (pitch None)."""
    slots = _slots(notes, 1 / parts)
    spans: list[tuple[int, int, int | None]] = []
    for index, (note, slot) in enumerate(zip(notes, slots, strict=True)):
        own = slot + max(1, math.ceil(note.beats * parts - 0.25))
        following = slots[index + 1] if index + 1 < len(slots) else own
        rests = following - own >= _REST * parts
        spans.append((slot, own if rests else following, note.pitch))
        if rests:
            spans.append((own, following, None))
    return spans


def _cut(start: int, end: int, bar: int) -> list[tuple[int, int, int]]:
    """The bar, the beginning and the end of each piece that bar lines leave."""
    edges = [start, *range((start // bar + 1) * bar, end, bar), end]
    return [(since // bar, since, until) for since, until in pairwise(edges)]


def key_of(scale: str, key: str, notes: Sequence[WrittenNote]) -> Key:
    """The key to write in: that of the scale that is set, otherwise the one that fits the notes."""
    if scale == scales.OFF:
        return transcript.find_key([Note(note.beat, note.beats, note.pitch) for note in notes])
    tonic = scales.tonic(key) if key != scales.AUTO else scales.fitting_key(scale, _classes(notes), 0)
    mode = _MODES.get(scale, "")
    name = PITCH_CLASSES[tonic] if mode in ("", "lyd", "mix") else _MINOR_TONICS[tonic]
    return Key.parse(name + mode)


def _classes(notes: Sequence[WrittenNote]) -> list[int]:
    counts = [0] * 12
    for note in notes:
        counts[note.pitch % 12] += 1
    return counts
