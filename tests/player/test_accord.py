"""Accord: the player's notes fit what the performer holds, their chord and their place, while both play."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from statistics import mean
from typing import Any

import numpy as np
import pytest

from livegen.events import Event, Heard, NoteOff, NoteOn, pair
from livegen.music.consonance import HARSHEST, clash
from livegen.player.accord import Accord
from livegen.predictors import models
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import check_order_and_pairs, ons
from tests.support.performances import PERFORMANCES, drive, perform
from tests.support.phrases import phrase, song

load = cache(models.load)
CHORDS = ((48, 60, 64, 67), (41, 57, 60, 65), (43, 59, 62, 67), (45, 60, 64, 69))
HELD = 30.0  # seconds
SEEDS = range(1, 4)  # one alone may miss every clash, or lie a little high


def play(events: Sequence[Heard], mode: str = "duet", model: str = "folk", seed: int = 1, **given: Any) -> list[Event]:
    out = drive(Session(load(model), Settings.from_table({"mode": mode, **given}), seed), events)
    check_order_and_pairs(out)
    return out


def note(pitch: int, start: float, length: float) -> list[Heard]:
    return [NoteOn(start, pitch, 80), NoteOff(start + length, pitch)]


def in_order(events: Sequence[Heard]) -> list[Heard]:
    return sorted(events, key=lambda event: (event.at, isinstance(event, NoteOn)))


def two_hands(bars: int = 8) -> list[Heard]:
    """A chord for each bar, held by the left hand, and two notes of it above."""
    events: list[Heard] = []
    for bar in range(bars):
        chord = CHORDS[bar % len(CHORDS)]
        for pitch in chord:
            events += note(pitch, 2.0 * bar, 1.95)
        events += [*note(chord[1] + 12, 2.0 * bar, 0.9), *note(chord[2] + 12, 2.0 * bar + 1.0, 0.9)]
    return in_order(events)


def together(heard: Sequence[Heard], out: Sequence[Event], least: float = 0.5) -> float:
    """Of the time in which notes of both sound together, the share of those that clash by ``least`` or more."""
    both = harsh = 0.0
    for own in pair(out):
        for other in pair(heard):
            shared = min(own.onset + own.duration, other.onset + other.duration) - max(own.onset, other.onset)
            both += max(0.0, shared)
            harsh += max(0.0, shared) if clash(own.pitch, [other.pitch]) >= least else 0.0
    return harsh / both


def clashing(out: Sequence[NoteOn], pitch: int) -> float:
    return sum(clash(on.pitch, [pitch]) > 0.0 for on in out) / len(out)


def test_two_hands_are_not_clashed_with_whatever_the_chord() -> None:
    heard = two_hands()
    assert together(heard, play(heard)) < 0.12
    assert together(heard, play(heard, consonance=0.0, layers=False)) > 0.2


def test_the_notes_are_of_the_chord() -> None:
    def share(out: Sequence[Event]) -> float:
        placed = [(on.pitch % 12, CHORDS[int(on.at / 2) % 4]) for on in ons(out) if on.at < 16.0]
        return sum(any(pitch == each % 12 for each in chord) for pitch, chord in placed) / len(placed)

    assert share(play(two_hands())) > 0.8
    assert share(play(two_hands(), consonance=0.0, layers=False)) < 0.65


def test_under_a_chord_of_the_performers_it_plays_single_notes() -> None:
    def most(**given: Any) -> int:
        onsets = [on.at for on in ons(play(two_hands(), **given)) if on.at < 15.0]
        return max(map(onsets.count, onsets))

    assert most() == 1 < most(consonance=0.0)


def test_what_still_sounds_gives_way_to_a_harsh_note() -> None:
    heard = song()
    assert all(together(heard, play(heard, seed=seed), HARSHEST) < 0.01 for seed in SEEDS)
    assert mean(together(heard, play(heard, seed=seed, consonance=0.0), HARSHEST) for seed in SEEDS) > 0.05


@pytest.mark.parametrize("mode", ["continuation", "call_and_response"])
def test_over_a_key_that_is_held_no_note_clashes_from_the_first_to_the_last(mode: str) -> None:
    before: list[NoteOn] = []
    for pitch in (49, 50, 53):
        heard = in_order([*note(pitch, 0.0, HELD), *phrase(3.0)])
        out = [on for on in ons(play(heard, mode, seed=3)) if on.at < HELD]
        assert len(out) > 2 and clashing(out, pitch) < 0.05
        assert not clash(out[0].pitch, [pitch]) and not clash(out[-1].pitch, [pitch])
        before += [on for on in ons(play(heard, mode, seed=3, consonance=0.0)) if on.at < HELD]
    assert sum(clashing(before, pitch) for pitch in (49, 50, 53)) / 3 > 0.2


@pytest.mark.parametrize("model", ["folk", "piano"])
def test_no_note_of_a_chord_clashes_with_what_is_held(model: str) -> None:
    """Neither one that a model adds, nor one that the performer's own chords do."""
    chords = [event for each in range(6) for pitch in (59, 62, 67) for event in note(pitch, 3 + each / 2, 0.4)]
    heard = in_order([*note(48, 0.0, HELD), *chords])
    out = [on for on in ons(play(heard, "continuation", model, seed=2, hands=False)) if 6.0 < on.at < HELD]
    assert len({on.at for on in out}) < len(out)
    assert clashing(out, 48) < 0.05
    before = [
        on for on in ons(play(heard, "continuation", model, seed=2, hands=False, consonance=0.0)) if 6.0 < on.at < HELD
    ]
    assert clashing(before, 48) > 0.2


@pytest.mark.parametrize(("pitch", "side"), [(72, -1), (48, 1)])
def test_the_player_keeps_to_a_register_beside_the_performers(pitch: int, side: int) -> None:
    heard = [event for each in range(32) for event in note(pitch + (0, 2, 4, 5, 7, 5, 4, 2)[each % 8], each / 2, 0.4)]

    def away(**given: Any) -> float:
        played = [
            on.pitch
            for seed in SEEDS
            for on in ons(play(heard, seed=seed, counterpoint=False, **given))
            if 4.0 < on.at < 16.0
        ]
        return mean(played) - pitch - 3.5

    assert 7 < side * away() < 22
    assert abs(away(consonance=0.0)) < 7


def test_it_plays_fewer_notes_where_the_performer_plays_many() -> None:
    def onsets(gap: float, **given: Any) -> int:
        heard = [event for each in range(64) for event in note(60 + 4 * (each % 3), each * gap, gap * 0.8)]
        return len({on.at for on in ons(play(heard, counterpoint=False, **given)) if 8 * gap < on.at < 64 * gap})

    assert onsets(0.2) < 0.8 * onsets(0.2, consonance=0.0)
    assert onsets(0.6) > 0.9 * onsets(0.6, consonance=0.0)


@pytest.mark.parametrize(
    ("mode", "given"),
    [("duet", {"raga": "Mayamalavagowla"}), ("duet", {"channel_in": 10}), ("call_and_response", {})],
)
def test_nothing_is_weighed_in_a_raga_on_drums_or_in_turns(mode: str, given: dict[str, Any]) -> None:
    channel = given.get("channel_in", 1)
    heard = [replace(event, channel=channel) for event in (*phrase(), *phrase(8.0))]
    out = play(heard, mode, **given)
    assert ons(out) and out == play(heard, mode, consonance=0.0, **given)


@pytest.mark.parametrize("mode", ["call_and_response", "continuation", "duet", "autonomous", "harmonise"])
def test_without_consonance_it_plays_as_it_did(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is performed: as if there were no accord at all."""
    performed = [perform(seed) for seed in range(PERFORMANCES // 10)]
    before = [
        play(events, mode, "untrained", seed + 1, hands=False, consonance=0.0) for seed, events in enumerate(performed)
    ]
    fitted = [play(events, mode, "untrained", seed + 1, hands=False) for seed, events in enumerate(performed)]
    assert mode not in ("duet", "autonomous") or fitted != before
    monkeypatch.setattr(Accord, "is_heeded", False)
    assert before == [play(events, mode, "untrained", seed + 1, hands=False) for seed, events in enumerate(performed)]


def beside_a_left_hand(**given: Any) -> Accord:
    """The accord of a player whose left hand plays a triad of C on the beat 1.0 s and nothing at other times."""
    session = Session(load("markov"), Settings.from_table({"mode": "call_and_response", **given}), 1)
    accord = Accord(session.player.performer, session.settings, session.player.limits)
    accord.left_hand = lambda at: (36, 52, 55) if at == 1.0 else ()
    return accord


def test_a_melody_is_weighed_against_its_own_left_hand_on_beats() -> None:
    logits = np.zeros(128, dtype=np.float32)
    beside_a_left_hand().weigh_hands(logits, 1.0)
    assert logits[72] == logits[76] == logits[79] == 0.0
    assert logits[73] < -7.0 and logits[71] < -7.0  # a minor second and a major seventh above C
    for accord, at in ((beside_a_left_hand(), 1.25), (beside_a_left_hand(hands=False), 1.0)):
        free = np.zeros(128, dtype=np.float32)
        accord.weigh_hands(free, at)
        assert not free.any()


def test_a_harsh_tone_of_a_motif_moves_by_a_step_at_most() -> None:
    accord = beside_a_left_hand()
    near = accord.beside(71, 1.0)
    assert near[0] == 72 and near[-1] == 71
    assert all(abs(pitch - 71) <= 2 for pitch in near)
    assert accord.beside(69, 1.0) == [69]  # one second is mild enough, and the motif keeps its shape
    assert accord.beside(71, 1.25) == [71]
    assert beside_a_left_hand(consonance=0.0).beside(71, 1.0) == [71]


def alongside(counterpoint: bool) -> tuple[list[NoteOn], list[Heard]]:
    """The player's notes while the performer plays three notes up, again and again, and what they played."""
    heard: list[Heard] = []
    for number in range(64):
        heard += note(60 + 4 * (number % 3), 0.6 * number, 0.5)
    heard = in_order(heard)
    last = heard[-1].at
    return [on for on in ons(play(heard, counterpoint=counterpoint)) if on.at < last], heard


def test_in_counterpoint_it_plays_fewer_notes_and_longer_ones_and_repeats_fewer() -> None:
    plain, heard = alongside(counterpoint=False)
    own, _ = alongside(counterpoint=True)
    theirs = sum(isinstance(event, NoteOn) for event in heard)
    assert 0.4 * theirs < len(own) < 1.1 * theirs
    assert len(own) < 0.75 * len(plain)
    gaps = sorted(there.at - here.at for here, there in itertools.pairwise(own))
    assert gaps[len(gaps) // 4] >= 0.45
    assert repeated(own) < max(0.3, repeated(plain))


def repeated(notes: Sequence[NoteOn]) -> float:
    return sum(here.pitch == there.pitch for here, there in itertools.pairwise(notes)) / max(1, len(notes) - 1)


def test_a_step_with_the_performer_costs_more_than_one_against_them() -> None:
    session = Session(load("markov"), Settings.from_table({"mode": "duet"}), 1)
    for number, pitch in enumerate((60, 62, 64, 65)):
        session.receive(NoteOn(0.5 * number, pitch, 80))
        session.receive(NoteOff(0.5 * number + 0.4, pitch))
    player = session.player
    accord = Accord(player.performer, session.settings, player.limits)
    line = player.progress.heard
    own = line.loop._replace(latest=(53,))
    flat = np.zeros(128, dtype=np.float32)
    assert player.performer.motion == 1
    weighed = accord.weigh(flat, line._replace(loop=own, pitch=53), 53)
    session.settings.counterpoint = False
    free = accord.weigh(flat, line._replace(loop=own, pitch=53), 53)
    costs = free - weighed
    assert costs[53] > costs[55] > costs[50] == 0.0
