"""Answers that begin and end on beats and bars, notes drawn to the grid, and the place in the bar that a model gets."""

import random

import pytest

from livegen.beat.transport import Grid, Transport
from livegen.events import Event, NoteOff, NoteOn, TurnChange
from livegen.listening.performer import Performer
from livegen.player.bars import Bars
from livegen.player.modes import MODES
from livegen.predictors.models import Predictor, Untrained
from livegen.session.any_session import AnySession
from livegen.session.band import Band
from livegen.session.parts import PERFORMER, Part
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import check_order_and_pairs, ons
from tests.support.performances import drive, perform, until
from tests.support.phrases import phrase
from tests.support.spies import Spy

GRID = Grid(0.1, 0.0, 0.46, "clock")  # a bar of four lasts 1.84 seconds


def session(predictor: Predictor | None = None, grid: Grid = GRID, **settings: object) -> AnySession:
    playing = Session(predictor or Untrained(), Settings.from_table({"mode": "call_and_response", **settings}), 3)
    playing.follow(grid)
    return playing


def answer(playing: AnySession) -> list[Event]:
    """The answer to a phrase, until it is over."""
    out: list[Event] = []
    for event in phrase(notes=9, gap=0.23):
        out += until(playing, event.at)
        out += playing.receive(event)
    return out + until(playing, 12.0) + playing.panic(12.0)


def beat(playing: AnySession, at: float, every: float = 1.0) -> float:
    """The distance from a multiple of so many beats, in seconds."""
    apart = playing.transport.beat_at(at) / every
    return (apart - round(apart)) * every * playing.transport.beat


@pytest.mark.parametrize(("begin", "every"), [("auto", 1.0), ("beat", 1.0), ("bar", 4.0)])
def test_an_answer_begins_on_a_beat_or_a_bar(begin: str, every: float) -> None:
    playing = session(begin=begin, prompt=False)  # a turn that begins just after a beat begins at once
    out = answer(playing)
    turn = next(event.at for event in out if isinstance(event, TurnChange))
    first = ons(out)[0].at
    assert beat(playing, first, every) == pytest.approx(0.0, abs=1e-6)
    assert turn - 0.05 <= first <= turn + every * 0.46
    check_order_and_pairs(out)


def test_an_answer_begins_freely_where_that_is_wished_or_the_beat_is_the_performers_own() -> None:
    free = session(begin="freely")
    assert abs(beat(free, ons(answer(free))[0].at)) > 0.01
    own = session(grid=GRID._replace(running=False))
    plain = Session(Untrained(), Settings(mode="call_and_response"), 3)
    assert answer(own) == answer(plain)


@pytest.mark.parametrize(("end", "every"), [("beat", 1.0), ("bar", 4.0)])
def test_an_answer_ends_on_a_beat_or_a_bar(end: str, every: float) -> None:
    playing = session(end=end)
    begun, ended = [event.at for event in answer(playing) if isinstance(event, TurnChange)]
    assert beat(playing, ended, every) == pytest.approx(0.0, abs=1e-6)
    begun_, free = [event.at for event in answer(session(end="freely")) if isinstance(event, TurnChange)]
    assert begun == begun_
    assert free - 0.05 <= ended <= free + every * 0.46


def test_every_voice_of_a_band_ends_its_answer_on_the_bars_of_the_clock_that_all_follow() -> None:
    settings = Settings.from_table({"mode": "call_and_response", "end": "bar"})
    parts = [Part(name, Untrained(), settings.model_copy(), (PERFORMER,)) for name in ("lead", "bass")]
    band = Band(parts, 3)
    band.follow(GRID)
    begun, ended = [event.at for event in answer(band) if isinstance(event, TurnChange) and event.voice == "bass"]
    assert begun < ended and beat(band, ended, 4.0) == pytest.approx(0.0, abs=1e-6)


def test_whoever_plays_interrupts_an_answer_that_was_to_end_on_a_bar() -> None:
    playing = session(end="bar")
    for event in phrase(notes=9, gap=0.23):
        playing.receive(event)
    while not playing.playing:
        playing.advance(playing.next_due() or 0.0)
    playing.receive(NoteOn(playing.now + 0.3, 50, 90))
    assert not playing.playing


@pytest.mark.parametrize(("share", "most"), [(100.0, 1e-6), (50.0, 0.030)])
def test_notes_are_drawn_to_the_grid(share: float, most: float) -> None:
    def apart(quantise: float) -> list[float]:
        playing = session(begin="freely", quantise=quantise)
        draw = random.Random(5)
        out: list[Event] = []
        for event in phrase(notes=9, gap=0.23):
            if isinstance(event, NoteOn):
                event = NoteOn(event.at + draw.uniform(0.0, 0.05), event.pitch, event.velocity)
            out += playing.receive(event)
        return [abs(beat(playing, on.at, 0.25)) for on in ons([*out, *until(playing, 12.0)])]

    assert max(apart(0.0)) > 0.03
    assert max(apart(share)) <= most


def test_the_promises_hold_on_any_grid() -> None:
    for seed in range(60):
        draw = random.Random(seed)
        settings = {
            "mode": draw.choice(list(MODES)),
            "begin": draw.choice(["auto", "freely", "beat", "bar"]),
            "end": draw.choice(["freely", "beat", "bar"]),
            "quantise": draw.choice([0.0, 40.0, 100.0]),
            "metre": draw.choice([2, 3, 4, 7]),
        }
        grid = Grid(draw.random(), draw.uniform(-9.0, 9.0), draw.uniform(0.25, 1.2), "link", draw.random() < 0.8)
        once, again = (drive(session(None, grid, **settings), perform(seed)) for _ in range(2))
        check_order_and_pairs(once)
        assert once == again


def test_a_model_that_knows_bars_is_told_where_a_clock_leads() -> None:
    told = Spy(knows_bars=True)
    playing = session(told, metre=3)
    for number in range(12):
        playing.receive(NoteOn(0.1 + 0.46 * number + 0.01 * (number % 3 - 1), 60 + number, 80))
        playing.receive(NoteOff(0.3 + 0.46 * number, 60 + number))
    heard = told.steps[1:]
    assert [step.phase for step in heard] == [1, 5, 9] * 4
    assert {step.metre for step in heard} == {2}  # 3/4
    untold = Spy(knows_bars=True)
    playing = session(untold, grid=GRID._replace(running=False))
    playing.receive(NoteOn(1.0, 60, 80))
    assert {(step.phase, step.metre) for step in untold.steps} == {(0, 0)}


@pytest.mark.parametrize(
    ("places", "parts"),
    [
        ([0.0, 0.5, 1.0, 2.0, 2.5, 3.0, 3.5, 4.0], 2),
        ([0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25], 4),
        ([0.0, 0.37, 0.74, 1.11, 1.48, 1.85, 2.22, 2.59, 2.96, 3.33, 3.7], None),
    ],
)
def test_an_answer_begins_on_the_parts_of_the_beat_that_the_performer_plays(
    places: list[float], parts: int | None
) -> None:
    performer, settings = Performer(), Settings()
    transport = Transport(performer.pulse)
    for place in places:
        performer.hear_event(NoteOn(1.0 + 0.6 * place, 60, 80), settings.patience)
        performer.hear_event(NoteOff(1.1 + 0.6 * place, 60), settings.patience)
    performer.pulse.felt = performer.pulse.felt._replace(ternary=False)
    transport.grid = Grid(1.0, 0.0, 0.6, "pulse")
    assert Bars(settings, transport, performer).entry_parts() == parts
    assert Bars(Settings(free_entry=False), transport, performer).entry_parts() == 2
    transport.grid = Grid(1.0, 0.0, 0.6, "clock")
    assert Bars(settings, transport, performer).entry_parts() == 2, "whoever plays to a clock hears it"


def test_an_answer_that_waits_for_no_beat_begins_at_once_but_not_within_the_gap_between_two_notes() -> None:
    performer = Performer()
    transport = Transport(performer.pulse)
    bars = Bars(Settings(at_once=True), transport, performer)
    assert bars.at_once(5.0) == pytest.approx(5.03), "nobody played"
    for number in range(10):
        performer.hear_event(NoteOn(1.0 + 0.222 * number, 60, 80), 2.0)
        performer.hear_event(NoteOff(1.1 + 0.222 * number, 60), 2.0)
    released = 1.1 + 0.222 * 9
    assert bars.at_once(released + 0.12) == pytest.approx(released + 0.2)
    assert bars.at_once(released + 0.4) == pytest.approx(released + 0.43)
    transport.grid = Grid(1.0, 0.0, 0.6, "pulse")
    assert bars.entry_parts() is None
    assert bars.enters(released + 0.12, released + 0.12) == pytest.approx(released + 0.2)
    assert Bars(Settings(at_once=False), transport, performer).enters(4.0, 4.01) == pytest.approx(4.01)


def test_a_thousand_changes_while_notes_sound_leave_none() -> None:
    playing = session(None, mode="autonomous")
    draw, out, now = random.Random(8), list[Event](), 0.0
    for _ in range(1600):
        now += draw.choice([0.003, 0.02, 0.11])
        out += until(playing, now)
        match draw.randrange(5):
            case 0:
                out += playing.set_mode(draw.choice(list(MODES.values())), now)
            case 1:
                out += playing.set_predictor(Untrained(), now)
            case 2:
                grid = Grid(now, draw.uniform(0.0, 40.0), draw.uniform(0.25, 1.2), "clock", draw.random() < 0.7)
                playing.follow(grid)
            case 3:
                playing.settings.set("begin", draw.choice(["auto", "freely", "beat", "bar"]))
                playing.settings.set("end", draw.choice(["freely", "beat", "bar"]))
                playing.settings.set("quantise", draw.choice([0.0, 50.0, 100.0]))
                playing.settings.set("metre", draw.randrange(1, 8))
                out += playing.settings_changed(now)
            case 4:
                out += playing.receive(NoteOn(now, draw.randrange(40, 80), 80))
    assert len(ons(out)) > 50
    check_order_and_pairs(out + playing.panic(now))
