"""How an answer ends: a stable note of chord, scale or key, longer than the others, on a beat, approached by a step."""

from collections.abc import Sequence
from itertools import pairwise, product
from statistics import median
from typing import Any

import pytest

from livegen.beat.transport import Grid, Transport
from livegen.events import Event, Heard, Note, NoteOff, NoteOn, TurnChange, pair
from livegen.journal.record import Recording
from livegen.journal.replay import Replay
from livegen.listening.performer import Performer
from livegen.player import cadence
from livegen.player.bars import Bars
from livegen.player.cadence import Ending, Last
from livegen.player.limits import Limits
from livegen.player.modes import Situation, Turn, call_and_response
from livegen.predictors.models import Predictor, Untrained, load
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.fixed_models import Chords
from tests.support.output import check_order_and_pairs, ons
from tests.support.performances import drive, until
from tests.support.phrases import song

BEAT = 0.5  # seconds
UNEVEN = (0.0, 0.3, 1.1, 1.25, 1.9, 2.75, 2.9, 3.8, 4.05, 4.9)  # seconds: no beat in it


def uneven() -> list[Heard]:
    return [
        event
        for at, pitch in zip(UNEVEN, (60, 62, 64, 65, 67, 72, 71, 67, 62, 60), strict=True)
        for event in (NoteOn(at, pitch, 90), NoteOff(at + 0.1, pitch))
    ]


def answer(
    events: Sequence[Heard], seed: int, model: Predictor | None = None, **settings: object
) -> tuple[list[Note], float, Session]:
    """The answer's notes in order, and when the turn ended."""
    session = Session(model or load("folk"), Settings.from_table({"mode": "call_and_response", **settings}), seed)
    out = drive(session, events, tail=30.0)
    check_order_and_pairs(out)
    over = [event.at for event in out if isinstance(event, TurnChange)]
    assert len(over) == 2
    return sorted(pair(out), key=lambda note: note.onset), over[1], session


def is_long(notes: Sequence[Note]) -> bool:
    gaps = [there.onset - here.onset for here, there in pairwise(notes)]
    return notes[-1].duration >= 1.4 * median(gaps)


def off_beat(session: Session, at: float) -> float:
    beats = session.transport.beat_at(at)
    return abs(beats - round(beats))


def test_degrees_1_3_and_5_are_those_of_the_key_that_fits() -> None:
    def heard(*pitches: int) -> list[int]:
        return [pitches.count(pitch) for pitch in range(12)]

    assert cadence.key_degrees(heard(0, 0, 0, 2, 4, 4, 5, 7, 7, 9, 11)) == (0, frozenset({0, 4, 7}))
    assert cadence.key_degrees(heard(9, 9, 9, 11, 0, 0, 2, 4, 4, 5, 8)) == (9, frozenset({9, 0, 4}))
    assert cadence.key_degrees(heard(7, 7, 9, 11, 2, 2, 6, 4, 0)) == (7, frozenset({7, 11, 2}))


@pytest.mark.parametrize(
    ("settings", "tonic", "classes"),
    [
        ({"chord": "Am7"}, 9, {9, 0, 4, 7}),
        ({"chord": "Bb", "scale": "major"}, 10, {10, 2, 5}),
        ({"scale": "minor", "key": "D"}, 2, {2, 5, 9}),
        ({"scale": "blues", "key": "E"}, 4, {4, 7, 11}),
        ({"scale": "pentatonic"}, 0, {0, 4, 7}),
        ({"scale": "locrian"}, 0, {0, 3}),
        ({"scale": "2 6"}, 0, {2}),
        ({}, 0, {0, 4, 7}),
    ],
)
def test_what_is_stable_is_the_chord_or_the_scale_or_the_key_heard(
    settings: dict[str, Any], tonic: int, classes: set[int]
) -> None:
    performer, chosen = Performer(), Settings.from_table(settings)
    for event in song():
        performer.hear_event(event, 2.0)
    limits = Limits(chosen, performer.left_hand, lambda: performer.voicing)
    assert cadence.stable(chosen, performer, limits) == (tonic, frozenset(classes))


def test_the_chord_of_the_left_hand_is_stable_once_there_is_one() -> None:
    performer, chosen = Performer(), Settings(chord="left-hand", scale="major")
    limits = Limits(chosen, performer.left_hand, lambda: performer.voicing)
    assert cadence.stable(chosen, performer, limits)[1] == {0, 4, 7}
    for pitch in (38, 41, 45):
        performer.left_hand.hear_event(NoteOn(0.0, pitch, 90), 54)
    assert cadence.stable(chosen, performer, limits)[1] == {2, 5, 9}


@pytest.mark.parametrize(
    ("before", "to"), [(62, 60), (65, 64), (69, 67), (71, 72), (60, 60), (64, 64), (74, 72), (66, 67)]
)
def test_the_last_note_is_a_step_away_or_the_same_again(before: int, to: int) -> None:
    stable = [pitch for pitch in range(36, 97) if pitch % 12 in (0, 4, 7)]
    assert cadence.nearest(stable, before, tonic=0) == to


def test_the_note_before_leads_by_a_step_as_the_model_likes() -> None:
    likely = {60: 3.0, 62: 1.0, 64: 2.0, 65: 0.5, 59: -1.0, 66: -5.0, 68: 9.0}
    assert cadence.leading({0, 4, 7}, 62, likely) == 62
    assert cadence.leading({0, 4, 7}, 60, likely) == 62
    assert cadence.leading({0, 4, 7}, 67, likely) == 68
    assert cadence.leading({0, 4, 7}, 84, likely) == 84  # nothing near it


def planned(running: bool, is_full: bool = False) -> Ending:
    """An answer that began at 10.0, in beats of half a second from 0, and has played three eighths."""
    performer = Performer()
    transport = Transport(performer.pulse)
    transport.grid = Grid(0.0, 0.0, BEAT, running=running)
    ending = Ending(Bars(Settings(), transport, performer), lambda: is_full)
    ending.begin(10.0)
    for onset in (10.0, 10.25, 10.5):
        ending.hear_note(onset)
    return ending


def test_the_last_note_comes_on_the_last_beat_that_leaves_time_for_a_long_one() -> None:
    ending = planned(running=True)
    assert ending.last(12.5, 12.2, ends=14.1) is None
    assert not ending.approaches and ending.aim == 13.0
    assert ending.last(12.84, 12.5, ends=14.1) is None
    assert ending.approaches
    for due in (12.86, 13.1, 15.0):
        assert ending.last(due, 12.7, ends=14.1) == Last(13.0, pytest.approx(13.8))
    assert not ending.is_over(12.9, 14.1) and ending.is_over(13.0, 14.1)
    assert not ending.is_over(13.0, 15.0)  # it goes on after all


@pytest.mark.parametrize("running", [True, False])
def test_a_full_answer_ends_on_the_beat_that_is_nearest_to_the_time_for_a_last_note(running: bool) -> None:
    for ends, aim in ((12.4, 11.5), (12.2, 11.5), (12.0, 11.5), (11.8, 11.0)):
        ending = planned(running, is_full=True)
        assert ending.last(aim - 0.16, 10.5, ends) is None
        assert ending.last(aim - 0.14, 10.5, ends) == pytest.approx((aim, min(aim + 0.8, ends - 0.025)))


def test_a_long_answer_ends_as_it_did() -> None:
    for due in (12.5, 12.84, 12.86, 13.1):
        full, before = (planned(running=True, is_full=is_full).last(due, 12.2, ends=14.1) for is_full in (True, False))
        assert full == before


def test_the_first_note_of_a_full_answer_is_not_its_last_if_there_is_time_for_another() -> None:
    for ends, lasts in ((11.0, True), (11.5, False), (12.0, False)):  # where a note usually lasts a beat
        ending = planned(running=True, is_full=True)
        ending.begin(10.0)
        first = ending.last(10.0, 9.9, ends)
        assert (first is not None) is lasts


def test_without_a_beat_the_last_note_comes_where_the_line_has_it() -> None:
    ending = planned(running=False)
    assert ending.last(13.0, 12.5, ends=14.1) is None
    assert ending.last(13.2, 12.5, ends=14.1) == Last(13.2, 14.0)
    ending.hear_note(12.9)
    late = ending.last(20.0, 12.9, ends=14.1)
    assert late is not None and 12.9 < late.due < late.until <= 14.1


def test_a_last_note_comes_after_the_one_before_and_before_the_end_however_little_time_there_is() -> None:
    for running, is_full in product((True, False), repeat=2):
        for hundredths in range(2, 300, 3):
            ending = planned(running, is_full)
            end = 10.5 + hundredths / 100
            last = ending.last(99.0, 10.5, end)
            assert last is not None and 10.5 <= last.due <= last.until <= max(end, last.due)
            assert hundredths < 30 or 10.5 < last.due < end


def test_the_first_note_keeps_its_time() -> None:
    ending = planned(running=True)
    ending.begin(10.0)
    assert ending.last(11.9, 10.0, ends=12.0) == Last(11.9, 12.0)


def short(gaps: Sequence[float], beat: float) -> list[Heard]:
    """A phrase of gaps in beats, the last of which is its last note's; beats last so many seconds."""
    events, at = list[Heard](), 1.0
    for pitch, gap in zip((60, 64, 67, 64, 69, 67, 64, 60), gaps, strict=False):
        events += [NoteOn(at, pitch, 90), NoteOff(at + 0.85 * gap * beat, pitch)]
        at += gap * beat
    return events


@pytest.mark.parametrize(
    ("gaps", "beat", "settings", "classes"),
    [
        ((0.5,) * 8, 0.5, {}, {0, 4, 7}),
        ((0.5,) * 8, 0.5, {"exchange": False}, {0, 4, 7}),
        ((0.5,) * 8, 0.6, {"raga": "mohanam", "tala": "off"}, {0}),
        ((1.0,) * 4, 0.55, {"scale": "major"}, {0, 4, 7}),
        ((1.0, 0.5, 0.5, 1.0, 1.0), 0.5, {"chord": "Am7"}, {9, 0, 4, 7}),
        ((1.0, 1.0, 2.0), 0.8, {}, {0, 4, 7}),
        ((0.5,) * 6, 0.45, {}, {0, 4, 7}),
    ],
)
def test_the_answer_to_a_short_phrase_is_about_as_long_and_ends_well(
    gaps: Sequence[float], beat: float, settings: dict[str, Any], classes: set[int]
) -> None:
    phrase = short(gaps, beat)
    notes, over, _ = answer(phrase, 1, stretches=False, **settings)  # when it is over is another matter
    lasts = notes[-1].onset + notes[-1].duration - notes[0].onset
    assert 0.6 <= lasts / (phrase[-1].at - phrase[0].at) <= 1.2
    onsets = sorted({note.onset for note in notes})
    assert notes[-1].duration > max(1.1 * median(gaps) * beat, median(there - here for here, there in pairwise(onsets)))
    assert notes[-1].pitch % 12 in classes
    assert notes[-1].onset + notes[-1].duration <= over + 1e-6


def test_eight_quick_notes_get_five_and_not_three() -> None:
    assert len(answer(short((0.5,) * 8, 0.5), 1)[0]) == 5
    assert len(answer(short((0.5,) * 8, 0.5), 1, full_answers=False)[0]) == 3


@pytest.mark.parametrize(
    ("settings", "classes"),
    [({}, {0, 4, 7}), ({"scale": "major", "key": "auto"}, {0, 4, 7}), ({"chord": "F"}, {5, 9, 0})],
)
def test_an_answer_ends_on_a_stable_note_that_is_long_and_on_a_beat(
    settings: dict[str, Any], classes: set[int]
) -> None:
    steps = 0
    for seed in range(12):
        notes, over, session = answer(song(), seed, **settings)
        last = notes[-1]
        assert last.pitch % 12 in classes
        assert is_long(notes)
        assert last.onset + last.duration <= over + 1e-6
        assert off_beat(session, last.onset) < 1e-6
        steps += 0 < abs(last.pitch - notes[-2].pitch) <= 2
    assert steps >= 8 or "chord" in settings


def test_it_would_not_by_chance() -> None:
    ended = 0
    for seed in range(12):
        notes, _, session = answer(song(), seed, ending="cut")
        ended += notes[-1].pitch % 12 in (0, 4, 7) and is_long(notes) and off_beat(session, notes[-1].onset) < 0.05
    assert ended <= 3


def test_without_a_beat_it_ends_on_a_stable_note_that_is_long() -> None:
    for seed in range(12):
        notes, over, session = answer(uneven(), seed, patience=4.0, habits=False)
        if session.transport.running or len(notes) < 4:
            continue
        assert notes[-1].pitch % 12 in (0, 4, 7)
        assert notes[-1].onset + notes[-1].duration <= over + 1e-6
        assert is_long(notes)


def test_all_notes_of_a_last_chord_are_stable() -> None:
    for seed in range(6):
        notes, _, _ = answer(song(), seed, Chords(), touch=0.0)
        last = [note.pitch for note in notes if note.onset == notes[-1].onset]
        assert len(set(last)) == 3
        assert {pitch % 12 for pitch in last} <= {0, 4, 7}


def test_in_a_raga_without_a_tala_it_ends_on_sa() -> None:
    for seed in range(6):
        notes, _, _ = answer(song(), seed, load("carnatic"), raga="Mayamalavagowla", tonic="D3", tala="off")
        assert notes[-1].pitch % 12 == 2
        assert is_long(notes)


def test_the_last_note_keeps_the_range() -> None:
    for seed in range(12):
        assert answer(song(), seed, Untrained(), lowest=61, highest=66)[0][-1].pitch == 64


def test_the_last_notes_repeat_nothing_too_often() -> None:
    for seed in range(12):
        pitches = [note.pitch for note in answer(song(), seed, Untrained(), loops=1)[0]]
        assert not set(pitches[-2:]) & set(pitches[-9:-2])


@pytest.mark.parametrize("mode", ["call_and_response", "duet"])
def test_whoever_plays_during_the_last_note_silences_an_answer_at_once_and_a_duet_goes_on(mode: str) -> None:
    session = Session(load("folk"), Settings(mode=mode), 3)
    for event in song():
        until(session, event.at)
        session.receive(event)
    while (ends := session.player.turns.ends) is None or not session.player.turns.ending.is_over(
        session.player.progress.ahead.onset or 0.0, ends
    ):
        session.advance(session.next_due() or 0.0)
    assert len(session.ledger) and session.playing
    out = session.receive(NoteOn(session.now + 0.05, 50, 90))
    if mode == "call_and_response":
        assert any(isinstance(event, NoteOff) for event in out)
        assert not len(session.ledger) and not session.playing
    else:
        assert ons(until(session, session.now + 3.0))
    session.panic(99.0)


@pytest.mark.parametrize("says", [True, False])
def test_a_mode_of_ones_own_ends_if_it_says_when(says: bool) -> None:
    def mode(situation: Situation, settings: Settings) -> Turn:
        turn = call_and_response(situation, settings)
        return turn if says else turn._replace(ends=None)

    def played(seed: int, mode_: bool, **settings: object) -> list[Event]:
        session = Session(load("folk"), Settings.from_table(settings), seed)
        if mode_:
            session.set_mode(mode, 0.0)
        return drive(session, song(), tail=20.0)

    for seed in range(4):
        assert played(seed, True) == played(seed, False, ending="cadence" if says else "cut")


def test_a_session_from_before_there_were_endings_ends_as_it_did() -> None:
    settings = Replay(Recording({"settings": {}}), load).session.settings
    assert settings.ending == "cut" and not settings.exchange and not settings.full_answers
