"""A performer who plays chords is answered with chords, and one who plays a melody with a melody."""

from collections import Counter
from collections.abc import Sequence
from statistics import mean

import numpy as np
import pytest

from livegen.events import Event, Heard, NoteOff, NoteOn, Prediction
from livegen.listening.voicing import Voicing
from livegen.predictors import models as predictor
from livegen.predictors.encoding import PLAYER, Step
from livegen.predictors.models import Forecast, Predictor, State, Untrained
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.fixed_models import encoding
from tests.support.output import check_order_and_pairs, ons
from tests.support.performances import answer, drive
from tests.support.spies import Spy

C_MAJOR = {0, 2, 4, 5, 7, 9, 11}
TRIADS = [(48, 64, 67, 72), (53, 65, 69, 72), (55, 62, 67, 71), (57, 60, 64, 69)]


def chords(size: int = 4, count: int = 16, every: int = 1) -> list[Heard]:
    """Onsets a half beat apart, every so manyth of them a chord in C major, whose top voice is the loudest."""
    events: list[Heard] = []
    for index in range(count):
        triad = TRIADS[index // every % len(TRIADS)]
        struck = triad[-size:] if index % every == 0 else (72 + (0, 2, 4)[index % 3],)
        events += [NoteOn(index * 0.25, pitch, 90 if pitch == struck[-1] else 60) for pitch in struck]
        events += [NoteOff(index * 0.25 + 0.2, pitch) for pitch in struck]
    return events


def melody(count: int = 16) -> list[Heard]:
    return chords(size=1, count=count)


def together(out: Sequence[Event]) -> list[list[NoteOn]]:
    """The player's notes by onset."""
    found: dict[float, list[NoteOn]] = {}
    for note in ons(out):
        found.setdefault(note.at, []).append(note)
    return list(found.values())


class Grand(Untrained):
    """Foresees chords: as likely as not, another note sounds together with the last."""

    polyphonic = True

    def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
        forecast = super().step(state, step)[1]
        gap = np.full_like(forecast.gap, -np.inf)
        gap[0] = gap[encoding.gap_index(0.5)] = 0.0
        return state, Forecast(gap, forecast.pitch)


MODELS: dict[str, Predictor] = {"folk": predictor.load("folk"), "polyphonic": Grand()}
models = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())


@models
def test_a_melody_is_answered_with_a_melody(model: Predictor) -> None:
    for seed in range(4):
        out = drive(Session(model, Settings(mode="continuation"), seed), melody(), tail=20.0)
        assert {len(each) for each in together(out)} == {1}


@models
@pytest.mark.parametrize("size", [2, 3, 4])
def test_chords_are_answered_with_chords_of_their_size(model: Predictor, size: int) -> None:
    out = drive(Session(model, Settings(mode="continuation"), 1), chords(size), tail=20.0)
    check_order_and_pairs(out)
    sizes = Counter(len(each) for each in together(out))
    assert sizes[size] > 0.8 * sizes.total() > 8, sizes
    assert max(sizes) == size


@models
def test_a_melody_with_chords_now_and_then_is_answered_with_as_many(model: Predictor) -> None:
    shares = []
    for seed in range(6):
        out = drive(Session(model, Settings(mode="continuation"), seed), chords(3, every=4, count=17), tail=30.0)
        shares += [len(each) > 1 for each in together(out)]
    assert mean(shares) == pytest.approx(0.25, abs=0.15)


def test_chords_fall_where_the_performers_do() -> None:
    out = answer(chords(3, every=2, count=33), predictor.load("folk"), tail=60.0)
    off = [each for each in together(out) if abs(each[0].at / 0.5 % 1.0 - 0.5) < 0.1]
    on = [each for each in together(out) if min(each[0].at / 0.5 % 1.0, 1 - each[0].at / 0.5 % 1.0) < 0.1]
    assert len(off) > 5 and len(on) > 5
    assert mean(len(each) > 1 for each in on) > 0.8 and not any(len(each) > 1 for each in off)


def test_the_chords_of_a_melody_model_are_below_the_melody_and_of_the_pitches_heard() -> None:
    out = answer(chords(3), predictor.load("folk"), tail=30.0, lowest=55, highest=80)
    heard = {pitch % 12 for triad in TRIADS for pitch in triad[-3:]}
    for notes in together(out):
        assert notes[0].pitch == max(note.pitch for note in notes)
        assert all(55 <= note.pitch <= 80 for note in notes)
        assert {note.pitch % 12 for note in notes[1:]} <= heard


@models
def test_the_top_voice_is_as_much_louder_as_the_performers(model: Predictor) -> None:
    for notes in together(answer(chords(3), model)):
        top, *others = sorted(notes, key=lambda note: -note.pitch)
        assert top.velocity == 90 and {note.velocity for note in others} <= {60}


def test_polyphony_is_kept_and_touch_0_leaves_the_model_alone() -> None:
    folk = predictor.load("folk")
    assert max(len(each) for each in together(answer(chords(4), folk, polyphony=2))) == 2
    assert max(len(each) for each in together(answer(chords(4), folk, polyphony=1))) == 1
    assert max(len(each) for each in together(answer(chords(4), folk, touch=0.0))) == 1
    assert max(len(each) for each in together(answer(melody(), Grand(), touch=0.0))) > 1
    assert max(len(each) for each in together(answer(chords(4), Grand(), polyphony=2))) == 2


def test_no_chord_is_predicted_to_who_plays_a_melody() -> None:
    def predicted(events: list[Heard]) -> list[float]:
        out = drive(Session(Grand(), Settings(mode="continuation"), 1), events, tail=0.1)
        return [event.gap for event in out if isinstance(event, Prediction)][4:]

    assert 0.0 not in predicted(melody()) and 0.0 in predicted(chords(3))


def test_before_anything_is_heard_a_polyphonic_model_is_free() -> None:
    out = drive(Session(Grand(), Settings(mode="autonomous"), 1), [], tail=10.0)
    assert len({len(each) for each in together(out)}) > 2


def test_a_melody_model_is_told_the_melody_alone() -> None:
    spy = Spy()
    out = answer(chords(3), spy, tail=10.0, candidates=1)
    told = [step.pitch - 1 for step in spy.steps if step.who == PLAYER]
    assert told[: len(together(out))] == [notes[0].pitch for notes in together(out)]
    assert any(len(notes) == 3 for notes in together(out))


def test_the_chord_nearest_to_the_performers_is_taken() -> None:
    voicing = Voicing()
    for triad in ((60, 64, 67), (60, 65, 69)):
        for index, pitch in enumerate(triad):
            voicing.hear_more(pitch) if index else voicing.hear_note(pitch, 0.0)
    assert voicing.below(79, 3, 0) == [76, 72]  # C major again, an octave up
    assert voicing.below(81, 3, 0) == [77, 72]  # F major
    assert voicing.below(79, 2, 0) == [76]
    assert voicing.below(79, 3, 74) == [76]  # the range ends
    assert Voicing().below(79, 3, 0) == []


def test_who_changes_to_a_melody_is_answered_with_one() -> None:
    voicing = Voicing()
    for pitch in (60, 64):
        voicing.hear_note(pitch, 0.0)
        voicing.hear_more(pitch + 3)
    assert voicing.size(0.0, 0.9) == 2 and not voicing.is_melody
    for _ in range(16):
        voicing.hear_note(62, 0.0)
    assert voicing.is_melody and voicing.size(0.0, 0.9) == 1
