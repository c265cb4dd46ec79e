"""Each live setting can be changed by every control (flag, OSC, CC, page), from its one declaration."""

import pytest
from click.testing import CliRunner

from livegen.cli import main
from livegen.control import addresses
from livegen.control.bindings import binding
from livegen.control.dispatch import dispatch
from livegen.control.ramps import ramp
from livegen.control.show import split
from livegen.osc.packets import Message
from livegen.settings import Settings, specs
from livegen.spec import Spec
from tests.support.performing import Performing
from tools import docs

HERE = ("127.0.0.1", 50000)
LIVE = [one for one in specs() if one.live]
NUMBERS = [one for one in LIVE if one.low is not None]


def other(one: Spec) -> float | int | bool | str:
    """A value that the setting may have, and has not at first if it is no word."""
    if one.kind is str:
        return str(one.default)
    value = one.at(0.25)
    return value if value != one.default else one.at(0.75)


@pytest.mark.parametrize("one", LIVE, ids=lambda one: one.name)
def test_a_live_setting_is_moved_by_every_hand(one: Spec) -> None:
    value = other(one)
    by_flag = Settings()
    by_flag.set(one.name, ("on" if value else "off") if one.kind is bool else str(value))
    by_osc = Performing()
    dispatch(Message(f"/livegen/{one.name}", (float(value) if one.kind is not str else value,)), HERE, by_osc.commands)
    found = {
        "flag": getattr(by_flag, one.name),
        "file": getattr(Settings.from_table({one.name: value}), one.name),
        "osc": getattr(by_osc.settings, one.name),
        "preset": split({"preset": {"other": {one.name: value}}})[1].presets["other"].settings[one.name],
        "cue": split({"cue": [{one.name: value}]})[1].songs[0].cues[0].settings[one.name],
    }
    if one.kind is bool:
        found["control"] = binding(one.name).value(127 if value else 0)
    elif one.low is not None:
        found["control"] = binding(f"{one.name} {value} {one.high}").value(0)
        found["ramp"] = ramp(one.name, one.low, float(value), 0.0).value
    assert set(map(type, found.values())) == {one.kind}
    assert {hand: moved for hand, moved in found.items() if moved != pytest.approx(value)} == {}


def test_each_has_a_flag_a_row_and_an_address_with_its_range() -> None:
    help = " ".join(CliRunner().invoke(main.main, ["jam", "--help"]).output.split())
    for one in LIVE:
        assert f"--{one.name.replace('_', '-')} " in help
        assert f"| `{one.name}` | {one.range} |" in docs.settings()
        assert f"| `/livegen/{one.name}` |" in addresses.reference()


@pytest.mark.parametrize("one", [one for one in NUMBERS if one.curve == "log"], ids=lambda one: one.name)
def test_a_logarithmic_setting_can_be_one(one: Spec) -> None:
    assert one.low is not None and one.low > 0
    assert one.kind is float, "whole numbers are evenly spaced, so that a knob reaches each"
