"""The chord of each moment: the chart's, if one is played, or otherwise the one that is heard."""

from typing import NamedTuple

import numpy as np

from livegen.charts.chart import Chart
from livegen.charts.place import ChartPlace
from livegen.errors import SettingsError
from livegen.events import NoteOff, NoteOn
from livegen.listening.performer import Performer
from livegen.music import chords
from livegen.music.chord_symbol import Chord
from livegen.music.key import Key
from livegen.player.bars import Bars
from livegen.predictors import over_chords
from livegen.predictors.encoding import PITCHES
from livegen.predictors.over_chords import OverChords
from livegen.predictors.sampling import Logits
from livegen.settings import Settings

_SURE = 0.5  # certainty from which a chord that is heard counts
_TRIAD = (1, 2, 3, 4, 5)  # degrees: of a suspended chord the second or the fourth stands for the third
_STRONG = 0.12  # beats: a note this near to a beat is on it
# How much likelier the notes of the chord are on a beat, as a natural logarithm: so that over the charts of the lead
# sheets that are learnt from, as many notes on strong beats belong to the chord as in their melodies (0.81).
_PULL = 3.5


class Harmony(NamedTuple):
    """The chord now, the next one, how certain they are (0 to 1), and the key. ``wait``: the beats until the next
    comes, if that is known; ``safest``: of a chord that is heard the one that is least wrong to be expected."""

    now: Chord | None
    next: Chord | None
    certainty: float
    key: Key
    wait: float | None = None
    safest: Chord | None = None


class Spot(NamedTuple):
    """The place in a chart: the bar and the section that play, each by its number from 1, how many bars there are, the
    section in which it stays (0: none), and the semitones by which it is transposed. All 0: no chart is played."""

    bar: int = 0
    bars: int = 0
    section: int = 0
    vamp: int = 0
    semitones: int = 0


class Changes:
    """Gives the chord at a time. ``moment`` is the time of the note that is being decided (seconds)."""

    def __init__(self, settings: Settings, bars: Bars, performer: Performer) -> None:
        self.moment = 0.0
        self._settings = settings
        self._bars = bars
        self._performer = performer
        self._place: ChartPlace | None = None
        self._waits = False  # for the first note, with which a bar begins
        self._by_clock = False
        self.over: OverChords | None = None  # the weights by which a forecast is told the chord; None: the shipped ones
        over_chords.shipped()  # read now, and not when a note waits
        self._pulls: dict[frozenset[int], Logits] = {}

    @property
    def chart(self) -> Chart | None:
        """The chart that is played, as it sounds."""
        return None if self._place is None else self._place.chart

    def is_over_chart(self) -> bool:
        """Whether a chart is played."""
        return self._place is not None

    def play(self, chart: Chart | None, at: float) -> None:
        """Play a chart from the next bar line on; None: no longer. Where no beat is known, from the first note on."""
        self._waits = chart is not None and not self._bars.running
        origin = 0.0 if self._bars.by_clock else self._bars.line_after(at)
        self._place = None if chart is None else ChartPlace.beginning(chart, origin)

    def hear_note(self, on: NoteOn) -> None:
        """The performer played: where the chart waited for that, it begins with the bar of this note."""
        if self._waits and self._place is not None:
            self._waits = False
            self._begin(self._place, self._bars.line_after(on.at))
        beat, per_bar = self._bars.counted(on.at)
        self._performer.chords_heard.hear_note(beat, on.pitch, per_bar)

    def hear_release(self, off: NoteOff) -> None:
        """The performer let a key go."""
        beat, per_bar = self._bars.counted(off.at)
        self._performer.chords_heard.hear_release(beat, off.pitch, per_bar)

    def _here(self) -> ChartPlace | None:
        """The place in the chart. A MIDI clock's song begins with the chart, and its song position moves both."""
        if self._bars.by_clock != self._by_clock:
            self._by_clock = self._bars.by_clock
            if self._by_clock and self._place is not None:
                self._waits = False
                self._begin(self._place, 0.0)
        return self._place

    def _in_chart(self, place: ChartPlace, beat: float) -> float:
        """The beat, or the chart's first while it has not begun."""
        return place.origin if self._waits else max(beat, place.origin)

    def _begin(self, place: ChartPlace, origin: float) -> None:
        self._place = ChartPlace.beginning(place.written, origin).transposed(place.semitones)

    def begin_at(self, beat: float) -> None:
        """Begin the chart again at a beat, if one is played. A MIDI clock's song has its own beginning."""
        if self._place is not None and not self._bars.by_clock:
            self._waits = False
            self._begin(self._place, beat)

    def jump(self, name: str, at: float) -> None:
        """Go to a section at the next bar line. Raises SettingsError."""
        self._place = self._playing().jumping(name, self._bars.line_after(at))

    def vamp(self, name: str, at: float) -> None:
        """Stay in a section from the next bar line on; "" goes on with the chart. Raises SettingsError."""
        self._place = self._playing().vamping(name, self._bars.line_after(at))

    def transpose(self, semitones: int) -> None:
        """Play the chart so many semitones above what is written. Raises SettingsError if there is none."""
        self._place = self._playing().transposed(semitones)

    def _playing(self) -> ChartPlace:
        place = self._here()
        if place is None:
            raise SettingsError("No chart is played; choose one with /livegen/chart.")
        return place

    def harmony(self, at: float) -> Harmony | None:
        """The chords at a time, of the chart or as they are heard; None while nothing is known."""
        beat = self._bars.count(at)
        if (place := self._here()) is not None:
            beat = self._in_chart(place, beat)
            following, wait = place.next_span(beat)
            return Harmony(place.span(beat).chord, following.chord, 1.0, place.chart.key, wait)
        found = self._performer.chords_heard.estimate(beat)
        if found is None:
            return None
        return Harmony(found.chord, found.following[0][0], found.certainty, found.key, safest=found.safest)

    def spot(self, at: float) -> Spot:
        """The place in the chart at a time; its first bar while it has not begun."""
        place = self._here()
        if place is None:
            return Spot()
        bar = place.bar(self._in_chart(place, self._bars.count(at)))
        chart = place.chart
        return Spot(1 + bar, len(chart.bars), chart.section_at(bar), place.vamp, place.semitones)

    def classes(self) -> frozenset[int]:
        """The pitch classes of the chord at the moment, for the setting ``chord`` at auto; none while it is unsure."""
        chord, _ = self._chord()
        return frozenset() if chord is None else chord.classes

    def _chord(self, early: float = 0.0) -> tuple[Chord | None, float]:
        """The chord at the moment and its certainty (0 to 1); none while it is unsure. A note that comes ``early``
        (beats) before a chord is of that one."""
        beat = self._bars.count(self.moment) + early
        if (place := self._here()) is not None:
            return place.span(self._in_chart(place, beat)).chord, 1.0
        found = self._performer.chords_heard.estimate(beat)
        return (None, 0.0) if found is None or found.certainty < _SURE else (found.chord, found.certainty)

    def resting(self) -> tuple[int, frozenset[int]] | None:
        """The root and the triad of the chart's chord at the moment, on which an answer may end; None without a chart,
        or where the setting ``chord_lines`` is off."""
        if self._place is None or not self._settings.chord_lines or not self._settings.chord_tones:
            return None
        chord, _ = self._chord(self._early)
        if chord is None:
            return None
        return chord.root, frozenset((chord.root + step) % 12 for degree, step in chord.tones if degree in _TRIAD)

    @property
    def _early(self) -> float:
        """The beats before a chord in which a note is meant for it."""
        return over_chords.ON_BEAT if self._settings.strong_beats else 0.0

    @property
    def lead(self) -> bool:
        """Whether notes keep to chords: over a chart, or with the setting ``chord`` at auto."""
        return self._place is not None or self._settings.chord == chords.AUTO

    def told(self, forecast: Logits, last: int | None, gap: float) -> Logits:
        """A forecast of the pitch, told the chord as far as the setting ``chord_tones`` says: over a chart or with the
        setting ``chord`` at auto. The note comes ``gap`` beats after the pitch ``last``, if it follows one."""
        if not self._settings.chord_lines or not self._settings.chord_tones or not self.lead:
            return forecast
        chord, certainty = self._chord(self._early)
        if chord is None:
            return forecast
        here = over_chords.moment(chord, self._bars.count(self.moment), self._bars.beats_per_bar, last, gap)
        over = self.over or over_chords.shipped(former=not self._settings.strong_beats)
        return over.told(forecast, here, self._settings.chord_tones * certainty)

    def draw(self, logits: Logits) -> None:
        """Draw a note on a beat to the chord's, each alike, as far as the setting ``chord_tones`` says: in place, over
        a chart or with the setting ``chord`` at auto. A forecast that was told the chord needs none of it."""
        if self._settings.chord_lines or not self._settings.chord_tones or not self.lead:
            return
        if (pull := self._pull()) is not None:
            logits += pull

    def _pull(self) -> Logits | None:
        """Logits that draw a note on a beat to the chord's, each alike."""
        beat = self._bars.count(self.moment)
        if abs(beat - round(beat)) > _STRONG:
            return None
        classes = self.classes()
        if not classes:
            return None
        kept = self._pulls.get(classes)
        if kept is None:
            kept = np.full(PITCHES, -_PULL, dtype=np.float32)
            kept[[pitch for pitch in range(PITCHES) if pitch % 12 in classes]] = 0.0
            self._pulls[classes] = kept
        return kept * np.float32(self._settings.chord_tones)
