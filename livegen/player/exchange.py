"""Exchanges of phrases: when the performer is due back, where both take turns of equal length. Pure."""

from livegen.player.bars import Bars

_REST = 1.3  # times the phrase: the longest turn of which it is the whole, its rest included
_LEAST, _OVER = 0.6, 1.05  # of a turn: a phrase that is as long as this may fill one
_WAITS = 2.35  # times the phrase: a performer who comes back later than this waits for the answer to end


class Exchange:
    """Learns how long a turn is from how long the phrases are and when the performer comes back.

    Until more is known, a turn is as long as the phrase.
    """

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self.forget()

    def forget(self) -> None:
        """As if no phrase had been heard."""
        self._answered: tuple[float, float] | None = None  # start and length of the latest phrase, once it is over
        self._learnt: tuple[float, float] | None = None  # of the one before: length, and time to the next

    @property
    def waits(self) -> bool:
        """Whether it is still to hear when the performer came back after the latest answer."""
        return self._answered is not None

    def answer_phrase(self, start: float, length: float) -> None:
        """A phrase is over and gets its answer. Seconds."""
        self._answered = start, length

    def hear_phrase(self, start: float) -> None:
        """The performer's phrase began then: if it is another, they are back."""
        if self._answered is not None and start > self._answered[0]:
            before, length = self._answered
            self._learnt, self._answered = (length, start - before), None

    def due_back(self, start: float, length: float, answer: float) -> float | None:
        """The time when they are due back after a phrase, if the answer is ``answer`` times as long as their turn; None
        if they wait for it."""
        if bars := self._bars.bars_of(start, start + length):
            first, last = bars
            return last + answer * (last - first) + min(0.0, start - first)
        turn = length
        if self._learnt is not None:
            before, period = self._learnt
            half = period / 2
            if before <= _OVER * half and half <= _REST * before and _LEAST * half <= length <= _OVER * half:
                turn = half
            elif period > _WAITS * before:
                return None
        return start + (1.0 + answer) * turn
