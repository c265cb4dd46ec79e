"""Several voices: the promises of one session hold for all of them together, whoever hears whom."""

import random
import time
from collections.abc import Sequence

import pytest

from livegen.band import PERFORMER, Band, Part
from livegen.errors import SettingsError
from livegen.events import Event, NoteOff, NoteOn, Prediction, TurnChange
from livegen.modes import MODES
from livegen.predictor import Untrained, load
from livegen.session import Session
from livegen.settings import Settings
from tests.performances import drive, perform
from tests.test_session import PERFORMANCES, check_order_and_pairs, phrase

NAMES = ("lead", "bass", "pad", "bell")


def part(name: str, *hears: str, **settings: object) -> Part:
    return Part(name, Untrained(), Settings.from_table(settings), hears)


def any_band(seed: int) -> Band:
    """Voices with random modes, ears and channels, of which some share one."""
    draw = random.Random(seed)
    parts = []
    for name in NAMES[: draw.randint(1, 4)]:
        others = [other for other in (PERFORMER, *NAMES) if other != name]
        hears = draw.sample(others, draw.randint(0, 3))
        settings = Settings(mode=draw.choice(list(MODES)), channel_out=draw.choice([1, 1, 2]), longest=draw.choice([0.5, 8]))
        parts.append(Part(name, Untrained(), settings, tuple(hears)))
    names = [part.name for part in parts]
    return Band([part._replace(hears=tuple(h for h in part.hears if h in (PERFORMER, *names))) for part in parts], seed)


def ons(out: Sequence[Event], channel: int | None = None) -> list[NoteOn]:
    return [event for event in out if isinstance(event, NoteOn) and channel in (None, event.channel)]


@pytest.mark.timeout(3600)
def test_the_promises_hold_for_any_band() -> None:
    played = 0
    for seed in range(PERFORMANCES):
        events = perform(seed)
        out = drive(any_band(seed), events)
        check_order_and_pairs(out)
        played += len(ons(out))
        if seed % 5 == 0:
            assert out == drive(any_band(seed), events)
    assert played > 20 * PERFORMANCES


def test_how_often_time_is_told_does_not_matter() -> None:
    for seed in range(30):
        events = perform(seed)
        assert drive(any_band(seed), events) == drive(any_band(seed), events, pause=0.013)


@pytest.mark.parametrize("mode", MODES)
def test_a_band_of_one_is_a_session(mode: str) -> None:
    for seed in range(10):
        events = perform(seed)
        alone = drive(Session(Untrained(), Settings(mode=mode), seed), events)
        assert drive(Band([part("lead", PERFORMER, mode=mode)], seed), events) == alone
