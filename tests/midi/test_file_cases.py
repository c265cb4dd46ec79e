"""MIDI files as people have them: one small file for each kind of oddity, and others of the same kinds."""

import struct
from pathlib import Path

import pytest

from livegen.errors import FileError
from livegen.events import ControlChange, Note, NoteOff, NoteOn
from livegen.midi.midifile import Score, read
from tests.support.places import DATA

CASES = DATA / "cases" / "midi"
MELODY = [60, 64, 67, 65, 64, 62, 60, 55]


def case(name: str) -> Score:
    return read(CASES / name)


def notes(score: Score) -> list[tuple[float, float, int]]:
    return [(note.onset, note.duration, note.pitch) for note in score.beats]


def melody(gap: float = 0.5, length: float = 0.5) -> list[tuple[float, float, int]]:
    return [(gap * index, length, pitch) for index, pitch in enumerate(MELODY)]


@pytest.mark.parametrize(
    ("name", "passed_over"),
    [
        ("key-of-nine-sharps.mid", ("a key signature that makes no sense",)),
        ("tempo-of-one-byte.mid", ("a tempo that makes no sense",)),
        ("vendor-chunk.mid", ("a chunk that is not MIDI (ACME)",)),
        ("header-says-three-tracks.mid", ("a track that the header counts and that is not there",)),
        ("header-says-one-track.mid", ()),
        ("length-two-bytes-too-long.mid", ()),
        ("texts-first.rmi", ()),
        ("sound-bank-behind.rmi", ()),
        ("chinese-words.mid", ()),
        ("seventy-tracks.mid", ()),
        ("song.kar", ()),
    ],
)
def test_the_melody_is_read_and_what_is_passed_over_is_named(name: str, passed_over: tuple[str, ...]) -> None:
    score = case(name)
    assert notes(score) == melody()
    assert score.passed_over == passed_over


def test_a_release_belongs_to_the_stroke_before() -> None:
    score = case("restrike.mid")
    assert notes(score) == [(index * 0.5, 0.5, 60) for index in range(8)]
    kinds = [type(event) for event in score.events]
    assert kinds == [NoteOn, NoteOff] * 8  # as if each had been released before the next was struck


def test_in_a_unison_the_longer_note_counts() -> None:
    score = case("unison-long-and-short.mid")
    assert notes(score) == melody(gap=2.0, length=2.0)


def test_layers_are_on_two_channels() -> None:
    score = case("layered-on-channels-1-and-2.mid")
    assert [(note.pitch, note.channel) for note in score.beats[:4]] == [(60, 1), (60, 2), (64, 1), (64, 2)]


def test_a_file_with_a_channel_for_each_note_is_read_whole() -> None:
    score = case("mpe-channels-2-to-16.mid")
    assert len(score.beats) == 30 and {note.channel for note in score.beats} == {*range(2, 17)}


def test_running_status_goes_on_after_system_exclusive() -> None:
    assert notes(case("running-status-after-sysex.mid")) == [(0.0, 0.5, 60), (0.5, 0.5, 64)]
    assert case("running-status-after-sysex.mid").passed_over == ()


def test_film_frames_are_seconds() -> None:
    score = case("film-frames.mid")
    ons = [event.at for event in score.events if isinstance(event, NoteOn)]
    assert ons == pytest.approx([index * 20 / 1000 for index in range(8)])  # 25 frames of 40 ticks a second
    assert [note.pitch for note in score.beats] == MELODY and score.metre is None
    assert score.beats[1].onset == pytest.approx(0.04)  # half seconds


@pytest.mark.parametrize(("frames", "rate"), [(24, 24.0), (25, 25.0), (29, 30 / 1.001), (30, 30.0)])
@pytest.mark.parametrize("ticks", [1, 3, 4, 80, 255])
def test_every_rate_of_film_frames(frames: int, rate: float, ticks: int, tmp_path: Path) -> None:
    path = tmp_path / "film.mid"
    body = b"\0\xff\x51\3\x01\x00\x00" + b"\0\x90\x3c\x40" + b"\x78\x80\x3c\x00"
    path.write_bytes(_file(body, division=(256 - frames) << 8 | ticks))
    score = read(path)
    assert score.events[1].at == pytest.approx(120 / (rate * ticks))  # no tempo counts
    tempo_map = score.conductor.tempo_map
    assert tempo_map.seconds(score.tracks[0].rows[-1][0]) == pytest.approx(score.events[1].at)


def test_time_signatures_after_the_first_are_there() -> None:
    assert case("pickup-as-one-quarter.mid").metres == ((0.0, "1/4"), (1.0, "4/4"))


@pytest.mark.parametrize(("control", "ends"), [(120, 1), (121, 2), (123, 1), (124, 1), (125, 1), (126, 1), (127, 1)])
def test_mode_messages_end_what_is_held(control: int, ends: int, tmp_path: Path) -> None:
    path = tmp_path / "mode.mid"
    body = b"\0\x90\x3c\x50\0\x91\x3c\x50\x83\x60\xb0" + bytes((control, 0)) + b"\x83\x60\x80\x3c\0\0\x81\x3c\0"
    path.write_bytes(_file(body))
    assert read(path).beats == [Note(0.0, float(ends), 60, 80, 1), Note(0.0, 2.0, 60, 80, 2)]


def test_omni_off_ends_a_held_key() -> None:
    assert notes(case("held-key-then-omni-off.mid")) == [(0.0, 1.0, 60)]


@pytest.mark.parametrize("name", ["pedal-then-all-notes-off.mid", "pedal-then-reset-controllers.mid"])
def test_the_pedal_and_the_mode_message_are_heard_in_order(name: str) -> None:
    controls = [(event.control, event.value) for event in case(name).events if isinstance(event, ControlChange)]
    assert controls[0] == (64, 127) and controls[1][0] in (121, 123)
    assert notes(case(name))[0] == (0.05, 0.5, 60)


# Others of the same kinds.


def _track(body: bytes, end: bytes = b"\0\xff\x2f\0", more: int = 0) -> bytes:
    return b"MTrk" + struct.pack(">L", len(body + end) + more) + body + end


def _file(*bodies: bytes, division: int = 480, declared: int | None = None, kind: int = 1) -> bytes:
    head = b"MThd" + struct.pack(">LHHH", 6, kind, len(bodies) if declared is None else declared, division)
    return head + b"".join(_track(body) for body in bodies)


def _head(count: int, length: int = 6) -> bytes:
    return b"MThd" + struct.pack(">LHHH", length, 1, count, 480) + bytes(length - 6)


ONE = b"\0\x90\x3c\x50\x83\x60\x80\x3c\0"
TWO = b"\0\x91\x40\x50\x83\x60\x81\x40\0"
BOTH = [(0.0, 1.0, 60), (0.0, 1.0, 64)]


@pytest.mark.parametrize(
    "data",
    [
        _head(2) + _track(ONE, more=2) + _track(TWO),  # a wrong length in the middle
        _head(2) + _track(ONE, more=1000) + _track(TWO, more=1),
        _head(2) + _track(ONE, more=-4) + _track(TWO, more=-7),  # too short: by the end mark, by half a note
        _head(2) + _track(ONE, more=-12) + _track(TWO, more=-1),
        _head(2) + b"MTrk\0\0\0\0" + ONE + b"\0\xff\x2f\0" + b"MTrk\xff\xff\xff\xff" + TWO + b"\0\xff\x2f\0",
        _head(2, length=10) + _track(ONE) + _track(TWO),  # a longer header
        b"MThd" + struct.pack(">LHHH", 0, 1, 2, 480) + _track(ONE) + _track(TWO),  # which does not say its length
        b"MThd" + struct.pack(">LHHH", 99, 1, 2, 480) + _track(ONE) + _track(TWO),
        _head(0) + _track(ONE) + _track(TWO),
        _head(65_535) + _track(ONE) + _track(TWO),
        _head(2) + b"XFIH\0\0\0\3abc" + _track(ONE) + b"CASM\xff\xff\xff\xffxx" + _track(TWO) + b"OTSc\0\0\0\1a",
        _head(2) + _track(ONE) + _track(TWO) + bytes(100),  # filled up to a block
        _head(2) + _track(ONE, end=b"") + _track(TWO, end=b"") + b"\x1a",
        bytes(128) + _head(2) + _track(ONE) + _track(TWO),  # a wrapper
        _head(2) + _track(ONE + b"\0\xff\x2f\0" + b"\0\xff\x01\1a") + _track(TWO),
        _head(2) + _track(b"\0\xf0\x05\x7e\x7f\x09\x01\xf7" + ONE) + _track(b"\0\xf7\2\xf3\1" + TWO),
        _head(2) + _track(b"\0\xf8\0\xfe\0\xf1\1\0\xf2\1\2\0\xf4" + ONE) + _track(TWO),  # live messages
        _head(2) + _track(b"\x80\x80\x80\x80\0\x90\x3c\x50\x83\x60\x80\x3c\0") + _track(TWO),
        _head(2) + _track(b"\0\x90\x3c\x50\x83\x60\x3c\0\0\xff\x01\3\x90\x3c\x50") + _track(TWO),
        _head(2) + _track(ONE, end=b"\0\x3c\x50\0\xff\x51\xff\xff\xff\xff\x7f") + _track(TWO),  # lost after the note
    ],
)
def test_wrong_counts_and_lengths_and_foreign_chunks(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "odd.mid"
    path.write_bytes(data)
    assert notes(read(path)) == BOTH


@pytest.mark.parametrize(
    "event",
    [
        b"\xff\x59\2\x08\0",
        b"\xff\x59\2\xf8\0",
        b"\xff\x59\2\0\x02",
        b"\xff\x59\0",
        b"\xff\x59\1\3",
        b"\xff\x51\0",
        b"\xff\x51\2\7\xa1",
        b"\xff\x51\3\0\0\0",
        b"\xff\x58\1\4",
        b"\xff\x58\4\0\2\x18\x08",
        b"\xff\x58\4\4\x40\x18\x08",
        b"\xff\x54\2\1\1",
    ],
)
def test_an_event_that_makes_no_sense_is_passed_over(event: bytes, tmp_path: Path) -> None:
    path = tmp_path / "odd.mid"
    path.write_bytes(_file(b"\x83\x60" + event + ONE + b"\0" + event))
    score = read(path)
    assert notes(score) == [(1.0, 1.0, 60)]
    assert score.passed_over[0].endswith("that makes no sense (2 times)")


@pytest.mark.parametrize("name", ["utf-8", "utf-16", "latin-1", "shift_jis", "gbk"])
@pytest.mark.parametrize("kind", [*range(1, 16), 0x7F])
def test_texts_in_any_encoding_of_any_length(name: str, kind: int, tmp_path: Path) -> None:
    text = {"latin-1": "Flöte für Zoë"}.get(name, "フルートの曲" if name == "shift_jis" else "长笛的歌曲")
    data = text.encode(name)
    path = tmp_path / "words.mid"
    long = data * 300
    size = bytes((0x80 | len(long) >> 14, 0x80 | len(long) >> 7 & 0x7F, len(long) & 0x7F))
    named = b"\0\xff\x03" + bytes((len(data),)) + data
    path.write_bytes(_file(named + b"\0\xff" + bytes((kind,)) + size + long + ONE))
    score = read(path)
    assert notes(score) == [(0.0, 1.0, 60)]
    assert score.tracks[0].name == text


def riff(*chunks: tuple[bytes, bytes], size: int | None = None) -> bytes:
    body = b"RMID" + b"".join(
        kind + struct.pack("<L", len(data)) + data + b"\0" * (len(data) % 2) for kind, data in chunks
    )
    return b"RIFF" + struct.pack("<L", len(body) if size is None else size) + body


@pytest.mark.parametrize(
    "data",
    [
        riff((b"data", _file(ONE, TWO))),
        riff((b"LIST", b"INFO" + b"INAM\4\0\0\0abcd" * 50), (b"data", _file(ONE, TWO)), (b"LIST", b"INFO")),
        riff((b"DISP", bytes(5_000_001)), (b"data", _file(ONE, TWO)), (b"RIFF", b"DLS " + bytes(5_000_000))),
        riff((b"data", _file(ONE, TWO)), size=0),
        riff((b"data", _file(ONE, TWO))).replace(b"data" + struct.pack("<L", len(_file(ONE, TWO))), b"data\0\0\0\0"),
        riff((b"LIST", b"INFOx"), (b"data", _file(ONE, TWO))),  # an odd length
    ],
)
def test_riff_files(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "song.rmi"
    path.write_bytes(data)
    assert notes(read(path)) == BOTH


@pytest.mark.parametrize("kind", [3, 7, 256, 65_535])
def test_a_type_that_there_is_not_is_read_as_type_1_and_named(kind: int, tmp_path: Path) -> None:
    path = tmp_path / "odd.mid"
    path.write_bytes(_file(ONE, TWO, kind=kind))
    assert notes(read(path)) == BOTH
    assert read(path).passed_over == (f"the type of the file, which there is not ({kind})",)


def test_hundreds_of_tracks_with_and_without_notes(tmp_path: Path) -> None:
    path = tmp_path / "many.mid"
    path.write_bytes(_file(*[b"\0\xff\x03\1a"] * 400, *[ONE] * 100))
    assert len(read(path).tracks) == 500 - 1  # the first is the conductor's


def test_a_track_that_is_damaged_costs_itself_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "half.mid"
    path.write_bytes(_head(2) + _track(b"\0\x3c\x50" + ONE) + _track(TWO))
    score = read(path)
    assert notes(score) == [(0.0, 1.0, 64)]
    assert score.passed_over == ("the rest of track 1, which is damaged",)
    path.write_bytes(_head(1) + _track(b"\0\x3c\x50" + ONE))
    with pytest.raises(FileError, match="damaged"):
        read(path)


@pytest.mark.parametrize("note_off", [b"\x80\x3c\0", b"\x90\x3c\0"])
@pytest.mark.parametrize("overlap", [0, 1, 60, 120])
def test_strokes_that_overlap_keep_their_own_ends(note_off: bytes, overlap: int, tmp_path: Path) -> None:
    """Three strokes a quarter apart, each released ``overlap`` ticks after the next was struck."""
    rest = bytes((0x80 | 480 - overlap >> 7, 480 - overlap & 0x7F)) if overlap else b"\x83\x60"
    body = b"\0\x90\x3c\x50\x83\x60\x90\x3c\x50" + bytes((overlap,)) + note_off
    body += rest + b"\x90\x3c\x50" + bytes((overlap,)) + note_off + rest + bytes(note_off)
    path = tmp_path / "strokes.mid"
    path.write_bytes(_file(body))
    assert notes(read(path)) == [(0.0, 1.0, 60), (1.0, 1.0, 60), (2.0, 1.0, 60)]


def test_two_tracks_in_unison_on_one_channel(tmp_path: Path) -> None:
    short, long = b"\0\x90\x3c\x40\x78\x80\x3c\0", b"\0\x90\x3c\x50\x87\x40\x80\x3c\0"
    path = tmp_path / "unison.mid"
    for bodies in ((short, long), (long, short), (short, long, short)):
        path.write_bytes(_file(*bodies))
        assert [(note.onset, note.duration) for note in read(path).beats] == [(0.0, 2.0)]
