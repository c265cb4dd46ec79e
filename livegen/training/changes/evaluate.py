"""Measures how well chords are heard and foreseen in lead sheets, for `livegen evaluate changes`."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from livegen.errors import SettingsError
from livegen.listening import chord_tables
from livegen.listening.chord_filter import ON, Estimate, Sounding
from livegen.listening.chords_heard import ChordsHeard
from livegen.predictors import over_chords
from livegen.training.changes import baselines
from livegen.training.changes.baselines import Chain, Class, class_of
from livegen.training.changes.count import learnt_from
from livegen.training.changes.solos import Soloist
from livegen.training.changes.songs import Song, fingerprint, is_learnt, read_songs
from livegen.training.changes.told import ToldReport, measure

_LOWEST = 43  # of the roots that a left hand plays
_DOUBT = 0.02  # a chance that every forecast leaves to all chords alike, so that none costs infinitely many bits
_CLASSES = 36


@dataclass
class _Hits:
    """Beats at which the chord was right, and its root."""

    beats: int = 0
    right: int = 0
    root: int = 0

    def add(self, found: Class, wanted: Class) -> None:
        self.beats += 1
        self.right += found == wanted
        self.root += found[0] == wanted[0]


@dataclass
class _Forecasts:
    """Changes at which the next chord was foreseen first, or among the first three; and what it cost."""

    changes: int = 0
    first: int = 0
    among: int = 0
    bits: float = 0.0

    def add(self, likely: dict[Class, float], wanted: Class) -> None:
        ranked = sorted(likely, key=lambda each: (-likely[each], each))
        self.changes += 1
        self.first += wanted == ranked[0]
        self.among += wanted in ranked[:3]
        share = (1.0 - _DOUBT) * likely.get(wanted, 0.0) + _DOUBT / _CLASSES
        self.bits -= math.log2(share)


@dataclass(frozen=True)
class ChangesReport:
    """The share of beats at which chords were right, by method, and how well the next one was foreseen."""

    songs: int
    left_out: int
    broken: int
    heard: dict[str, _Hits] = field(default_factory=dict)
    foreseen: dict[str, _Forecasts] = field(default_factory=dict)
    told: ToldReport | None = None

    def table(self) -> str:
        """As Markdown."""
        left = f"{self.left_out} were learnt from and left out" if self.left_out else "none of them was learnt from"
        lines = [f"{self.songs} lead sheets ({left}; {self.broken} could not be read).", ""]
        lines += ["| chord at each beat | beats | root and class | root |", "| --- | ---: | ---: | ---: |"]
        for name, hits in self.heard.items():
            lines.append(f"| {name} | {hits.beats} | {hits.right / hits.beats:.3f} | {hits.root / hits.beats:.3f} |")
        lines += ["", "| next chord | changes | first | among three | bits |", "| --- | ---: | ---: | ---: | ---: |"]
        for name, each in self.foreseen.items():
            shares = f"{each.first / each.changes:.3f} | {each.among / each.changes:.3f}"
            lines.append(f"| {name} | {each.changes} | {shares} | {each.bits / each.changes:.2f} |")
        if self.told is not None:
            lines += ["", *self.told.lines()]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """As numbers."""
        heard = {
            name: {"beats": hits.beats, "right": hits.right / hits.beats, "root": hits.root / hits.beats}
            for name, hits in self.heard.items()
        }
        foreseen = {
            name: {
                **{"changes": each.changes, "first": each.first / each.changes},
                **{"among three": each.among / each.changes, "bits": each.bits / each.changes},
            }
            for name, each in self.foreseen.items()
        }
        of_lines = None if self.told is None else self.told.to_dict()
        counts = {"songs": self.songs, "left out": self.left_out}
        return {**counts, "heard": heard, "foreseen": foreseen, "told": of_lines}


def evaluate(
    folder: Path, say: Callable[[str], None] = lambda _: None, solos: int = 0, solo: Soloist | None = None
) -> ChangesReport:
    """Measure the shipped tables on the lead sheets of a folder that they were not counted in, and what chords tell of
    their melodies, with solos over so many of them.

    Raises FileError if there is none, SettingsError if they were counted in all.
    """
    found = read_songs(folder)
    known = learnt_from(chord_tables.SHIPPED) | learnt_from(over_chords.SHIPPED)
    songs = [song for song in found.songs if fingerprint(song.name) not in known]
    if not songs:
        raise SettingsError(f"The tables were counted in all songs of {folder.name}; give other lead sheets.")
    report = ChangesReport(len(songs), len(found.songs) - len(songs), found.broken)
    chain = Chain([song for song in found.songs if is_learnt(song.name)])
    for number, song in enumerate(songs, 1):
        say(f"song {number} of {len(songs)}: {song.name:.40}")
        _measure(song, report, chain)
    return replace(report, told=measure(songs, solos, solo, say))


class _Moment(NamedTuple):
    """The estimates for a beat: when it began, and when it was over."""

    begun: Estimate | None
    over: Estimate | None


def _measure(song: Song, report: ChangesReport, chain: Chain) -> None:
    melody = list(_follow(song, song.notes))
    both = list(_follow(song, [*song.notes, *left_hand(song)]))
    whole = baselines.viterbi(song, chord_tables.shipped())
    for beat, chord in enumerate(song.chords):
        if chord is None:
            continue
        wanted, silent = class_of(chord), (-1, -1)
        for name, found in (
            ("the key's tonic", (song.tonic, 0)),
            ("templates, 4 beats", baselines.by_template(song, beat)),
            ("melody, as the beat begins", _class(melody[beat].begun) or silent),
            ("melody, as the beat is over", _class(melody[beat].over) or silent),
            ("melody, whole song (Viterbi)", whole[beat]),
            ("melody and left hand, as the beat begins", _class(both[beat].begun) or silent),
            ("melody and left hand, as the beat is over", _class(both[beat].over) or silent),
        ):
            report.heard.setdefault(name, _Hits()).add(found, wanted)
    _foresee(song, report, melody, both, chain)


def _foresee(
    song: Song, report: ChangesReport, melody: Sequence[_Moment], both: Sequence[_Moment], chain: Chain
) -> None:
    past: list[Class] = []
    for beat in range(len(song.chords) - 1):
        now, then = song.chords[beat], song.chords[beat + 1]
        if now is None or then is None:
            continue
        here, wanted = class_of(now), class_of(then)
        told = ((here[0] - song.tonic) % 12, here[1])
        if not past or past[-1] != told:
            past.append(told)
        if here == wanted:
            continue
        in_key = chain.expect(past)
        known = {((root + song.tonic) % 12, quality): share for (root, quality), share in in_key.items()}
        for name, likely in (
            ("melody alone", _likely(melody[beat].over)),
            ("melody and left hand", _likely(both[beat].over)),
            ("Markov chain of order 2, told key and chords", known),
        ):
            report.foreseen.setdefault(name, _Forecasts()).add(likely, wanted)


def _class(estimate: Estimate | None) -> Class | None:
    return None if estimate is None else class_of(estimate.chord)


def _likely(estimate: Estimate | None) -> dict[Class, float]:
    likely = {(root, quality): 0.0 for root in range(12) for quality in range(3)}
    for chord, share in () if estimate is None else estimate.following:
        likely[class_of(chord)] += share
    return likely


def _follow(song: Song, notes: Sequence[Sounding]) -> Iterator[_Moment]:
    """The estimates at each beat of what was heard by then."""
    heard, beats = ChordsHeard(), song.beats_per_bar
    events = sorted([(note.begins, 1, note.pitch) for note in notes] + [(note.ends, 0, note.pitch) for note in notes])
    at = 0
    for beat in range(len(song.chords)):
        found = []
        for until in (beat + ON, beat + 1 - ON):
            while at < len(events) and events[at][0] < until - 1e-6:
                place, begins, pitch = events[at]
                (heard.hear_note if begins else heard.hear_release)(place, pitch, beats)
                at += 1
            found.append(heard.estimate(until - 1e-6, most=_CLASSES + 12))
        yield _Moment(*found)


def left_hand(song: Song) -> Iterator[Sounding]:
    """The chords of a song in close position, struck at each change and at each bar line."""
    for beat, chord in enumerate(song.chords):
        before = song.chords[beat - 1] if beat else None
        if chord is None or (chord == before and beat % song.beats_per_bar):
            continue
        end = beat + 1
        while end < len(song.chords) and song.chords[end] == chord and end % song.beats_per_bar:
            end += 1
        lowest = _LOWEST + (chord.lowest - _LOWEST) % 12
        for pitch in sorted({lowest, *(lowest + (each - lowest) % 12 for each in chord.classes)}):
            yield Sounding(pitch, float(beat), float(end))
