"""Controls that are learned right, whatever they send, or refused in one sentence; and a knob never jumps a setting."""

from collections.abc import Iterable

import pytest

from livegen.control.bindings import Bindings, Trigger, bindings
from livegen.errors import SettingsError
from livegen.events import ControlChange

Moves = list[tuple[int, int]]  # controls and values, in order
TEMPERATURE = 1.0  # where it is when it is learned


class Learning:
    """A knob learned for a setting, and then turned on: what was learned, said and set."""

    def __init__(self, moves: Moves, words: str = "temperature", value: float = TEMPERATURE) -> None:
        self.controls = Bindings()
        self.controls.learn(words)
        self.learned: Trigger | None = None
        self.said: list[str] = []
        self.values = [value]
        for control, step in moves:
            self.move(ControlChange(0.0, control, step))

    def move(self, event: ControlChange) -> None:
        """As the live server does with a control."""
        if self.controls.wanted is not None:
            self.learned = self.controls.teach(event) or self.learned
            if self.controls.refusal:
                self.said.append(self.controls.refusal)
            return
        bound = self.controls.find(event, with_chart=False)
        if bound is None or bound.scale is None:
            return
        now = self.values[-1]
        value = bound.turned(event.value, now) if bound.turns else bound.moved(event.value, now, 2, True)
        if value is not None:
            self.values.append(float(value))

    @property
    def leap(self) -> float:
        """The widest step that the setting made; its range is 1.9 wide."""
        return max(
            (abs(after - before) for before, after in zip(self.values, self.values[1:], strict=False)), default=0
        )


def fine(control: int, positions: Iterable[int], coarse_first: bool) -> Moves:
    """A knob of 14 bits: both halves at each position."""
    moves: Moves = []
    for position in positions:
        halves = [(control, position >> 7), (control + 32, position & 127)]
        moves += halves if coarse_first else halves[::-1]
    return moves


@pytest.mark.parametrize("coarse_first", [True, False])
@pytest.mark.parametrize("step", [5, 1, 40])
def test_of_a_pair_the_coarse_half_is_learned(step: int, coarse_first: bool) -> None:
    way = [*range(8000, 8101, step), *range(8100, 7000, -20), *range(7000, 10_000, 20)]
    knob = Learning(fine(7, way, coarse_first))
    assert knob.learned == Trigger("cc", 7, 1)
    assert len(knob.values) > 1 and knob.leap < 0.1


@pytest.mark.parametrize("coarse_first", [True, False])
def test_less_than_a_coarse_step_is_enough_of_a_pair(coarse_first: bool) -> None:
    knob = Learning(fine(7, range(8000, 8101, 10), coarse_first))
    assert list(knob.controls.rows()) == [("cc7-ch1", "temperature")], "and it is not endless"
    trembling = Learning(fine(7, [8063, 8064, 8063, 8065, 8064] * 5, coarse_first=True))
    assert trembling.learned is None


@pytest.mark.parametrize(("values", "turns"), [([1, 127, 1], "relative"), ([65, 63, 65], "offset")])
def test_an_endless_knob_that_is_turned_to_and_fro(values: list[int], turns: str) -> None:
    (row,) = Learning([(22, value) for value in values]).controls.rows()
    assert row == (f"cc22-ch1-{turns}", "temperature")


def test_a_knob_of_7_bits_may_have_a_number_above_31() -> None:
    assert Learning([(39, 10), (39, 20)]).learned == Trigger("cc", 39, 1)
    assert Learning([(7, 10), (7, 60)]).learned == Trigger("cc", 7, 1)


def test_what_keyboards_send_by_themselves_is_not_learned() -> None:
    null: Moves = [(101, 127), (100, 127)]
    banks: Moves = [(0, 0), (32, 1), (0, 8), (32, 3), (0, 87), (32, 66)]
    prefixes: Moves = [(88, 3), (88, 99)]
    ranges: Moves = [(101, 0), (100, 0), (6, 2), (38, 0), (101, 0), (100, 0), (6, 12), (38, 0), *null]
    knob = Learning([*null, *null, *banks, *prefixes, *ranges, (21, 60), (21, 66)])
    assert knob.learned == Trigger("cc", 21, 1) and not knob.said
    assert Learning([*null, (6, 10), (6, 20)]).learned == Trigger("cc", 6, 1), "no parameter is chosen"


def test_a_knob_that_sends_parameters_is_refused_in_one_sentence_and_another_learned() -> None:
    moves = [move for value in range(30, 60) for move in ((99, 70), (98, 5), (6, value), (38, 0))]
    knob = Learning(moves)
    assert knob.learned is None and knob.controls.wanted == "temperature"
    assert knob.said == [
        "This control sends NRPNs, which livegen cannot learn; have it send a plain control change, such as CC 20."
    ]
    for value in (10, 90):
        knob.move(ControlChange(0.0, 74, value))
    assert knob.learned == Trigger("cc", 74, 1)
    other = Learning([move for value in range(30) for move in ((101, 0), (100, 1), (6, value))])
    assert other.learned is None and "RPNs" in other.said[0]


def test_a_knob_that_chooses_banks_is_refused() -> None:
    knob = Learning([(0, value) for value in range(20)])
    assert knob.learned is None and len(knob.said) == 1 and "banks" in knob.said[0]


@pytest.mark.parametrize(
    ("right", "left", "turns"),
    [
        ([1] * 10, [127] * 10, "relative"),
        ([1, 2, 3, 3, 1], [127, 126, 125, 127, 127], "relative"),
        ([1, 1, 9, 12, 2], [127, 127, 118, 126, 126], "relative"),  # fast
        ([1] * 10, [65] * 10, "relative"),  # a sign bit
        ([65] * 10, [63] * 10, "offset"),
        ([66, 65, 65], [62, 63, 63], "offset"),
    ],
)
@pytest.mark.parametrize("first", ["right", "left"])
def test_an_endless_knob_is_learned_and_moves_by_steps(
    right: list[int], left: list[int], turns: str, first: str
) -> None:
    ways = [right, left] if first == "right" else [left, right]
    knob = Learning([(22, value) for way in ways for value in way])
    if knob.learned is None:  # by one way alone nobody can tell: it was said
        assert len(knob.said) == 1 and "the other way" in knob.said[0]
    for value in right:
        knob.move(ControlChange(0.0, 22, value))
    assert knob.learned == Trigger("cc", 22, 1)
    (row,) = knob.controls.rows()
    assert row == (f"cc22-ch1-{turns}", "temperature")
    before = knob.values[-1]
    for value in [right[0]] * 5:
        knob.move(ControlChange(0.0, 22, value))
    assert knob.values[-1] > before
    for value in [left[0]] * 9:
        knob.move(ControlChange(0.0, 22, value))
    assert knob.values[-1] < before
    assert knob.leap < 0.2, "it never jumps"


def test_an_endless_knob_stops_at_the_ends_and_follows_what_else_moves_the_setting() -> None:
    (knob,) = bindings({"cc22-relative": "temperature 0.5 1.5"}).values()
    value: float | int | bool = 0.6
    for _ in range(200):
        value = knob.turned(1, float(value)) or value
    assert value == 1.5
    assert knob.turned(127, 0.7) == pytest.approx(0.7 - 1 / 127, abs=0.001)
    assert knob.turned(1, 0.3) == pytest.approx(0.3 + 1 / 127, abs=0.001), "from outside its ends no jump either"
    (whole,) = bindings({"cc22-offset": "polyphony"}).values()
    now, seen = 6, []
    for _ in range(40):
        given = whole.turned(65, now)
        if given is not None:
            now = int(given)
            seen.append(now)
    assert seen == [7, 8, 9, 10, 11], "slow steps add up"


def test_a_knob_with_ends_that_is_turned_slowly_at_the_low_end_is_no_endless_one() -> None:
    for values in ([1, 2, 3, 4], [6, 5, 4, 3, 2, 1], [61, 62, 63, 65, 66, 67]):
        (row,) = Learning([(22, value) for value in values]).controls.rows()
        assert row == ("cc22-ch1", "temperature")


@pytest.mark.parametrize("words", ["panic", "cue next", "guard"])
def test_an_endless_knob_presses_nothing(words: str) -> None:
    knob = Learning([(22, 1)] * 10, words)
    assert knob.learned is None and knob.said == [
        "An endless knob presses nothing; have a button or pad learned for this."
    ]
    assert Learning([(80, 127)] * 2, words).learned == Trigger("cc", 80, 1), "a button does"
    with pytest.raises(SettingsError, match="bind it to a setting"):
        bindings({"cc22-relative": words})


def test_what_is_learned_is_found_again() -> None:
    learned = Learning([(22, 63), (22, 63), (22, 63)])
    again = Bindings(learned=bindings(dict(learned.controls.rows())))
    assert list(again.rows()) == list(learned.controls.rows()) == [("cc22-ch1-offset", "temperature")]


def test_a_knob_bound_with_ends_that_is_endless_leaves_its_setting() -> None:
    (knob,) = bindings({"cc22": "temperature"}).values()
    steps = [1] * 5 + [127] * 5 + [1, 127, 1, 65, 1]
    assert [value for step in steps if (value := knob.moved(step, TEMPERATURE, 2, True)) is not None] == []
