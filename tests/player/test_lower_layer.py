"""The left hand under an answer to two hands."""

from itertools import pairwise

import pytest

from livegen.events import Event, NoteOff, NoteOn, Prediction, pair
from livegen.predictors.encoding import PERFORMER, Step
from livegen.predictors.models import Predictor, Untrained
from livegen.predictors.protocol import Forecast, State
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import check_order_and_pairs
from tests.support.performances import drive, until
from tests.support.two_hands import BASS, CHORD, MELODY, stride

BEAT = 0.5
END = 8.0  # of the phrase


class Chords(Untrained):
    """Predicts chords, as a model of two hands does."""

    polyphonic = True


def answered(predictor: Predictor | None = None, bars: int = 4, /, **settings: object) -> list[Event]:
    chosen = Settings(mode="call_and_response")
    for name, value in settings.items():
        chosen.set(name, value)
    out = drive(Session(predictor or Untrained(), chosen, 1), stride(bars, BEAT), tail=20.0)
    check_order_and_pairs(out)
    return out


def ons(events: list[Event]) -> list[NoteOn]:
    return [event for event in events if isinstance(event, NoteOn)]


def test_the_left_hand_goes_on_under_the_answer() -> None:
    notes = ons(answered())
    lower = [note for note in notes if note.pitch <= max(CHORD)]
    assert {note.pitch for note in lower} >= {BASS, *CHORD}
    upper = [note for note in notes if note.pitch > max(CHORD)]
    assert upper, "there is no melody"
    assert min(note.pitch for note in upper) > max(CHORD)
    bass = [note.at for note in lower if note.pitch == BASS]
    assert [b - a for a, b in pairwise(bass[:-1])] == pytest.approx([2 * BEAT] * (len(bass) - 2), abs=0.02)


def test_it_is_on_the_melody_s_beat() -> None:
    bass = [note.at / BEAT for note in ons(answered()) if note.pitch == BASS]  # the performer began on a beat, at 0
    assert bass == pytest.approx([round(place) for place in bass], abs=0.15)


def test_it_ends_with_the_answer_on_a_stable_chord() -> None:
    notes = ons(answered())
    last = max(note.at for note in notes)
    chord = [note.pitch for note in notes if note.at == last]
    assert len(chord) >= 3
    assert {pitch % 12 for pitch in chord} <= {0, 4, 7}
    assert min(chord) % 12 == 0
    lengths = {note.duration for note in notes if note.at == last}
    assert len(lengths) == 1


def test_a_performer_who_comes_back_stops_both_hands() -> None:
    session = Session(Untrained(), Settings(), 1)
    out = []
    for event in stride(4, BEAT):
        out += until(session, event.at) + session.receive(event)
    out += until(session, END + 3.0)
    assert session.player.turns.playing
    out += session.receive(NoteOn(session.now, 60, 80))
    sounding = {(on.pitch, on.channel) for on in ons(out)} - {
        (event.pitch, event.channel) for event in out if isinstance(event, NoteOff)
    }
    assert not sounding
    assert not ons(until(session, session.now + 1.5))
    check_order_and_pairs(out)


@pytest.mark.parametrize(
    ("name", "value", "there"), [("layers", True, True), ("layers", False, False), ("mode", "duet", False)]
)
def test_there_is_none_where_it_is_not_wanted(name: str, value: object, there: bool) -> None:
    notes = ons(answered(None, 4, **{name: value}))
    together = {at: {note.pitch for note in notes if note.at == at} for at in {note.at for note in notes}}
    assert (sum(pitches >= set(CHORD) for pitches in together.values()) >= 4) == there


def test_a_model_of_two_hands_plays_its_own() -> None:
    session = Session(Chords(), Settings(), 1)
    for event in stride(4, BEAT):
        session.receive(event)
    assert session.player.performer.layers.split is None


class Listener(Untrained):
    """Keeps the pitches of the performer's notes that it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[int] = []

    def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
        if step.who == PERFORMER:
            self.told.append(step.pitch - 1)
        return super().step(state, step, memory)


def test_a_model_of_melodies_hears_the_melody_and_each_note_gets_its_prediction() -> None:
    listener = Listener()
    session = Session(listener, Settings(), 1)
    drive(session, stride(4, BEAT), tail=20.0)
    listener.told.clear()
    out: list[Event] = []
    again = stride(4, BEAT, start=session.now + 5.0)
    for event in again:
        out += until(session, event.at) + session.receive(event)
    assert listener.told == list(MELODY)
    predicted = sum(isinstance(each, Prediction) for each in out)
    assert predicted == sum(isinstance(event, NoteOn) for event in again)


def test_a_longer_answer_plays_the_left_hand_again() -> None:
    notes = ons(answered(answer=2.0, exchange=False))
    bass = [note.at for note in notes if note.pitch == BASS]
    assert bass[-1] - bass[0] > 1.4 * END
    assert max(b - a for a, b in pairwise(bass)) < 2.6 * BEAT


@pytest.mark.parametrize(("polyphony", "most"), [(1, 1), (2, 2), (6, 4)])
def test_no_more_notes_begin_together_than_polyphony_says(polyphony: int, most: int) -> None:
    notes = sorted(ons(answered(polyphony=polyphony)), key=lambda note: note.at)
    together = [sum(note.at <= other.at < note.at + 0.03 for other in notes) for note in notes]
    assert max(together) == most


def harsh_on_beats(hands: bool) -> tuple[int, int]:
    """The notes of the melody on its beats that are a minor second or major seventh from the left hand, over several
    answers, and how many notes on beats there are; without the first two, drawn before the left hand begins."""
    harsh = on_beats = 0
    for seed in range(1, 9):
        session = Session(Untrained(), Settings(hands=hands, stretches=False), seed)
        notes = pair(drive(session, stride(4, BEAT), tail=20.0))
        start = notes[0].onset
        for note in notes[:-4]:  # the last chord has its own rule
            place = (note.onset - start) / BEAT
            if note.pitch <= max(CHORD) or place < 1.5 or abs(place - round(place)) > 0.1:
                continue
            under = [
                other.pitch
                for other in notes
                if other.pitch <= max(CHORD) and other.onset <= note.onset + 0.03 < other.onset + other.duration
            ]
            on_beats += bool(under)
            harsh += any((note.pitch - pitch) % 12 in (1, 11) for pitch in under)
    return harsh, on_beats


def test_the_melody_fits_its_own_left_hand_on_beats() -> None:
    before, of = harsh_on_beats(hands=False)
    after, count = harsh_on_beats(hands=True)
    assert min(count, of) >= 20, "too few notes to tell"
    assert before >= 3 and after == 0
