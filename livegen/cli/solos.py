"""Solos over the charts of lead sheets in virtual time, by which `train` and `evaluate` measure lines over chords."""

from collections.abc import Mapping
from typing import Any

from livegen.beat.transport import OWN, Grid
from livegen.charts.text import write_chart
from livegen.events import Event, pair
from livegen.listening.chord_filter import Sounding
from livegen.predictors.over_chords import OverChords
from livegen.predictors.protocol import Predictor
from livegen.session import verbs
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.training.changes.songs import Song, chart_of

SECONDS = 24.0  # of each solo
_TEMPO = 120.0


def solo(
    song: Song, model: Predictor, changed: Mapping[str, Any], seed: int = 1, over: OverChords | None = None
) -> list[Sounding]:
    """A line that a model plays alone over a song's chart, in its beats, by settings that are ``changed``, and told the
    chords by these weights (None: the shipped ones)."""
    settings = Settings(mode="autonomous", metre=song.beats_per_bar, tempo=_TEMPO)
    for name, value in changed.items():
        settings.set(name, value)
    session, beat = Session(model, settings, seed), 60.0 / _TEMPO
    if over is not None:
        session.player.changes.over = over
    session.follow(Grid(0.0, 0.0, beat, OWN))
    out: list[Event] = list(verbs.do(session, "chart_text", 0.0, (write_chart(chart_of(song)),)))
    out += session.advance_until(SECONDS) + session.panic(SECONDS)
    notes = [each for each in pair(out) if each.onset > 0.0]  # a note at 0 sounds as the chart comes
    return [Sounding(each.pitch, each.onset / beat, (each.onset + each.duration) / beat) for each in notes]
