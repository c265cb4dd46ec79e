"""Each file gets the right reader; what is passed over is named with its reason, wherever music is read."""

import struct
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from livegen.cli.main import main
from livegen.errors import FileError
from livegen.events import NoteOn
from livegen.files import midi_tune, music_file
from livegen.files.passed_over import PassedOver
from livegen.midi import midifile
from livegen.training.corpus import corpus
from tests.support.places import DATA

CASES = DATA / "cases"
MIDI = (CASES / "midi" / "song.kar").read_bytes()
ABC = (CASES / "abc" / "no-number.abc").read_text()
XML = (CASES / "musicxml" / "called.xml").read_text()


@pytest.mark.parametrize("ending", [".mid", ".MID", ".midi", ".kar", ".KAR", ".rmi", ".smf", ".Smf"])
def test_every_ending_of_a_midi_file(ending: str, tmp_path: Path) -> None:
    (tmp_path / f"song{ending}").write_bytes(MIDI)
    assert [len(tune.notes) for tune in corpus.read(tmp_path).tunes] == [8]


@pytest.mark.parametrize("ending", [".abc", ".ABC", ".xml", ".XML", ".musicxml", ".MusicXML"])
def test_every_ending_of_written_music(ending: str, tmp_path: Path) -> None:
    (tmp_path / f"song{ending}").write_text(ABC if "abc" in ending.lower() else XML)
    assert len(corpus.read(tmp_path).tunes) == 1


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("song.abc", MIDI, "MIDI"),
        ("song", MIDI, "MIDI"),
        ("song.xml", MIDI, "MIDI"),
        ("song.mid", ABC.encode(), "MIDI"),
        ("song.mid", XML.encode(), "MusicXML"),
        ("tunes.txt", b"X:1\nT:a\nK:C\nC|\n", "ABC"),
        ("words.txt", b"X: a letter. K: another.", None),
        ("song.xml", XML.encode("utf-16"), "MusicXML"),
        ("song.abc", ABC.encode("utf-16"), "ABC"),
        ("other.xml", b"<html/>", "MusicXML"),  # which says that it is none
        ("picture.png", b"\x89PNG", None),
    ],
)
def test_the_content_decides_before_the_ending(name: str, data: bytes, kind: str | None, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    assert music_file.kind_of(tmp_path / name) == kind


def test_a_mixed_folder_is_read_and_the_rest_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("a.kar", "b.RMI", "c"):
        (tmp_path / name).write_bytes(MIDI)
    (tmp_path / "d.ABC").write_text(ABC)
    (tmp_path / "e.xml").write_text(XML)
    for name in ("score.mscz", "tab.gp5", "take.mp3"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "other.xml").write_text("<html/>")
    (tmp_path / "big.abc").write_bytes(b"X:1\nK:C\n" + b"C" * (1 << 20))
    (tmp_path / "prose.abc").write_text("A good bad dance.")
    (tmp_path / "drums.mid").write_bytes(_drums())
    (tmp_path / "readme.md").write_text("not music, and no reason to say so")
    (tmp_path / "._a.kar").write_bytes(b"what macOS adds")
    (tmp_path / "odd.mid").write_bytes((CASES / "midi" / "vendor-chunk.mid").read_bytes())
    found = corpus.read(tmp_path)
    assert [tune.name for tune in found.tunes] == ["a", "b", "c", "d:1", "e", "odd"]
    assert found.left_out == (
        "7 files or tunes were left out: big.abc: is larger than 1 MiB; "
        "drums.mid: has no notes but drums (channel 10); other.xml: is not a MusicXML score; "
        "prose.abc: holds no tunes; score.mscz, tab.gp5, take.mp3: is not MIDI, MusicXML or ABC. "
        "Within files that were read, parts were passed over: odd.mid: a chunk that is not MIDI (ACME)."
    )
    assert caplog.messages == [found.left_out]


def _drums() -> bytes:
    body = b"\0\x99\x24\x50\x83\x60\x89\x24\0\0\xff\x2f\0"
    return b"MThd" + struct.pack(">LHHH", 6, 0, 1, 480) + b"MTrk" + struct.pack(">L", len(body)) + body


def test_many_reasons_and_many_files_are_summarised() -> None:
    found = PassedOver()
    for number in range(1000):
        found.add(f"{number}.mid", "is not a MIDI file")
        found.add("book.abc", "it has no notes")
    for number in range(20):
        found.add("x.mid", f"reason {number}")
    assert len(found) == 2020 and len(str(found)) < 300
    assert str(found).startswith("0.mid, 1.mid, 2.mid, 3.mid, 4.mid and 995 other files: is not a MIDI file; ")
    assert "book.abc: it has no notes (1,000)" in str(found) and str(found).endswith("; and 17 more reasons")


def test_a_channel_for_each_note_is_one_instrument() -> None:
    path = CASES / "midi" / "mpe-channels-2-to-16.mid"
    assert len(midi_tune.read(path).notes) == 30


def test_a_band_is_none(tmp_path: Path) -> None:
    """Five instruments and drums, one note at a time each, in turn: their programs tell them apart."""
    tracks = []
    for channel in (0, 1, 2, 3, 4, 9):
        program = bytes((0, 0xC0 | channel, channel))
        notes = b"".join(
            bytes((120, 0x90 | channel, 60 + channel, 80, 120, 0x80 | channel, 60 + channel, 0)) for _ in range(8)
        )
        body = smf_number(channel * 20) + program[1:] + notes + b"\0\xff\x2f\0"
        tracks.append(b"MTrk" + struct.pack(">L", len(body)) + body)
    (tmp_path / "band.mid").write_bytes(b"MThd" + struct.pack(">LHHH", 6, 1, len(tracks), 480) + b"".join(tracks))
    assert len(midi_tune.read(tmp_path / "band.mid").notes) == 40


def smf_number(value: int) -> bytes:
    return bytes((0x80 | value >> 7, value & 0x7F)) if value > 127 else bytes((value,))


def test_the_bars_are_those_of_the_file() -> None:
    tune = midi_tune.read(CASES / "midi" / "pickup-as-one-quarter.mid")
    assert [(bar.at, bar.metre) for bar in tune.bars] == [(0.0, "1/4"), (1.0, "4/4"), (5.0, "4/4")]


def test_unisons_and_layers_are_one_note_in_a_tune() -> None:
    for name, length in (("unison-long-and-short.mid", 2.0), ("layered-on-channels-1-and-2.mid", 230 / 480)):
        tune = midi_tune.read(CASES / "midi" / name)
        assert len(tune.notes) == 8 and [note.duration for note in tune.notes] == pytest.approx([length] * 8)


def test_written_music_is_a_performance_with_its_bars(tmp_path: Path) -> None:
    path = tmp_path / "jig.abc"
    path.write_text(
        "X:1\nT:Jig\nM:6/8\nL:1/8\nK:G\nD|G2A BAG|\nM:2/4\nA2B2|]\n\nX:2\nT:b\nK:C\nC|\n\nX:3\nT:c\nK:C\nz|\n"
    )
    score = music_file.read_score(path)
    assert score.metres == ((0.0, "6/8"), (6.0, "2/4"))
    assert [event.at for event in score.events if isinstance(event, NoteOn)] == [
        beat / 2 for beat in (2.5, 3.0, 4.0, 4.5, 5.0, 5.5, 6.0, 7.0)
    ]
    assert score.passed_over == ("1 more tune: the first is played", "a tune, because it has no notes")
    midifile.write(tmp_path / "jig.mid", {}, score.conductor, tracks=score.tracks)
    again = midifile.read(tmp_path / "jig.mid")
    assert again.metres == score.metres and again.events == score.events and again.tracks[0].name == "jig:1"


def test_what_is_no_music_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    with pytest.raises(FileError, match=r"^picture\.png is not a MIDI, MusicXML or ABC file; "):
        music_file.read_score(tmp_path / "picture.png")
    with pytest.raises(FileError, match="cannot be read"):
        music_file.read_score(tmp_path / "nowhere.mid")
    (tmp_path / "rests.abc").write_text("X:1\nK:C\nz|\n")
    with pytest.raises(FileError, match="holds no tune that can be read"):
        music_file.read_score(tmp_path / "rests.abc")


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("midi/vendor-chunk.mid", "Passed over in vendor-chunk.mid: a chunk that is not MIDI (ACME)."),
        ("midi/song.kar", ""),
        ("abc/cr-alone.abc", "Passed over in cr-alone.abc: 1 more tune: the first is played."),
        ("musicxml/called.xml", ""),
    ],
)
def test_render_reads_every_kind_and_says_what_it_passed_over(case: str, said: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["render", str(CASES / case), str(tmp_path / "out.mid"), "--seed", "1"])
    assert done.exit_code == 0, done.output
    assert ("Passed over" in done.output) == bool(said) and said in " ".join(done.output.split())
    assert len(midifile.read(tmp_path / "out.mid").events) > 7


def test_a_folder_packed_by_macos_is_named_and_its_shadows_are_not(tmp_path: Path) -> None:
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "._a.mid").write_bytes(b"x")
    (tmp_path / "a.mid").write_bytes(MIDI)
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("b.mid", MIDI)
    assert corpus.read(tmp_path).left_out == "1 file or tune was left out: more.zip: is not MIDI, MusicXML or ABC."
