"""How a pianist plays a line: late by the local tempo, and the lines of a performance."""

from pathlib import Path

import numpy as np
import pytest

from livegen.training.touch.lines import deviations, examples, melody, tops
from livegen.training.touch.match_files import read
from tests.support import match_files


def test_a_late_note_is_found_whatever_the_tempo_does() -> None:
    onsets = np.linspace(0.0, 19.5, 40)
    times = onsets * 0.5 + 0.002 * onsets**2  # slower and slower
    late, quarter = deviations(onsets, times, 1.0)
    assert np.abs(late[4:-4]).max() < 0.003
    assert quarter[20] == pytest.approx(0.5 + 0.004 * onsets[20], rel=0.05)
    times[20] += 0.04
    late, _ = deviations(onsets, times, 1.0)
    assert int(np.argmax(late)) == 20 and 0.02 < late[20] < 0.04


def test_the_melody_is_a_voice_and_the_tops_are_of_all(tmp_path: Path) -> None:
    lines = [
        match_files.HEAD.format(metre="4/4"),
        match_files.note("n1", 0.0, 1.0, "v1,staff1", (64, 960, 1900, 50)),
        match_files.note("n2", 0.0, 1.0, "v5,staff2", (40, 960, 1900, 30)),
        match_files.note("n3", 0.5, 0.5, "v5,staff2", (47, 1440, 1900, 30)),
        match_files.note("n4", 1.0, 1.0, "v1,staff1", (65, 1920, 2400, 60)),
        match_files.note("n5", 2.0, 1.0, "v1,staff1", (67, 2880, 3000, 60)),
    ]
    path = tmp_path / "piece_p01.match"
    path.write_text("\n".join(lines), "utf-8")
    sung, struck = melody(read(path)), tops(read(path))
    assert [place.pitch for place in sung.places] == [64, 65, 67]
    assert [place.pitch for place in struck.places] == [64, 47, 65, 67]
    assert sung.share[0] == pytest.approx(940 / 960) and struck.share[0] == pytest.approx(940 / 480)


def test_of_each_inner_note_all_is_asked(tmp_path: Path) -> None:
    line = melody(read(match_files.write(tmp_path, "piece", 1)))
    found = examples([line, line])
    assert {name: len(values) for name, values in found.values.items()} == {
        name: 2 * (len(line.places) - 2) for name in ("velocity", "late", "share")
    }
    # The loudness of the note before is the first feature.
    assert found.features["velocity"][1, 0] == pytest.approx(found.values["velocity"][0])
