"""Ramps in virtual time."""

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from livegen.control.ramps import STEP, Ramps, ramp
from livegen.errors import SettingsError
from livegen.settings import Settings, spec, specs

NUMBERS = [one for one in specs() if one.live and one.low is not None]


def run(ramps: Ramps, until: float, beat: float = 0.5) -> list[tuple[float, dict[str, float]]]:
    """Every step up to a time."""
    out: list[tuple[float, dict[str, float]]] = []
    while (due := ramps.next_due()) is not None and due <= until:
        out.append((due, ramps.advance(due, beat)))
    return out


def test_a_ramp_goes_evenly_and_ends_where_it_should() -> None:
    ramps = Ramps()
    ramps.start(ramp("temperature", 0.7, 1.2, 16), at=10.0, beat=0.5)
    steps = run(ramps, 100.0)
    values = [values["temperature"] for _, values in steps]
    assert values == sorted(values)
    assert steps[-1] == (18.0, {"temperature": 1.2})
    assert len(steps) == 16 / STEP
    halfway = [values["temperature"] for at, values in steps if at == 14.0]
    assert halfway == [0.95]
    assert ramps.next_due() is None


def test_a_ramp_follows_the_tempo_as_it_changes() -> None:
    ramps = Ramps()
    ramps.start(ramp("memory", 0, 1, 4), at=0.0, beat=0.5)
    run(ramps, 1.0)  # two beats
    (last, values) = run(ramps, 10.0, beat=1.0)[-1]
    assert values == {"memory": 1.0}
    assert last == pytest.approx(3.0, abs=0.07)


def test_many_at_once_end_each_at_its_time() -> None:
    ramps = Ramps()
    ramps.start(ramp("memory", 0, 1, 4), at=0.0, beat=0.5)
    run(ramps, 0.99)
    ramps.start(ramp("lowest", 36, 48, 1), at=1.0, beat=0.5)
    ramps.start(ramp("touch", 1, 0, 8), at=1.0, beat=0.5)
    ends = {}
    for at, values in run(ramps, 20.0):
        for name in values:
            ends[name] = (round(at, 3), values[name])
    assert ends == {"lowest": (1.5, 48), "memory": (2.0, 1.0), "touch": (5.0, 0.0)}
    assert type(ends["lowest"][1]) is int


def test_a_hand_ends_a_ramp_and_another_takes_its_place() -> None:
    ramps = Ramps()
    ramps.start(ramp("memory", 0, 1, 4), at=0.0, beat=0.5)
    ramps.start(ramp("memory", 1, 0, 4), at=0.0, beat=0.5)
    assert run(ramps, 1.0)[-1][1]["memory"] == 0.5
    ramps.end("memory")
    assert ramps.next_due() is None and ramps.names == ()


def test_no_beats_is_at_once() -> None:
    ramps = Ramps()
    ramps.start(ramp("memory", 0, 0.3, 0), at=5.0, beat=0.5)
    assert run(ramps, 5.0) == [(5.0, {"memory": 0.3})]


@pytest.mark.parametrize(
    ("name", "first", "last", "beats", "because"),
    [
        ("mode", 0, 1, 4, "cannot be ramped"),
        ("seed", 0, 1, 4, "cannot be ramped"),
        ("nonsense", 0, 1, 4, "cannot be ramped"),
        ("temperature", 0.0, 1.0, 4, "0.1 to 2"),
        ("temperature", 0.5, float("nan"), 4, "0.1 to 2"),
        ("temperature", 0.5, 1.0, -1, "beats"),
        ("temperature", 0.5, 1.0, float("inf"), "beats"),
    ],
)
def test_what_cannot_be_ramped(name: str, first: float, last: float, beats: float, because: str) -> None:
    with pytest.raises(SettingsError, match=because):
        ramp(name, first, last, beats)


@trials(deadline=None, max_examples=50)
@given(st.sampled_from(NUMBERS), st.floats(0, 1), st.floats(0, 1), st.floats(0, 16), st.floats(0.1, 2.0))
def test_whatever_is_ramped_stays_within_its_ends_and_gets_there(
    one: object, first: float, last: float, beats: float, beat: float
) -> None:
    declared = spec(one.name)  # type: ignore[attr-defined]
    start, end = declared.at(first), declared.at(last)
    ramps, settings = Ramps(), Settings()
    ramps.start(ramp(declared.name, start, end, beats), at=3.0, beat=beat)
    steps = run(ramps, 1e6, beat)
    for _, values in steps:
        settings.set(declared.name, values[declared.name])
        assert min(start, end) <= values[declared.name] <= max(start, end)
    assert getattr(settings, declared.name) == end
    assert steps[-1][0] == pytest.approx(3.0 + beats * beat, abs=1e-3)
