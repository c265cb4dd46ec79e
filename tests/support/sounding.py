"""A reference of its own for what sounds under keys, pedals and mode messages, and random sequences of them."""

import random
from collections import defaultdict, deque
from collections.abc import Sequence

Message = tuple[float, bytes]  # seconds, MIDI

_PEDALS = {0x40: "sustain", 0x42: "sostenuto"}


class Reference:
    """What a synth with sixteen channels sounds, by the text of MIDI 1.0 and RP-015, not by livegen's code."""

    def __init__(self) -> None:
        self.sounding: set[tuple[int, int]] = set()  # channel from 0, pitch
        self._open: defaultdict[tuple[int, int], deque[int]] = defaultdict(deque)  # strokes, the oldest first
        self._pedals: set[tuple[str, int]] = set()
        self._caught: set[tuple[int, int]] = set()
        self._count = 0

    @property
    def pitches(self) -> set[int]:
        """The pitches that sound on any channel."""
        return {pitch for _, pitch in self.sounding}

    @property
    def down(self) -> set[int]:
        """The pitches whose keys are down on any channel."""
        return {pitch for (_, pitch), strokes in self._open.items() if strokes}

    def take(self, message: bytes) -> None:
        """The next message."""
        kind, channel = message[0] >> 4, message[0] & 15
        if kind == 9 and message[2]:
            self._count += 1
            self._open[channel, message[1]].append(self._count)
            self.sounding.add((channel, message[1]))
        elif kind in (8, 9):
            strokes = self._open[channel, message[1]]
            if strokes:
                strokes.popleft()
        elif message[1] in _PEDALS:
            self._press(_PEDALS[message[1]], channel, message[2] >= 64)
        elif message[1] == 121:
            self._press("sustain", channel, False)
            self._press("sostenuto", channel, False)
        elif message[1] in (120, 123, 124, 125, 126, 127):
            for place in [place for place in self._open if place[0] == channel]:
                self._open[place].clear()
            if message[1] == 120:
                self.sounding = {place for place in self.sounding if place[0] != channel}
                self._caught = {place for place in self._caught if place[0] != channel}
        self.sounding = {place for place in self.sounding if self._lasts(place)}

    def _press(self, pedal: str, channel: int, down: bool) -> None:
        if pedal == "sostenuto" and down and (pedal, channel) not in self._pedals:
            self._caught |= {place for place, strokes in self._open.items() if strokes and place[0] == channel}
        if pedal == "sostenuto" and not down:
            self._caught = {place for place in self._caught if place[0] != channel}
        (self._pedals.add if down else self._pedals.discard)((pedal, channel))

    def _lasts(self, place: tuple[int, int]) -> bool:
        return bool(self._open[place]) or ("sustain", place[0]) in self._pedals or place in self._caught


def sequence(seed: int, at: float = 0.5, length: int = 30) -> list[Message]:
    """From ``at`` on (seconds): strokes on a few channels that overlap and are doubled, half pedals, mode messages."""
    draw = random.Random(seed)
    channels = draw.choice([[0], [0, 1], [0, 1, 15]])
    pitches = draw.choice([[60], [60, 62], [60, 62, 64, 67]])
    messages: list[Message] = []
    down: list[tuple[int, int]] = []
    for _ in range(length):
        channel, pitch, chance = draw.choice(channels), draw.choice(pitches), draw.random()
        if chance < 0.4:
            messages.append((at, bytes((0x90 | channel, pitch, draw.randint(1, 127)))))
            down.append((channel, pitch))
        elif chance < 0.75 and (down or draw.random() < 0.2):
            if down:
                channel, pitch = down.pop(draw.randrange(len(down)))
            off = draw.choice([(0x80 | channel, pitch, 64), (0x90 | channel, pitch, 0)])
            messages.append((at, bytes(off)))
        elif chance < 0.92:
            control, value = draw.choice([64, 64, 66, 67]), draw.choice([0, 1, 63, 64, 90, 127])
            messages.append((at, bytes((0xB0 | channel, control, value))))
        else:
            messages.append((at, bytes((0xB0 | channel, draw.choice([120, 121, 122, 123, 124, 125, 126, 127]), 0))))
        at += draw.choice([0.0, 0.0, 0.001, 0.004, 0.02, 0.1, 0.25])
    return messages


def pitches_over_time(messages: Sequence[Message]) -> list[set[int]]:
    """The pitches that sound after each message."""
    reference = Reference()
    found = []
    for _, message in messages:
        reference.take(message)
        found.append(reference.pitches)
    return found
