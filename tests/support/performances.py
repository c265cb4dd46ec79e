"""Random performers, for property tests: what people do with keys, pedals and time, sensible or not."""

import random
from collections.abc import Sequence

from livegen.events import SUSTAIN, ControlChange, Event, Heard, NoteOff, NoteOn
from livegen.session.any_session import AnySession


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


def drive(session: AnySession, events: Sequence[Heard], tail: float = 6.0, pause: float = 0.0) -> list[Event]:
    """Play the events to the session in virtual time; ``pause`` > 0 asks it to advance in such steps, else when due."""
    out: list[Event] = []

    def wait(end: float) -> None:
        while (due := session.next_due()) is not None and due < end:
            out.extend(session.advance(max(due, session.now)))

    for event in events:
        if pause:
            at = session.now
            while (at := at + pause) < event.at:
                out.extend(session.advance(at))
        else:
            wait(event.at)
        out.extend(session.receive(event))
    end = session.now + tail
    wait(end)
    out.extend(session.panic(end))
    return out
