"""Turns: what a mode gets to know of the turns before, and what happens to the answer that it gives."""

from itertools import product
from types import SimpleNamespace
from typing import cast

import pytest

from livegen.beat.transport import Transport
from livegen.events import NoteOff, NoteOn, TurnChange
from livegen.listening.performer import Performer
from livegen.player.bars import Bars
from livegen.player.limits import Limits
from livegen.player.modes import BEATLESS, Mode, Situation, Turn
from livegen.player.turns import Turns
from livegen.predictors.models import load
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import ons
from tests.support.performances import drive, until
from tests.support.phrases import phrase, varisai

KNOWN = Situation._fields[: Situation._fields.index("asked") + 1]  # that every mode is told
RAGA = {"raga": "Mayamalavagowla", "tonic": "D3", "tempo": 72.0}


def test_a_mode_is_told_of_this_turn_and_of_the_one_before() -> None:
    told: list[Situation] = []

    def mode(situation: Situation, settings: Settings) -> Turn:
        told.append(situation)
        return Turn(listen=True, play=situation.now not in (0.0, 4.0), feed=True)

    performer = Performer()
    bars = Bars(Settings(), Transport(performer.pulse, 0.0, 4), performer)
    turns = Turns(Settings(), performer, bars, Limits(Settings(), performer.left_hand, lambda: performer.voicing), 0.0)
    turns.mode = mode
    changes = []
    for at in (0.0, 1.0, 3.0, 4.0, 5.0, 6.0):
        changes.append(turns.ask(at, interrupted=False))
        turns.played += 2
    assert changes == [False, True, False, True, True, False]
    since, played, stopped = zip(*((each.playing_since, each.played, each.stopped) for each in told), strict=True)
    assert since == (None, None, 1.0, 1.0, None, 5.0)
    assert played == (0, 2, 2, 4, 6, 2)
    assert stopped == (None, None, None, None, 4.0, 4.0)


def test_an_answer_is_not_begun_again_by_a_key_that_is_let_go_after_it() -> None:
    session = Session(load("folk"), Settings(mode="call_and_response"), 1)
    out = drive(session, [*phrase(), NoteOff(11.0, 30), NoteOff(12.0, 30)], tail=8.0)
    assert ons(out) and max(on.at for on in ons(out)) < 11.0


def test_a_phrase_that_was_answered_stays_ended_whatever_patience_becomes() -> None:
    session = Session(load("folk"), Settings(mode="call_and_response"), 1)
    for event in phrase():
        session.receive(event)
    while not session.playing:
        session.advance(session.next_due() or 0.0)
    session.settings.set("patience", 8.0)
    session.settings_changed(session.now + 0.01)
    assert session.playing
    session.panic(99.0)


def test_an_ending_that_was_interrupted_leaves_nothing_to_the_next_answer() -> None:
    session = Session(load("folk"), Settings.from_table(RAGA), 1)
    for event in varisai(72.0):
        session.receive(event)
    while session.player.turns.cadence.sam is None:
        session.advance(session.next_due() or 0.0)
    session.receive(NoteOn(session.now + 0.01, 50, 90))
    assert session.player.turns.cadence.sam is None
    session.panic(99.0)


@pytest.mark.parametrize("model", ["carnatic", "folk"])
def test_a_note_that_was_decided_for_sam_gives_way_to_sa(model: str) -> None:
    """It was decided before the answer was to end there."""
    met = 0
    for seed in range(60):
        session = Session(load(model), Settings.from_table(RAGA | {"answer": 0.6 + 0.02 * seed}), seed)
        for event in varisai(72.0):
            session.receive(event)
        plan = None
        while session.player.turns.cadence.sam is None:
            plan = session.player.planner.plan
            session.advance(session.next_due() or 0.0)
        sam = session.player.turns.cadence.sam
        if plan is not None and session.player.turns.cadence.is_last(plan.due):
            met += 1
            answer = ons(until(session, sam + 5.0))
            assert answer[-1].pitch % 12 == 50 % 12 and answer[-1].at == pytest.approx(sam, abs=1e-6)
            assert all(on.at < sam - 0.25 * 60.0 / 72.0 for on in answer[:-1])
        session.panic(999.0)
    assert met


def test_without_a_sure_beat_an_answer_begins_at_once_and_else_on_a_half_beat_that_is_guessed() -> None:
    onsets = (0.0, 0.3, 1.1, 1.25, 1.9, 2.75, 2.9, 3.8, 4.05, 4.9)  # no beat in them
    events = [each for at in onsets for each in (NoteOn(at, 60, 90), NoteOff(at + 0.1, 60))]
    waits = {}
    for at_once in (True, False):
        session = Session(load("folk"), Settings(at_once=at_once, patience=4.0, habits=False), 2)
        out = drive(session, events, tail=20.0)
        assert not session.transport.running
        turn = next(event.at for event in out if isinstance(event, TurnChange))
        waits[at_once] = ons(out)[0].at - turn
    assert waits[True] == pytest.approx(0.03)
    assert waits[False] > 0.06


@pytest.mark.parametrize("mode", BEATLESS, ids=lambda mode: mode.__name__)
def test_a_mode_that_is_told_nothing_of_the_beat_asks_for_nothing_of_it(mode: Mode) -> None:
    for now, over, since, stopped, back, asked in product(
        (1.0, 9.0), (None, 2.0), (None, 3.0), (None, 1.5), (None, 8.0), (None, 2.5)
    ):
        situation = Situation(now, 1.0, over, 1.0, 4, since, 2, stopped, back, asked)
        told = {name: getattr(situation, name) for name in KNOWN}
        turn = mode(cast(Situation, SimpleNamespace(**told)), Settings())
        assert turn.listen
        if asked is None and (over is None or now < over):  # the phrase goes on: nor of its length
            assert turn == mode(situation._replace(phrase_length=0.0, due_back=None), Settings())


def test_a_mode_of_ones_own_is_told_of_the_beat() -> None:
    told: list[Situation] = []

    def mode(situation: Situation, settings: Settings) -> Turn:
        told.append(situation)
        return Turn(listen=True, play=False, feed=True)

    session = Session(load("folk"), Settings(mode="accompany", metre=3, tempo=60.0), 1)
    session.set_mode(mode, 0.0)
    session.receive(NoteOn(1.0, 60, 80))
    session.receive(NoteOff(1.5, 60))
    assert (told[-1].bar, told[-1].silent_since) == (3.0, 1.5)
