"""Random performances (keys, pedals and time, used sensibly or not), and sessions that play them in virtual time."""

import os
import random
from collections.abc import Sequence

from livegen.events import SUSTAIN, ControlChange, Event, Heard, NoteOff, NoteOn
from livegen.predictors.models import Predictor, Untrained
from livegen.session.any_session import AnySession
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.fixed_models import Values
from tests.support.output import check_order_and_pairs

PERFORMANCES = int(os.environ.get("LIVEGEN_PERFORMANCES", "100"))  # of each kind; `make soak` plays more


def session(mode: str, seed: int = 1, predictor: Predictor | None = None) -> AnySession:
    """A session in this mode; without a predictor it plays scales."""
    return Session(predictor or Untrained(), Settings(mode=mode), seed)


def perform(seed: int, length: int = 40) -> list[Heard]:
    """Events in order of arrival; a few are dated late, some keys are never released, some are struck twice."""
    draw = random.Random(seed)
    at = draw.random()
    events: list[Heard] = []
    down: list[tuple[int, int]] = []
    pace = draw.choice([0.08, 0.2, 0.4, 0.9])
    while len(events) < length:
        kind = draw.random()
        if kind < 0.55 or not down:
            chord = draw.choice([1, 1, 1, 1, 2, 4])
            for _ in range(chord):
                pitch, channel = draw.randrange(128), draw.choice([1, 1, 1, 2])
                events.append(NoteOn(at, pitch, draw.randint(1, 127), channel, draw.choice([0, 7])))
                down.append((pitch, channel))
        elif kind < 0.93:
            pitch, channel = down.pop(draw.randrange(len(down)))
            if draw.random() < 0.97:
                events.append(NoteOff(at, pitch, channel))
        else:
            events.append(ControlChange(at, draw.choice([SUSTAIN, 1, 120, 123]), draw.choice([0, 63, 64, 127])))
        at += draw.choice([0.0, pace, pace, pace / 2, pace * draw.random(), 3.0 if draw.random() < 0.1 else pace])
        if draw.random() < 0.06:  # a breath: all is let go
            events += [NoteOff(at, *key) for key in down]
            events += [ControlChange(at, SUSTAIN, 0, channel) for channel in (1, 2)]
            down.clear()
            at += draw.uniform(1.0, 6.0)
        if draw.random() < 0.03:
            at = max(0.0, at - 0.5)
    return events


def until(session: AnySession, end: float) -> list[Event]:
    """All that sounds before ``end``, the session asked whenever something is due."""
    return session.advance_until(end)


def drive(session: AnySession, events: Sequence[Heard], tail: float = 6.0, pause: float = 0.0) -> list[Event]:
    """Play the events to the session in virtual time, then wait ``tail`` seconds.

    With ``pause`` > 0 the session advances in steps of that size, otherwise whenever something is due.
    """
    out: list[Event] = []
    for event in events:
        if pause:
            at = session.now
            while (at := at + pause) < event.at:
                out += session.advance(at)
        else:
            out += until(session, event.at)
        out += session.receive(event)
    end = session.now + tail
    out += until(session, end)
    return out + session.panic(end)


def answer(
    events: Sequence[Heard], model: Predictor | None = None, tail: float = 20.0, **settings: float
) -> list[Event]:
    """A continuation in a settled touch that begins where its own line does, its order and pairs checked; without a
    model it predicts eighth notes."""
    chosen = Settings(mode="continuation", follow=0.0, exchange=False, candidates=1, stretches=False)
    for name, value in settings.items():
        chosen.set(name, value)
    out = drive(Session(model or Values(0.5), chosen, 1), events, tail)
    check_order_and_pairs(out)
    return out
