"""Tests of the drummer's time: hits are where the performer's beat, as they divide it, has places."""

import itertools
import random
from collections.abc import Sequence

import numpy as np
import pytest

from livegen.events import Event, Heard, NoteOff, NoteOn
from livegen.music.drums import CHANNEL
from livegen.predictors.models import Untrained
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import ons
from tests.support.performances import drive
from tests.support.rhythms import in_order, melody

LENGTH = 0.5  # seconds a beat


def played(onsets: Sequence[float]) -> list[Heard]:
    """Short notes at these times."""
    pairs = [(NoteOn(at, 60 + number % 7, 85), NoteOff(at + 0.1, 60 + number % 7)) for number, at in enumerate(onsets)]
    return in_order([event for pair in pairs for event in pair])


def hits(events: Sequence[Heard], seed: int = 1, **settings: object) -> list[NoteOn]:
    chosen = Settings(mode="accompany", humanise=0.0)
    for name, value in settings.items():
        chosen.set(name, value)
    out: list[Event] = drive(Session(Untrained(), chosen, seed), events, 6.0)
    return [on for on in ons(out) if on.channel == CHANNEL]


def places(found: Sequence[NoteOn], last: float) -> np.ndarray:
    """The places in the beat of the hits from the fifth bar on, while the performer plays."""
    return np.array([(on.at - 1.0) / LENGTH % 1.0 for on in found if 1.0 + 16 * LENGTH < on.at < last])


def near(found: np.ndarray, place: float, within: float = 0.05) -> float:
    """The share of places that are near one."""
    return float(np.mean(np.abs((found - place + 0.5) % 1.0 - 0.5) < within))


def test_sixteenths_are_left_out_until_the_performer_divides_their_beats() -> None:
    quarters = [1.0 + LENGTH * beat for beat in range(48)]
    plain = places(hits(played(quarters), complexity=1.0), quarters[-1])
    assert near(plain, 0.0) + near(plain, 0.5) > 0.97
    told = places(hits(played(quarters), complexity=1.0, style="funk"), quarters[-1])
    assert near(told, 0.25) + near(told, 0.75) > 0.05
    eighths = [1.0 + LENGTH * half / 2 for half in range(96) if half % 8 not in (1, 5)]
    divided = places(hits(played(eighths), complexity=1.0), eighths[-1])
    assert near(divided, 0.25) + near(divided, 0.75) > 0.05


@pytest.mark.parametrize("swing", [0.6, 0.66])
def test_off_beats_are_where_the_performer_swings_them(swing: float) -> None:
    onsets = [1.0 + LENGTH * (beat + off) for beat in range(48) for off in (0.0, swing) if off == 0.0 or beat % 3]
    found = places(hits(played(onsets)), onsets[-1])
    off = found[(found > 0.3) & (found < 0.9)]
    assert len(off) > 8
    assert abs(float(np.median(off)) - swing) < 0.03


def test_in_six_eight_hits_are_on_eighths_and_the_performers_beats_are_the_drummers() -> None:
    onsets = [1.0 + LENGTH * (beat + off / 3) for beat in range(40) for off in ((0, 1, 2), (0, 2))[beat % 2]]
    # Which eighths are struck is drawn: one seed alone may draw few of the first.
    found = np.concatenate([places(hits(played(onsets), seed, metre=6), onsets[-1]) for seed in (1, 2, 3)])
    assert near(found, 0.0) + near(found, 1 / 3) + near(found, 2 / 3) > 0.95
    assert near(found, 0.0) > 0.3


def test_an_attentive_drummer_is_nearer_to_a_tempo_that_moves() -> None:
    draw, at, beats = random.Random(5), 1.0, [1.0]
    for beat in range(96):
        at += LENGTH * (1.0 + 0.15 * np.sin(beat / 6))
        beats.append(at)
    halves = [beat / 2 for beat in range(190) if beat % 8 not in (1, 5)]
    onsets = [float(np.interp(half, range(97), beats)) + draw.uniform(-0.02, 0.02) for half in halves]
    grid = np.interp(np.arange(0, 96, 0.25), range(97), beats)
    close = {}
    for attentive in (True, False):
        found = [on.at for on in hits(played(onsets), attentive=attentive) if beats[12] < on.at < onsets[-1]]
        close[attentive] = np.mean([np.min(np.abs(grid - each)) < 0.03 for each in found])
    assert close[True] > 0.85
    assert close[True] > close[False] + 0.03


def test_where_another_beat_is_taken_up_nothing_is_played_twice_and_nothing_of_the_other() -> None:
    """The performer goes over to another tempo from one note to the next: no two tempos at once, and no burst."""
    first, second = melody(24, tempo=120.0), melody(32, tempo=163.0, start=13.2)
    found = hits(in_order([*first, *second]))
    gaps = [later.at - former.at for former, later in itertools.pairwise(found)]
    assert not [gap for gap in gaps if 0.005 < gap < 0.06]
    late = [on.at for on in found if 19.0 < on.at < 13.2 + 32 * 60 / 163]
    off = [abs((at - 13.2) / (60 / 163) * 4 % 1.0 - 0.5) for at in late]
    assert len(late) > 20
    assert np.mean(np.array(off) > 0.3) > 0.9


def doubted(events: Sequence[Heard], alert: bool) -> tuple[int, list[NoteOn]]:
    """The number of the performer's onsets at which the beat is in doubt, and the hits after those."""
    session, count, found = Session(Untrained(), Settings(mode="accompany", alert=alert), 1), 0, []
    for event in events:
        before = session.player.time.in_doubt
        found += [on for on in ons(session.advance_until(event.at)) if before and session.player.time.in_doubt]
        session.receive(event)
        count += isinstance(event, NoteOn) and session.player.time.in_doubt
    session.advance_until(session.now + 6.0)
    return count, found


def test_who_plays_no_rhythm_gets_a_soft_pulse() -> None:
    draw, at, onsets = random.Random(2), 1.0, []
    while at < 25.0:
        onsets.append(at)
        at += 0.06 + draw.expovariate(1 / 0.4)
    count, found = doubted(played(onsets), alert=True)
    assert count > len(onsets) // 8
    assert len(found) > 3
    assert np.mean([on.pitch in {36, 38, 42, 51} for on in found]) > 0.8
    assert doubted(played(onsets), alert=False)[0] == 0
    assert doubted(melody(24), alert=True)[0] == 0
