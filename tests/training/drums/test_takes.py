"""Tests of the reader of drum takes."""

from dataclasses import replace
from pathlib import Path

import mido  # type: ignore[import-untyped]
import numpy as np
import pytest

from livegen.errors import FileError
from livegen.events import NoteOff, NoteOn
from livegen.midi import midifile
from livegen.music.drums import STYLES
from livegen.predictors.drum_encoding import GROOVE
from livegen.training.drums import takes
from tests.support.drum_takes import folder, take


def test_takes_are_read_as_they_were_played_with_what_the_table_tells(tmp_path: Path) -> None:
    found = takes.read(folder(tmp_path))
    assert [each.part for each in found.takes] == ["validation", "train", "train"] * 2
    first, meant = found.takes[1], take(4, 1)
    assert (first.bar, first.fill, first.style) == (16, GROOVE, 1 + STYLES.index("rock"))
    assert first.tempo == pytest.approx(100.0, abs=0.01)
    np.testing.assert_array_equal(first.velocity, meant.velocity[: len(first.velocity)])
    np.testing.assert_array_equal(first.deviation[1:], meant.deviation[1 : len(first.deviation)])


def test_what_holds_no_drums_is_named(tmp_path: Path) -> None:
    folder(tmp_path)
    midifile.write(tmp_path / "melody.mid", {"": [NoteOn(0.0, 60, 90), NoteOff(1.0, 60)]})
    assert takes.read(tmp_path).left_out == ["melody.mid has no drums on channel 10; choose another file."]
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(FileError, match="no MIDI file with drums"):
        takes.read(empty)
    with pytest.raises(FileError, match="There is no folder"):
        takes.read(tmp_path / "nowhere")


def test_any_folder_of_drum_files_is_read(tmp_path: Path) -> None:
    """Nested, of other metres, without a tempo, with files that are broken and a table of somebody else's."""
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    bars = {
        "plain.mid": (None, 16),
        "a/waltz.MID": ((3, 4), 12),
        "a/b/seven.midi": ((7, 8), 14),
        "a/b/long.mid": ((31, 4), 124),
    }
    for name, (metre, _) in bars.items():
        track = mido.MidiTrack(
            [mido.MetaMessage("time_signature", numerator=metre[0], denominator=metre[1])] if metre else []
        )
        for pitch in (36, 42, 38, 42):
            track += [mido.Message(kind, channel=9, note=pitch, time=120) for kind in ("note_on", "note_off")]
        mido.MidiFile(type=0, tracks=[track]).save(tmp_path / name)
    (tmp_path / "broken.mid").write_bytes((tmp_path / "plain.mid").read_bytes()[:30])
    (deep / "info.csv").write_text("who,what\nme,drums\n")
    found = takes.read(tmp_path)
    assert {each.name: each.bar for each in found.takes} == {Path(name).stem: bar for name, (_, bar) in bars.items()}
    assert {each.tempo for each in found.takes} == {120.0}
    assert [each.hits for each in found.takes] == [4] * 4
    assert len(found.left_out) == 2 and "info.csv is not a table" in found.left_out[0]


def test_of_a_flam_the_louder_stroke_counts(tmp_path: Path) -> None:
    hits = [(0.48, 40), (0.5, 100)]
    events = [event for at, loud in hits for event in (NoteOn(at, 38, loud, 10), NoteOff(at + 0.01, 38, 10))]
    midifile.write(tmp_path / "flam.mid", {"": sorted(events, key=lambda event: event.at)}, 120.0)
    found = takes.take_of(tmp_path / "flam.mid", {})
    assert found.hits == 1
    assert found.velocity[4, 1] == 1 + 100 // 8


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    made = [take(2, 0), replace(take(3, 1), bar=12)]
    takes.save(tmp_path / "kept.npz", made)
    for one, other in zip(made, takes.load(tmp_path / "kept.npz"), strict=True):
        np.testing.assert_array_equal(one.velocity, other.velocity)
        np.testing.assert_array_equal(one.deviation, other.deviation)
        assert (one.bar, one.tempo, one.style, one.fill) == (other.bar, other.tempo, other.style, other.fill)
    with pytest.raises(FileError, match="livegen train drums"):
        takes.load(tmp_path / "nothing.npz")
