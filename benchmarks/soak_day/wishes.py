"""A performer over OSC: notes, settings swept over their whole range and back, modes, models, slots, all at random."""

import random
from collections.abc import Callable
from typing import Any

from livegen.player.modes import MODES
from livegen.settings import Settings, specs
from livegen.spec import Spec

Send = Callable[..., None]
# Not swept: what the soak measures by, and which it must know.
_FIXED = {"longest", "late", "deadline", "mode", "model", "channel_in"}
SWEPT = [one for one in specs() if one.live and one.name not in _FIXED and (one.low is not None or one.choices)]
SWEPT += [one for one in specs() if one.live and one.kind is bool and one not in SWEPT]
_MODELS = ("folk", "piano", "markov", "songs")
_KEPT = (5.0, 60.0)  # seconds that a setting is not as it was
_ALONE = 20.0  # seconds, at a pace of 1 ten times as long: then the mode is again one that waits for the performer


class Wishes:
    """What is asked over OSC; ``turn`` is called again and again with the time. The ``pace`` of the notes is 1, or
    less for a soak that is to cost the machine less."""

    def __init__(self, send: Send, seed: int, pace: float) -> None:
        self.counts = {"asked": 0, "notes": 0}
        self._send = send
        self._draw = random.Random(seed)
        self._later: list[tuple[float, str, tuple[Any, ...]]] = []
        self._pace = pace
        self._next = {self._sweep: 0.0, self._notes: 0.0, self._verb: 0.0, self._choose: 0.0}
        self._every = {self._sweep: (3.0, 12.0), self._notes: (8.0 / pace, 30.0 / pace), self._verb: (8.0, 40.0)}
        self._every[self._choose] = (40.0, 200.0)

    def turn(self, now: float) -> None:
        """Ask for what it is time for."""
        self._keep_promises(now)
        for wish, at in self._next.items():
            if now >= at:
                if at:
                    wish(now)
                self._next[wish] = now + self._draw.uniform(*self._every[wish])

    def end(self) -> None:
        """Let go of every key, and put every setting back."""
        self._keep_promises(float("inf"))

    def _keep_promises(self, now: float) -> None:
        for at, name, arguments in sorted((each for each in self._later if each[0] <= now), key=lambda each: each[0]):
            self._later.remove((at, name, arguments))
            self._send(f"/livegen/{name}", *arguments)

    def _ask(self, name: str, *arguments: Any) -> None:  # noqa: ANN401 (as OSC has them)
        self.counts["asked"] += 1
        self._send(f"/livegen/{name}", *arguments)

    def _sweep(self, now: float) -> None:
        one = self._draw.choice(SWEPT)
        self._ask(one.name, self._value(one))
        self._later.append((now + self._draw.uniform(*_KEPT), one.name, (getattr(Settings(), one.name),)))

    def _value(self, one: Spec) -> float | int | str | bool:
        if one.low is not None or one.kind is bool:
            return one.at(self._draw.random())
        return self._draw.choice(one.choices)

    def _notes(self, now: float) -> None:
        at = now
        for _ in range(self._draw.randint(1, 6)):
            pitch, channel = self._draw.randint(48, 84), self._draw.choice((1, 1, 2, 10))
            self._later.append((at, "note", (pitch, self._draw.randint(30, 110), channel)))
            self._later.append((at + self._draw.uniform(0.05, 2.0), "note", (pitch, 0, channel)))
            at += self._draw.uniform(0.1, 0.6)
            self.counts["notes"] += 1

    def _verb(self, now: float) -> None:
        draw, slot = self._draw, self._draw.randint(1, 8)
        wishes: list[tuple[Any, ...]] = [("save", slot), ("recall", slot, draw.choice((0.0, 1.0, 4.0)))]
        wishes += [("rewind", draw.randint(1, 12), draw.choice(("notes", "beats"))), ("tap", 1)]
        wishes += [(verb, 1) for verb in ("forget", "reset", "panic", "stop", "fill")]
        wishes += [(verb, draw.choice(("now", "beat", "bar"))) for verb in ("reply", "again")]
        self._ask(*draw.choice(wishes))

    def _choose(self, now: float) -> None:
        draw = self._draw.random()
        if draw < 0.6:
            self._ask("mode", self._draw.choice(tuple(MODES)))
            kept = self._draw.uniform(_ALONE, 10 * _ALONE * self._pace + _ALONE)
            self._later.append((now + kept, "mode", ("call_and_response",)))
        elif draw < 0.8:
            self._ask("model", self._draw.choice(_MODELS))
        else:
            self._ask("drums", self._draw.choice(("off", "drums")))
