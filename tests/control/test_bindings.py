"""Knobs and switches, without a server: what is bound, jitter, pickup, learning."""

import random

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from livegen.control.bindings import Binding, Bindings, Trigger, binding, bindings, chart, message, trigger
from livegen.errors import SettingsError
from livegen.events import ControlChange, NoteOff, NoteOn
from livegen.osc.packets import Message
from livegen.settings import Settings, spec, specs
from tools import docs


def turned(bound: Binding, steps: list[int], now: float, dead_band: int = 2, pickup: bool = True) -> list[float]:
    """The values of a setting that is ``now``, each time that turning a knob changes it."""
    out = []
    for step in steps:
        value = bound.moved(step, now, dead_band, pickup)
        if value is not None:
            now = float(value)
            out.append(now)
    return out


def test_the_chart_keeps_clear_of_what_midi_has_a_meaning_for() -> None:
    numbers = [one.control for one in specs() if one.control is not None]
    assert len(numbers) == len(set(numbers)) == len(chart()) > 10
    assert all(20 <= number <= 31 or 102 <= number <= 119 for number in numbers)
    assert all(spec(name).live for name in chart().values())
    table = docs.controls()
    for key, name in chart().items():
        assert f"| {key.number} | `{name}` |" in table


@pytest.mark.parametrize("one", [one for one in specs() if one.low is not None and one.live], ids=lambda one: one.name)
def test_a_fader_reaches_both_ends_and_every_whole_number(one: object) -> None:
    declared = spec(one.name)  # type: ignore[attr-defined]
    fader = binding(declared.name)
    values = [fader.value(step) for step in range(128)]
    assert values[0] == declared.low and values[127] == declared.high
    assert values == sorted(values)
    settings = Settings()
    for value in values:
        settings.set(declared.name, value)
    if declared.kind is int and declared.high - declared.low <= 127:
        assert set(values) == set(range(int(declared.low), int(declared.high) + 1))
    for value in values:
        assert declared.at(declared.position(float(value))) == pytest.approx(value, rel=1e-3)


def test_the_middle_of_a_fader_is_the_middle() -> None:
    assert binding("memory").value(64) == 0.5
    assert binding("answer").value(64) == 1.0  # from a quarter to four times, on a logarithmic curve
    assert binding("memory 0.2 0.8").value(0) == 0.2
    assert binding("memory 0.8 0.2").value(0) == 0.8  # upside down
    assert binding("memory 0.2 0.8").value(127) == 0.8


def test_jitter_moves_nothing_and_a_slow_hand_everything() -> None:
    knob = binding("memory")
    assert len(turned(knob, list(range(40, 100)), 0.3125)) == 59  # each step of a slow turn counts
    chance = random.Random(1)
    shaking = [chance.choice((98, 99)) for _ in range(1000)]
    assert turned(knob, shaking, knob.value(99)) == []
    worn = binding("memory")
    assert len(turned(worn, [60, 63] * 100, 0.47, dead_band=4)) <= 2
    assert len(turned(binding("memory"), [126, 127] * 100, 1.0)) <= 2


def test_a_fader_never_jumps_a_value() -> None:
    fader = binding("memory")
    assert turned(fader, [0, 10, 20, 30], 0.5) == []
    assert turned(fader, [63], 0.5) != []  # close by: in hand
    assert turned(binding("memory"), [10, 40, 90], 0.5) == [binding("memory").value(90)]  # passed in a quick turn
    assert turned(binding("memory"), [0, 10], 0.5, pickup=False) == [0.0, binding("memory").value(10)]


def test_a_fader_is_dropped_when_somebody_else_moves_its_setting() -> None:
    fader = binding("memory")
    assert turned(fader, [60, 64, 70], 0.48) != []
    assert turned(fader, [72, 74], 0.1) == []
    assert turned(fader, [40, 12], 0.1)[-1] == fader.value(12)


def test_a_fader_with_narrow_ends_takes_a_setting_that_lies_beyond_them() -> None:
    assert turned(binding("memory 0.2 0.4"), [100], 0.9) == [binding("memory 0.2 0.4").value(100)]


@trials(deadline=None)
@given(st.lists(st.integers(0, 127), max_size=60), st.floats(0, 1), st.integers(1, 16), st.booleans())
def test_whatever_the_hand_does_the_setting_stays_in_range(
    steps: list[int], start: float, dead_band: int, pickup: bool
) -> None:
    for value in turned(binding("temperature"), steps, spec("temperature").at(start), dead_band, pickup):
        assert 0.1 <= value <= 2.0


def test_a_foot_switch_is_pressed_once_a_press() -> None:
    switch = binding("cue next")
    presses = [switch.pressed(ControlChange(0.0, 64, value)) for value in (127, 0, 127, 100, 64, 0, 30)]
    assert presses == [True, False, True, False, False, False, False]
    button = binding("panic")  # one that says nothing when it is released
    assert [button.pressed(ControlChange(0.0, 20, 127)) for _ in range(3)] == [True] * 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [("cc20", Trigger("cc", 20)), ("note127", Trigger("note", 127)), ("cc0-ch16", Trigger("cc", 0, 16))],
)
def test_how_a_control_is_written(text: str, expected: Trigger) -> None:
    assert trigger(text) == expected
    assert str(expected) == text


@pytest.mark.parametrize("text", ["cc120", "note128", "cc20-ch0", "cc20-ch17", "20", "CC20", "cc", "pedal"])
def test_what_is_no_control(text: str) -> None:
    with pytest.raises(SettingsError, match="is not a control; write cc0"):
        trigger(text)


def test_words_are_osc_messages() -> None:
    assert message("mode duet") == Message("/livegen/mode", ("duet",))
    assert message('cue "Verse 2"') == Message("/livegen/cue", ("Verse 2",))
    assert message("temperature 0.7") == Message("/livegen/temperature", (0.7,))
    assert message("ramp memory 0 1 16").args == ("memory", 0, 1, 16)


@pytest.mark.parametrize(
    ("words", "because"),
    [
        ("temprature", "may mean /livegen/temperature"),
        ("temperature 9", "0.1 to 2"),
        ("temperature 0.5 9", "0.1 to 2"),
        ("mode", None),
        ("mode ../x", "a name of"),
        ("out/note 1 2 3 4 5", "no address"),
        ("seed 3", "no address"),
        ("", "nothing"),
        ("note 60", "takes the arguments"),
    ],
)
def test_what_cannot_be_bound(words: str, because: str | None) -> None:
    if because is None:
        assert binding(words).scale is None  # a press asks for the mode
        return
    with pytest.raises(SettingsError, match=because):
        binding(words)


def test_a_voices_setting_is_bound_like_any_other() -> None:
    bound = binding("voice/bass/density 0.5 2")
    assert (bound.voice, bound.value(0), bound.value(127)) == ("bass", 0.5, 2.0)
    assert bound.press.address == "/livegen/voice/bass/density"
    with pytest.raises(SettingsError, match="There is no address"):
        binding("voice/bass/echo")  # is every voice's
    with pytest.raises(SettingsError, match=r"0\.25 to 4"):
        binding("voice/bass/density 9")


def test_a_mistake_in_a_file_is_named_with_the_file() -> None:
    with pytest.raises(SettingsError, match=r"In rig\.toml, \[bind\]: 'cc200' is not a control"):
        bindings({"cc20": "memory", "cc200": "memory"}, "rig.toml")
    with pytest.raises(SettingsError, match="as text"):
        bindings({"cc20": 3}, "rig.toml")


def test_what_is_found_first() -> None:
    controls = Bindings(own=bindings({"cc20": "memory", "cc20-ch2": "touch", "note36": "panic"}))
    moved = ControlChange(0.0, 20, 64)
    assert controls.find(moved, with_chart=True).words == "memory"  # type: ignore[union-attr]
    assert controls.find(ControlChange(0.0, 20, 64, 2), with_chart=False).words == "touch"  # type: ignore[union-attr]
    assert controls.find(ControlChange(0.0, 22, 64), with_chart=False) is None
    assert controls.find(ControlChange(0.0, 22, 64), with_chart=True).words == "touch"  # type: ignore[union-attr]
    assert controls.find(NoteOn(0.0, 36, 90), with_chart=False).words == "panic"  # type: ignore[union-attr]
    assert controls.find(NoteOff(0.0, 36), with_chart=False).words == "panic"  # type: ignore[union-attr]
    assert controls.find(NoteOn(0.0, 37, 90), with_chart=True) is None
    controls.learn("follow")
    controls.teach(ControlChange(0.0, 20, 0))
    controls.teach(ControlChange(0.0, 20, 9))
    assert controls.find(moved, with_chart=True).words == "follow"  # type: ignore[union-attr]


def test_learning_waits_for_a_control_that_is_meant() -> None:
    controls = Bindings()
    controls.learn("temperature")
    for value in (63, 62, 63, 62):  # another knob's jitter
        assert controls.teach(ControlChange(0.0, 7, value)) is None
    assert controls.teach(ControlChange(0.0, 123, 0)) is controls.teach(ControlChange(0.0, 123, 127)) is None
    assert controls.teach(ControlChange(0.0, 74, 10, 3)) is None
    assert controls.teach(ControlChange(0.0, 74, 14, 3)) == Trigger("cc", 74, 3)
    assert controls.wanted is None
    assert controls.teach(ControlChange(0.0, 75, 99)) is None  # nothing is waited for
    controls.learn("temperature")
    controls.teach(ControlChange(0.0, 12, 0))
    controls.teach(ControlChange(0.0, 12, 127))
    assert list(controls.rows()) == [("cc12-ch1", "temperature")]  # one control a setting: the last learned
    assert controls.unlearn("temperature") and not controls.unlearn("temperature")


def test_a_button_that_is_never_released_is_learnt_at_the_second_press() -> None:
    controls = Bindings()
    controls.learn("panic")
    assert controls.teach(ControlChange(0.0, 80, 127)) is None
    assert controls.teach(ControlChange(0.0, 80, 127)) == Trigger("cc", 80, 1)


def test_learning_can_be_given_up_and_refuses_nonsense() -> None:
    controls = Bindings()
    controls.learn("temperature")
    controls.learn(None)
    assert controls.teach(ControlChange(0.0, 1, 127)) is None
    with pytest.raises(SettingsError, match="may mean /livegen/temperature"):
        controls.learn("temprature")
