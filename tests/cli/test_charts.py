"""`livegen charts`, run as a user runs it."""

from pathlib import Path

from livegen.charts.ireal import link_of
from livegen.charts.text import read_chart
from livegen.events import NoteOff, NoteOn
from livegen.midi import midifile
from tests.support.command_line import livegen


def test_charts_are_listed_and_shown() -> None:
    assert "waltz: Waltz, 40 bars in G, 150 bpm, A A B" in livegen("charts").stdout
    chart = read_chart(livegen("charts", "rhythm", "--transpose", "2").stdout)
    assert chart.key.name == "C" and chart.length == 128.0


def test_a_link_of_ireal_pros_becomes_text() -> None:
    assert "| C7 | F7 |" in livegen("charts", link_of("Tune", "Swing", "F", "T44[C7   |F7   Z")).stdout


def test_a_chart_that_is_not_there_is_said() -> None:
    done = livegen("charts", "nosuch", code=2)
    assert "There is no chart 'nosuch'" in done.stderr


def test_a_file_is_answered_over_a_chart(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("| Ebm |")
    midifile.write(tmp_path / "in.mid", {"performer": [NoteOn(0.0, 60, 90), NoteOff(0.4, 60)]})
    flags = ("--chart", tmp_path / "one.txt", "--chord", "auto", "--model", "untrained", "--seed", 1)
    livegen("render", tmp_path / "in.mid", tmp_path / "out.mid", "--mode", "autonomous", "--tail", 4, *flags)
    played = [event for event in midifile.read(tmp_path / "out.mid").events if isinstance(event, NoteOn)]
    assert len(played) > 5 and {on.pitch % 12 for on in played if on.at > 0.5} <= {3, 6, 10}
