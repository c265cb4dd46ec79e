"""Candidates: the best of several answers is played; which one, only the performer's notes and the seed decide."""

import random
from collections.abc import Callable, Sequence
from functools import cache
from statistics import mean

import pytest

from livegen.beat.transport import Grid
from livegen.events import Event, Heard, NoteOff, NoteOn, Prediction
from livegen.journal.record import Recording
from livegen.journal.replay import Replay
from livegen.player import motifs, ranking
from livegen.player.line import Plan
from livegen.player.modes import MODES
from livegen.player.playing import Membership
from livegen.predictors import models
from livegen.predictors.models import Untrained
from livegen.session import verbs
from livegen.session.any_session import AnySession
from livegen.session.band import Band
from livegen.session.parts import PERFORMER, Part
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import check_order_and_pairs, ons
from tests.support.performances import drive, perform
from tests.support.phrases import song
from tests.support.spies import Failing, Spy

load = cache(models.load)
RIFF = ((0.0, 60), (0.5, 63), (0.75, 65), (1.0, 67), (2.0, 65), (2.5, 63), (3.0, 60), (3.5, 58), (4.0, 60))


def riff(start: float, beat: float = 0.5) -> list[Heard]:
    return [
        event
        for place, pitch in RIFF
        for event in (
            NoteOn(start + beat * place, pitch, 90),
            NoteOff(start + beat * (place + (0.45 if place < 4.0 else 0.9)), pitch),
        )
    ]


def rounds(count: int, period: float = 6.0) -> list[Heard]:
    return [event for number in range(count) for event in riff(0.5 + period * number)]


def idle(session: AnySession, end: float, pieces: int = 10**6) -> int:
    """Work ahead while nothing happens until ``end``; how many pieces there were."""
    done, at = 0, session.now
    while (at := at + 0.01) < end and done < pieces:
        while done < pieces and session.work_ahead(at):
            done += 1
    return done


def drive_idly(session: AnySession, events: Sequence[Heard], draw: random.Random) -> tuple[list[Event], int]:
    """As ``drive``, with more or less work ahead whenever there is time."""
    out: list[Event] = []
    worked = 0
    ends = [*(event.at for event in events), session.now + events[-1].at + 12.0]
    for event, end in zip((*events, None), ends, strict=True):
        while (due := session.next_due()) is not None and due < end:
            worked += idle(session, due, draw.choice([0, 5, 10**6]))
            out += session.advance(max(due, session.now))
        worked += idle(session, end, draw.choice([0, 5, 10**6]))
        if event is not None:
            out += session.receive(event)
    return out + session.panic(ends[-1]), worked


def answers(out: Sequence[Event], starts: Sequence[float]) -> list[list[NoteOn]]:
    """The notes after each start and before the next."""
    ends = [*starts[1:], 1e9]
    return [[on for on in ons(out) if start < on.at < end] for start, end in zip(starts, ends, strict=True)]


@pytest.mark.parametrize("mode", MODES)
def test_work_ahead_changes_nothing(mode: str) -> None:
    worked = 0
    for seed in range(12):
        events = perform(seed)
        plain, done = drive_idly(Session(Untrained(), Settings(mode=mode), seed), events, random.Random(0))
        again = drive(Session(Untrained(), Settings(mode=mode), seed), events, tail=events[-1].at + 20.0)
        end = max(event.at for event in plain)
        assert [each for each in plain if each.at < end] == [each for each in again if each.at < end]
        worked += done
    assert worked > 100 or mode in ("autonomous", "duet")


@pytest.mark.parametrize("name", ["folk", "piano", "markov"])
def test_work_ahead_changes_nothing_with_models_that_remember(name: str) -> None:
    sessions = [Session(load(name), Settings(model=name), 1) for _ in range(2)]
    out, worked = drive_idly(sessions[0], rounds(2), random.Random(1))
    assert worked > 30
    again = drive(sessions[1], rounds(2), tail=40.0)
    assert len(ons(out)) > 8 and ons(out) == ons(again)
    assert sessions[0].place.composer == sessions[1].place.composer


def test_work_ahead_changes_nothing_in_a_band_whose_beat_another_voice_teaches() -> None:
    def band() -> Band:
        bass = Part("bass", Untrained(), Settings(channel_out=2), ("lead", PERFORMER))
        pad = Part("pad", Untrained(), Settings(channel_out=3), (PERFORMER,))
        return Band([Part("lead", Untrained(), Settings()), bass, pad], 1)

    total = 0
    for seed in range(6):
        out, worked = drive_idly(band(), perform(seed, 60), random.Random(seed))
        again = drive(band(), perform(seed, 60), tail=200.0)
        end = max(event.at for event in out)
        assert [each for each in out if each.at < end] == [each for each in again if each.at < end]
        total += worked
    assert total > 100


def test_what_is_worked_out_ahead_is_not_worked_out_again() -> None:
    model = Spy()
    session = Session(model, Settings(), 1)
    over = before_the_turn(session)
    assert idle(session, over) > 30
    assert not session.work_ahead(over - 0.01)
    ahead = len(model.steps)
    session.advance(over)
    assert len(model.steps) - ahead == 1  # the first note of the answer


def before_the_turn(session: AnySession) -> float:
    """The session shortly before a riff counts as over; when that is."""
    for event in riff(0.5):
        session.advance_until(event.at)
        session.receive(event)
    over = session.player.turns.over()
    assert over is not None
    session.advance_until(over)
    return over


def limit(session: Session) -> None:
    session.settings.set("scale", "blues")
    session.settings.set("highest", 66)
    session.settings_changed(session.now)


def recall(session: Session) -> None:
    verbs.do(session, "recall", session.now, [1])


def follow(session: Session) -> None:
    session.follow(Grid(session.now, 0.25, 0.8, source="clock"))


@pytest.mark.parametrize("change", [limit, recall, follow, Session.forget])
def test_what_was_worked_out_ahead_is_out_of_date_once_anything_happens(change: Callable[[Session], object]) -> None:
    ranked = []
    for works in (True, False):
        session = Session(load("folk"), Settings(), 1)
        verbs.do(session, "save", 0.0, [1])
        over = before_the_turn(session)
        assert not works or idle(session, over)
        change(session)
        session.advance(over)
        ranked.append(session.player.candidates.ranked)
        session.panic(over)
    assert ranked[0] and ranked[0] == ranked[1]


def test_it_is_out_of_date_too_when_another_moves_the_beat() -> None:
    ranked = []
    for works in (True, False):
        leader = Session(Untrained(), Settings(), 1)
        session = Session(Untrained(), Settings(), 2, member=Membership("bass", leader.transport, leader.player.ids))
        before_the_turn(leader)
        over = before_the_turn(session)
        assert not works or idle(session, over)
        leader.follow(Grid(over - 0.05, 0.25, 0.8, source="clock"))
        session.advance(over)
        ranked.append(session.player.candidates.ranked)
        session.panic(over), leader.panic(over)
    assert ranked[0] and ranked[0] == ranked[1]


def test_nothing_is_worked_out_while_the_performer_plays() -> None:
    session = Session(Untrained(), Settings(), 1)
    for event in riff(0.5):
        session.advance_until(event.at)
        assert not session.work_ahead(event.at - 0.001)
        session.receive(event)
        assert not session.work_ahead(event.at)


def test_a_model_that_fails_fails_when_the_turn_begins_and_not_before() -> None:
    model = Failing()
    session = Session(model, Settings(), 1)
    over = before_the_turn(session)
    model.broken = True
    assert session.work_ahead(over - 0.01) and session.work_ahead(over - 0.01)
    model.broken = False
    session.advance(over)
    assert session.next_onset is not None


@pytest.mark.parametrize("mode", ["call_and_response", "continuation"])
def test_the_first_note_is_as_without_a_choice(mode: str) -> None:
    firsts = []
    for candidates in (1, 8):
        session = Session(load("folk"), Settings(mode=mode, candidates=candidates), 1)
        out = drive(session, riff(0.5), tail=20.0)
        firsts.append(ons(out)[0])
        expected = [event for event in out if isinstance(event, Prediction)][-1]
        assert mode != "continuation" or firsts[-1].pitch == expected.pitch
    assert [getattr(firsts[0], name) for name in ("at", "pitch", "velocity")] == [
        getattr(firsts[1], name) for name in ("at", "pitch", "velocity")
    ]


def test_with_one_candidate_the_notes_are_drawn_one_by_one() -> None:
    session = Session(load("folk"), Settings(candidates=1), 1)
    drive(session, riff(0.5), tail=20.0)
    assert not session.player.candidates.ranked
    assert Replay(Recording({"settings": {}}), load).session.settings.candidates == 1  # what older journals stand for


def test_the_best_is_played_and_there_are_as_many_as_are_asked_for() -> None:
    for candidates in (2, 8, 16):
        session = Session(load("folk"), Settings(candidates=candidates, touch=0.0), 1)
        out = drive(session, song(), tail=30.0)
        ranked = session.player.candidates.ranked
        assert candidates / 2 < len(ranked) <= candidates  # two may be alike
        played = [on.pitch for on in ons(out)]
        wanted = [tone.pitch for tone in ranked[0]]
        count = len(played) - 4  # the cadence leads to an end of its own
        assert count >= 6 and played[1 : 1 + count] == wanted[:count]


def test_the_same_riff_gets_other_answers_that_take_it_up() -> None:
    starts = [0.5 + 6.0 * number for number in range(8)]
    figures = {tuple(motifs.intervals([pitch for _, pitch in RIFF])[at : at + 3]) for at in range(len(RIFF) - 3)}

    def study(candidates: int) -> tuple[float, int]:
        taken, different = [], 0
        for seed in range(3):
            settings = Settings(candidates=candidates, call_leads=False)  # so that the memory does not do it
            out = drive(Session(load("folk"), settings, seed), rounds(8), tail=20.0)
            check_order_and_pairs(out)
            lines = [tuple(on.pitch for on in answer) for answer in answers(out, starts)]
            different += len(set(lines))
            for line in lines:
                steps = motifs.intervals(line)
                own = [tuple(steps[at : at + 3]) for at in range(len(steps) - 2)]
                taken.append(mean(figure in figures for figure in own) if own else 0.0)
        return mean(taken), different

    chosen, different = study(8)
    plain, _ = study(1)
    assert chosen > plain + 0.05
    assert different >= 22


def alike(riffs: bool) -> float:
    """How much answers to one riff are like the nearest of those before, 1 at most, over three seeds."""
    found = []
    for seed in (1, 2, 3):
        out = drive(Session(load("folk"), Settings(riffs=riffs, full_answers=False, stretches=False), seed), rounds(8))
        played = [[on.pitch for on in each] for each in answers(out, [0.5 + 6.0 * number for number in range(8)])]
        assert all(played), "a riff got no answer"
        found += [
            1.0 - min(ranking.distance(each, before) for before in played[:number])
            for number, each in enumerate(played)
            if number
        ]
    return mean(found)


def test_a_riff_that_comes_again_gets_more_varied_answers() -> None:
    assert alike(riffs=True) < alike(riffs=False)


def begun(session: Session, start: float = 0.5) -> Session:
    """The session some notes into its answer to a riff."""
    for event in riff(start):
        session.advance_until(event.at)
        session.receive(event)
    while not session.player.turns.playing or session.player.turns.played < 3:
        session.advance(session.next_due() or 0.0)
    return session


def leads(session: Session) -> bool:
    """Whether a note that is decided now is followed by a chosen one."""
    plan = Plan(session.now, ((60, 80),), 0.1, session.player.progress.ahead._replace(onset=session.now), ())
    return session.player.candidates.lead(plan) is not plan


def test_nothing_is_led_after_an_interruption_a_panic_another_model_or_a_recall() -> None:
    def save_and_recall(session: Session) -> None:
        verbs.do(session, "save", session.now, [1])
        verbs.do(session, "recall", session.now, [1])

    for change in (
        lambda session: session.receive(NoteOn(session.now, 61, 90)),
        lambda session: session.panic(session.now),
        lambda session: session.set_predictor(load("piano"), session.now),
        lambda session: session.rewind(1, session.now),
        save_and_recall,
    ):
        session = begun(Session(load("folk"), Settings(guard=False, loops=0), 1))
        assert leads(session)
        change(session)
        assert not leads(session)
        session.panic(session.now)


def test_an_answer_goes_on_as_chosen_while_a_fader_moves() -> None:
    still, moved = (begun(Session(load("folk"), Settings(touch=0.0), 1)) for _ in range(2))
    moved.settings.set("temperature", 1.1)
    moved.settings_changed(moved.now)
    assert leads(moved)
    lines = [[on.pitch for on in ons(session.advance(session.now + 1.0))] for session in (still, moved)]
    assert lines[0] == lines[1] and len(lines[0]) > 1
    still.panic(still.now), moved.panic(moved.now)


def test_a_rewind_to_the_end_of_the_phrase_brings_the_same_answers_back() -> None:
    session = Session(load("folk"), Settings(), 1)
    session.follow(Grid(0.0, 0.0, 0.5, source="clock"))  # a beat that nothing takes back
    before = begun(session).player.candidates.ranked
    session.rewind(session.player.turns.played + len(RIFF), session.now)
    begun(session, 2.0 * round((session.now + 2.0) / 2.0) + 0.5)  # at the same place in the bar
    after = session.player.candidates.ranked
    assert after is not before and after == before
    session.panic(session.now)


def test_another_answer_to_the_same_phrase_is_the_next_best() -> None:
    session = begun(Session(load("folk"), Settings(), 1))
    first = session.player.candidates.ranked
    heard: list[list[int]] = []
    for _ in first:
        verbs.do(session, "again", session.now, ["now"])
        own: list[int] = []
        while session.player.turns.played < 5:
            own += [on.pitch for on in ons(session.advance(session.next_due() or 0.0))]
        heard.append(own)
        if len(heard) < len(first):
            assert session.player.candidates.ranked is first
    for own, wanted in zip(heard[:-1], first[1:], strict=True):
        assert own[1:4] == [tone.pitch for tone in wanted[:3]]
    assert session.player.candidates.ranked is not first  # all were played
    session.panic(session.now)


def test_candidates_keep_to_scale_range_and_raga() -> None:
    for given in ({"scale": "major", "key": "C#", "lowest": 55, "highest": 75}, {"raga": "Bilahari", "tonic": "C4"}):
        settings = Settings.from_table(given)
        session = Session(load("folk"), settings, 1)
        out = drive(session, song(), tail=20.0)
        assert len(ons(out)) > 8
        for answer in session.player.candidates.ranked:
            before = ons(out)[0].pitch
            for tone in answer:
                assert session.player.limits.pitches(before).nearest[tone.pitch] == tone.pitch
                before = tone.pitch


def test_a_call_too_short_for_motifs_is_answered_all_the_same() -> None:
    session = Session(load("folk"), Settings(), 1)
    out = drive(session, riff(0.5)[:4], tail=20.0)
    assert ons(out) and session.player.candidates.ranked
