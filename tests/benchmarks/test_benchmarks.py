"""The benchmarks run and count correctly; no figure is judged, because a test machine is no measure of speed."""

import io
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import core, latency, steps
from benchmarks.parts import children, client
from benchmarks.parts.counts import QUICK
from benchmarks.parts.figures import Measure, show, slower, spread
from tests.support.jam_process import LATE
from tests.support.parts import require

TINY = replace(
    QUICK, rounds=1, human=10, steady=100, chords=2, capacity=200, deadlines=10, playing_seconds=0.5, idle_seconds=0.2,
    busy_notes=20, rest_seconds=0.0, hot_steps=20, paced_steps=2, over_midi=10, interruptions=1,
)  # fmt: skip


@pytest.fixture(autouse=True)
def livegen_that_leaves_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stands still for a moment is no reason for a note without an answer."""
    monkeypatch.setattr(children, "JAM", [*children.JAM, *LATE])


def measured(name: str) -> Measure:
    return latency.MEASURES[name](TINY)


def test_percentiles_are_measured_values_by_nearest_rank() -> None:
    times = spread("hundred", [float(value) for value in range(100, 0, -1)])
    assert (times.count, times.p50, times.p99, times.p999, times.max) == (100, 50.0, 99.0, 100.0, 100.0)
    assert math.isnan(spread("none", []).p50)


def test_ratios_are_to_the_floor() -> None:
    rows = [spread("floor", [1.0, 2.0]), spread("livegen", [3.0, 8.0])]
    assert Measure("", rows, floors={"livegen": "floor"}).ratios() == {"livegen": {"p50": 3.0, "p99": 4.0}}


def test_what_is_slower_than_the_kept_release_is_said() -> None:
    rows = [spread("echo", [1.0, 2.0]), spread("livegen", [3.0, 8.0])]
    measure = Measure("a", rows, floors={"livegen": "echo"})
    kept = {"livegen": {"p50": 2.9, "p99": 3.0}, "unknown": {"p50": 1.0}}
    assert slower(measure.ratios(), kept) == ["livegen: p99 3 -> 4"]
    shown = io.StringIO()
    show(measure, Console(file=shown, width=110), kept, "0.1.0")
    assert "3.00 (2.90)" in shown.getvalue() and "slower than 0.1.0: livegen: p99 3 -> 4" in shown.getvalue()
    assert slower(measure.ratios(), {"livegen": {"p50": 2.9, "p99": 3.7}}) == []  # a tenth may be chance


def test_the_cost_of_a_note_is_counted_beside_that_of_another_version() -> None:
    measure = core.compared("duet", before=children.ROOT, rounds=1, notes=2, count=True)
    counts = {row.name: row.count for row in measure.spreads}
    events = {"a note begins": 2, "a note ends": 2, "what is done between them": 4}
    assert counts == {f"{what}, {which}": count for what, count in events.items() for which in ("now", "before")}
    assert {each["p50"] for each in measure.ratios().values()} == {1.0}  # the same version takes the same steps
    assert len(measure.numbers) == 3


@pytest.mark.parametrize(
    "score", [client.human(50, 1), client.steady(50, 100.0), client.chords(5)], ids=["human", "steady", "chords"]
)
def test_every_note_of_a_score_is_released(score: list[client.Cue]) -> None:
    sounding: set[bytes] = set()
    for cue in sorted(score):
        pitch, velocity = cue.datagram[24:28], cue.datagram[28:32]
        assert (velocity == bytes(4)) == (cue.id == 0)
        (sounding.discard if velocity == bytes(4) else sounding.add)(pitch)
    assert not sounding
    assert [cue.id for cue in score if cue.id] == list(range(1, 51))


def test_the_echo_answers_every_note_and_its_answers_are_told_apart() -> None:
    with children.echo() as floor:
        floor.client.say(client.note(60, 80, 3))  # what is left of an earlier round does not count
        played = floor.client.perform(client.steady(100, 1000.0))
    assert played.missing == 0
    assert len(played.latencies()) == 100
    assert min(played.latencies()) > 0.0


def test_what_is_never_answered_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_PATIENCE", 0.1)
    listener = client.Client()
    listener.face(children.free_port())
    try:
        assert listener.perform(client.steady(3, 1000.0)).missing == 3
        assert listener.press([client.note(60, 80, 1)], 16)[0] == 0
    finally:
        listener.close()


def test_a_program_that_ends_by_itself_is_told_with_what_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "JAM", ["-c", "raise SystemExit('no stage here')"])
    with pytest.raises(RuntimeError, match="ended with 1: no stage here"), children.livegen():
        pass


@pytest.mark.parametrize("name", ["human", "fast", "capacity"])
def test_livegen_beside_the_echo(name: str) -> None:
    measure = measured(name)
    assert all(row.missing == 0 and row.count for row in measure.spreads)
    assert all(number == 0.0 for what, (number, _) in measure.numbers.items() if "unanswered" in what)
    assert "model" in measure.notes[0]


@pytest.mark.jack
def test_midi_beside_bare_rtmidi() -> None:
    require("jackd")
    measure = measured("midi")
    assert [row.count + row.missing for row in measure.spreads] == [10, 10, 10, 1]
    assert all(row.count for row in measure.spreads), "nothing came at all"
    assert measure.floors.keys() <= measure.ratios().keys()


def test_stages_are_those_of_the_server_as_it_is() -> None:
    counted = {row.name: row.count for row in measured("stages").spreads}
    assert counted["hot: Endpoint.datagram_received"] == TINY.busy_notes
    assert counted["hot: · · · Composer.heard"] == TINY.busy_notes


def test_the_command_writes_what_it_shows(tmp_path: Path) -> None:
    shown = io.StringIO()
    found = latency.run(TINY, ["chords", "timers"], Console(file=shown, width=110))
    read = json.loads(json.dumps(found))
    assert [row["count"] for row in read["measures"]["chords"]["spreads"]] == [2, 2, 2, 2]
    bare = {row["name"]: row for row in read["measures"]["timers"]["spreads"]}
    ours = bare["livegen's loop, bare deadlines"]
    assert ours["count"] == 10
    assert f"{ours['p50']:.3f}" in shown.getvalue()
    assert read["before"]["cores"]


def test_models_of_other_sizes_are_made_to_be_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="torch is not installed (livegen[train])")
    monkeypatch.setattr(steps, "SIZES", ((1, 16), (2, 8)))
    steps._export(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1x16.onnx", "2x8.onnx"]
