"""The progress of an ABC tune that is written one character at a time, and the request that it must meet."""

from typing import NamedTuple

from livegen.errors import SettingsError, unknown
from livegen.tunes.abc_writer import Key

KINDS = ("jig", "slip jig", "reel", "hornpipe", "polka", "waltz", "march", "strathspey", "air")
METRES_OF = {
    "jig": ("6/8",),
    "slip jig": ("9/8",),
    "reel": ("4/4", "2/2", "2/4"),
    "hornpipe": ("4/4", "2/4"),  # as abc2midi has it, which swings them
    "polka": ("2/4",),
    "waltz": ("3/4",),
    "strathspey": ("4/4",),
}
METRES = ("2/2", "2/4", "3/2", "3/4", "3/8", "4/4", "6/4", "6/8", "9/8", "12/8")
SECTION = 16  # bars at most
WHOLE = 4  # bars: a section has a multiple of these
SECTIONS = 4  # at most


class TuneRequest(NamedTuple):
    """The type, key, metre and bars (as written, in two sections) that a tune must have; None is left to the model."""

    kind: str | None = None
    key: Key | None = None
    metre: str | None = None
    bars: int | None = None


def check(asked: TuneRequest) -> TuneRequest:
    """The request itself. Raises SettingsError if no tune can meet it."""
    kind, metre, bars = asked.kind, asked.metre, asked.bars
    if kind is not None and kind not in KINDS:
        raise SettingsError(unknown("type of tune", kind, KINDS))
    if metre is not None and metre not in METRES:
        raise SettingsError(f"No tunes are written in {metre}; choose one of {', '.join(METRES)}.")
    possible = METRES_OF.get(kind or "", METRES)
    if metre is not None and metre not in possible:
        raise SettingsError(f"A {kind} is in {' or '.join(possible)}, not {metre}; leave out the type or the metre.")
    if bars is not None and (bars % 2 or not 4 <= bars <= 64):
        raise SettingsError(f"A tune has two sections of equal length, 4 to 64 bars in all, not {bars}; choose 16.")
    return asked


class AbcProgress(NamedTuple):
    """The place that a tune has reached. ``slot`` names the item that comes next, ``token`` is the part of it so
    far."""

    asked: TuneRequest
    slot: str = "R"
    token: str = ""
    kind: str = ""
    metre: str = ""
    written: int = 0  # characters of the title
    spaced: bool = False  # the title ends with a space so far
    unit: int = 8  # L is 1/unit
    at: int = 0  # in the bar
    pickup: int = -1  # its length; -1: not known yet
    begins: bool = True  # in the first bar of a section, which may be the pickup
    measures: int = 0  # whole bars of this section, or of this section's second ending
    bars: int = 0  # of the tune, without those of this section
    sections: int = 0  # closed ones
    opened: bool = False  # the section, with |:
    ending: int = 0  # the first or the second of a repeat
    shared: int = 0  # bars before the endings
    altered: str = ""  # letters with a sign in this bar
    pitch: str = ""  # the last one
    tied: bool = False  # that pitch is tied to the next
    rest: bool = False  # the last item is a rest
    before: int = 0  # the last note's length if it may be the first of a broken rhythm
    equal: int = 0  # the length that the next note must have; 0: any
    triplet: int = 0  # its notes still to come

    @property
    def bar(self) -> int:
        """The metre's length."""
        over, _, under = self.metre.partition("/")
        return 4 * self.unit * int(over) // int(under)

    @property
    def eighth(self) -> int:
        """An eighth note's length."""
        return self.unit // 2

    @property
    def may_end(self) -> bool:
        """Whether the section may close at the end of this bar."""
        number = self.measures + 1
        if self.begins:
            return False
        if self.ending == 2:
            return number == self.shared
        return self._ends_after(number)

    @property
    def must_end(self) -> bool:
        """Whether the section must close at the end of this bar."""
        longest = self.measures + 1 == (self.asked.bars or 2 * SECTION) // 2
        return self.may_end and (longest or self.ending > 0)

    @property
    def may_divide(self) -> bool:
        """Whether the first ending may begin after this bar."""
        soon = any(self._ends_after(self.measures + more) for more in (2, 3))
        return self.opened and not self.ending and not self.begins and soon

    @property
    def limit(self) -> int:
        """The longest that this bar may be."""
        if self.begins and self.pickup > 0:
            return self.pickup
        return self.bar - self.pickup if self.must_end else self.bar

    @property
    def goes_on(self) -> bool:
        """Whether another section may follow after this one is closed."""
        return self.sections < (2 if self.asked.bars else SECTIONS)

    @property
    def complete(self) -> bool:
        """Whether the tune may end after this section is closed."""
        return self.sections == 2 if self.asked.bars else self.sections >= 2 or self.bars >= SECTION

    def _ends_after(self, number: int) -> bool:
        if self.asked.bars:
            return number == self.asked.bars // 2
        return number % WHOLE == 0 and number <= SECTION
