"""MIDI messages, MIDI files: round trips, damage, limits."""

import errno
import io
import random
import struct
import time
from pathlib import Path

import mido  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livegen.errors import FileError
from livegen.events import (
    BEND,
    KEY_PRESSURE,
    PRESSURE,
    ControlChange,
    Event,
    Gesture,
    Heard,
    Note,
    NoteOff,
    NoteOn,
    ProgramChange,
    Received,
    TurnChange,
)
from livegen.midi.messages import decode, encode
from livegen.midi.midifile import read, write

BYTE = st.integers(0, 127)
CHANNEL = st.integers(1, 16)


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ((0x90, 60, 100), NoteOn(2.5, 60, 100, 1)),
        ((0x9F, 127, 1), NoteOn(2.5, 127, 1, 16)),
        ((0x93, 60, 0), NoteOff(2.5, 60, 4)),
        ((0x83, 60, 64), NoteOff(2.5, 60, 4)),
        ((0xB0, 64, 127), ControlChange(2.5, 64, 127, 1)),
        ((0xE0, 0, 64), Gesture(2.5, BEND, (0, 64), 1)),
        ((0xD3, 9), Gesture(2.5, PRESSURE, (9,), 4)),
        ((0xA1, 60, 9), Gesture(2.5, KEY_PRESSURE, (60, 9), 2)),
        ((0xD3, 200), None),
        ((0xE0, 0, 200), None),
        ((0xC3, 5), ProgramChange(2.5, 6, 4)),
        ((0xC0, 200), None),
        ((0xF8,), None),
        ((), None),
        ((0x90, 60), None),
        ((0x90, 60, 100, 3), None),
        ((0x90, 200, 100), None),
        ((0x90, 60, 200), None),
        ((60, 60, 60), None),
        ((0xF0, 1, 2), None),
    ],
)
def test_decode(message: tuple[int, ...], event: Received | None) -> None:
    assert decode(message, 2.5) == event


@given(st.lists(st.integers(0, 255), max_size=6))
def test_decode_takes_any_bytes(message: list[int]) -> None:
    event = decode(message, 0.0)
    if event is not None:
        assert 1 <= event.channel <= 16
        assert list(encode(event))[:2] == [0x80 | message[0] & 0x0F, message[1]] or list(encode(event)) == message


@given(CHANNEL, BYTE, st.integers(1, 127))
def test_encode_is_undone_by_decode(channel: int, pitch: int, velocity: int) -> None:
    event: Received
    for event in (
        ProgramChange(1.0, pitch + 1, channel),
        NoteOn(1.0, pitch, velocity, channel),
        NoteOff(1.0, pitch, channel),
        ControlChange(1.0, pitch, velocity, channel),
        Gesture(1.0, BEND, (pitch, velocity), channel),
        Gesture(1.0, PRESSURE, (pitch,), channel),
        Gesture(1.0, KEY_PRESSURE, (pitch, velocity), channel),
    ):
        assert decode(encode(event), 1.0) == event


def test_decode_and_encode_cost_microseconds() -> None:
    """A table lookup, not a parser: far from the 10 µs that mido's message class takes."""
    best = min(_seconds_for_thousand() for _ in range(20))
    assert best < 1000 * 5e-6


def _seconds_for_thousand() -> float:
    begin = time.perf_counter()
    for _ in range(1000):
        event = decode((0x90, 60, 100), 0.0)
        assert event is not None
        encode(event)
    return time.perf_counter() - begin


@st.composite
def parts(draw: st.DrawFn) -> dict[str, list[Heard]]:
    """Up to three tracks of well-formed notes (a key is never struck twice) and controls, in time order."""
    made: dict[str, list[Heard]] = {}
    for index in range(draw(st.integers(1, 3))):
        events: list[Heard] = []
        for key in draw(st.lists(st.tuples(BYTE, CHANNEL), unique=True, max_size=8)):
            times = sorted(draw(st.lists(st.integers(0, 20_000), min_size=2, max_size=6, unique=True)))
            for on, off in zip(times[::2], times[1::2], strict=False):
                events.append(NoteOn(on * 1e-2, key[0], draw(st.integers(1, 127)), key[1]))
                events.append(NoteOff(off * 1e-2, *key))
        for control, value, at in draw(st.lists(st.tuples(BYTE, BYTE, st.integers(0, 20_000)), max_size=5)):
            events.append(ControlChange(at * 1e-2, control, value, 1 + index))
        made[f"part {index}"] = sorted(events, key=lambda event: event.at)
    return made


def _ticks(events: list[Heard], tempo: float) -> list[tuple[int, bytes]]:
    return sorted((round(event.at * tempo / 60 * 960), encode(event)) for event in events)


@settings(max_examples=150, deadline=None)
@given(parts(), st.floats(30, 300))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, made: dict[str, list[Heard]], tempo: float
) -> None:
    path = tmp_path_factory.mktemp("round") / "take.mid"
    write(path, made, tempo)
    score = read(path)
    assert [event.at for event in score.events] == sorted(event.at for event in score.events)
    wanted = _ticks([event for part in made.values() for event in part], tempo)
    found = _ticks(score.events, tempo)
    assert [message for _, message in sorted(found, key=lambda row: row[1])] == [
        message for _, message in sorted(wanted, key=lambda row: row[1])
    ]
    for message in {message for _, message in wanted}:
        pairs = zip(
            [tick for tick, other in wanted if other == message],
            [tick for tick, other in found if other == message],
            strict=True,
        )
        assert all(abs(one - two) <= 1 + one * 1e-5 for one, two in pairs)  # a tempo is whole microseconds
    assert not list(path.parent.glob("*.part"))


@settings(max_examples=50, deadline=None)
@given(parts())
def test_mido_plays_the_same(tmp_path_factory: pytest.TempPathFactory, made: dict[str, list[Heard]]) -> None:
    path = tmp_path_factory.mktemp("mido") / "take.mid"
    write(path, made)
    file = mido.MidiFile(path)
    assert file.type == 1 and file.ticks_per_beat == 960
    assert [track.name for track in file.tracks[1:]] == list(made)
    clock, theirs = 0.0, []
    for message in file:
        clock += message.time
        if not message.is_meta:
            theirs.append((round(clock * 1920), bytes(message.bytes())))
    assert _ticks(read(path).events, 120.0) == sorted((tick, _velocity_free(data)) for tick, data in theirs)


def test_the_bytes_of_a_file(tmp_path: Path) -> None:
    """Written out by hand from the standard, since mido reads what mido writes."""
    path = tmp_path / "take.mid"
    write(path, {"né": [NoteOn(0.5, 60, 90, 2), NoteOff(1.0, 60, 2), ControlChange(1.0, 64, 127, 2)]})
    voice_commands = _track(b"\0\xff\x51\3\x07\xa1\x20" + b"\0\xff\x2f\0")
    part = b"\0\xff\3\3n\xc3\xa9" + b"\x87\x40\x91\x3c\x5a" + b"\x87\x40\x81\x3c\0" + b"\0\xb1\x40\x7f"
    assert path.read_bytes() == (b"MThd\0\0\0\6\0\1\0\2\x03\xc0" + voice_commands + _track(part + b"\0\xff\x2f\0"))


def _velocity_free(data: bytes) -> bytes:
    return data[:2] + b"\0" if data[0] < 0x90 else data


def _file(*tracks: list[mido.Message | mido.MetaMessage], kind: int = 1, ticks: int = 480) -> bytes:
    file = mido.MidiFile(type=kind, ticks_per_beat=ticks)
    for track in tracks:
        file.tracks.append(mido.MidiTrack(track))
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def _on(pitch: int, ticks: int = 0, velocity: int = 80) -> mido.Message:
    return mido.Message("note_on", note=pitch, velocity=velocity, time=ticks)


def _off(pitch: int, ticks: int) -> mido.Message:
    return mido.Message("note_off", note=pitch, time=ticks)


def test_tempo_changes_and_metre(tmp_path: Path) -> None:
    path = tmp_path / "jig.mid"
    voice_commands = [
        mido.MetaMessage("time_signature", numerator=6, denominator=8),
        mido.MetaMessage("set_tempo", tempo=300_000),  # and at once another, which counts
        mido.MetaMessage("set_tempo", tempo=500_000),
        mido.MetaMessage("set_tempo", tempo=1_000_000, time=480),
        mido.MetaMessage("time_signature", numerator=9, denominator=8),
    ]
    path.write_bytes(_file(voice_commands, [_on(60), _off(60, 480), _on(62), _on(62, 960, velocity=0)]))
    score = read(path)
    assert score.events == [NoteOn(0.0, 60, 80), NoteOff(0.5, 60), NoteOn(0.5, 62, 80), NoteOff(2.5, 62)]
    assert score.beats == [Note(0.0, 1.0, 60, 80), Note(1.0, 2.0, 62, 80)]
    assert score.metre == "6/8"


def test_a_release_in_one_track_comes_before_the_strike_in_another(tmp_path: Path) -> None:
    path = tmp_path / "two.mid"
    path.write_bytes(
        _file([_on(60, 480), _off(60, 480)], [_on(64), _off(64, 480), _on(64), _off(64, 480), _off(60, 1)])
    )
    notes = read(path).beats
    assert notes == [Note(0.0, 1.0, 64, 80), Note(1.0, 1.0, 60, 80), Note(1.0, 1.0, 64, 80)]
    path.write_bytes(_file([_on(60, 480), _off(60, 480)], [_on(60), _off(60, 480)]))
    assert read(path).beats == [Note(0.0, 1.0, 60, 80), Note(1.0, 1.0, 60, 80)]


def test_a_note_without_length_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "drum.mid"
    path.write_bytes(_file([_on(38), _off(38, 0), _on(38, 480), _off(38, 0)]))
    assert read(path).beats == [Note(0.0, 0.0, 38, 80), Note(1.0, 0.0, 38, 80)]


def test_write_closes_every_note(tmp_path: Path) -> None:
    path = tmp_path / "open.mid"
    player: list[Event] = [
        NoteOn(1.0, 60, 90),
        NoteOn(2.0, 60, 70),
        NoteOn(2.5, 64, 70, duration=0.5),
        TurnChange(3.0, "performer"),
    ]
    performer: list[Event] = [NoteOff(0.5, 20), NoteOn(3.0, 70, 1), NoteOff(4.0, 70)]
    write(path, {"player": player, "performer": performer})
    notes = read(path).beats
    assert notes == [Note(2.0, 2.0, 60, 90), Note(4.0, 4.0, 60, 70), Note(5.0, 1.0, 64, 70), Note(6.0, 2.0, 70, 1)]
    assert NoteOff(0.5, 20) not in read(path).events
    kinds = [type(event) for event in read(path).events]
    assert kinds.count(NoteOn) == kinds.count(NoteOff) == 4


def test_write_failures_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"take\.mid cannot be written"):
        write(tmp_path / "missing" / "take.mid", {})
    with pytest.raises(FileError, match="tempo"):
        write(tmp_path / "take.mid", {}, tempo=0.0)
    with pytest.raises(FileError, match="24 hours"):
        write(tmp_path / "take.mid", {"player": [NoteOff(90_000.0, 1)]})
    assert not list(tmp_path.iterdir())
    (tmp_path / "folder.mid").mkdir()
    with pytest.raises(FileError, match=r"folder\.mid cannot be written"):
        write(tmp_path / "folder.mid", {})
    assert [path.name for path in tmp_path.iterdir()] == ["folder.mid"]


def test_a_full_disk_costs_no_earlier_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "take.mid"
    write(path, {"player": [NoteOn(0.0, 60, 90)]})
    before = path.read_bytes()

    def half(path: Path, data: bytes) -> None:
        with path.open("wb") as target:
            target.write(data[:4])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(FileError, match=r"take\.mid cannot be written \(No space left"):
        write(path, {})
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("take.mid", before)]


WHOLE = _file([_on(60), _off(60, 480)], [_on(62), _off(62, 480), _on(64), _off(64, 480)])


def _tracks(declared: int) -> bytes:
    return b"MThd" + struct.pack(">LHHH", 6, 1, declared, 480)


LONG = _tracks(1)


def _track(body: bytes) -> bytes:
    return b"MTrk" + struct.pack(">L", len(body)) + body


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not a MIDI file"),
        (b"RIFF....WAVEfmt ", "not a MIDI file"),
        (WHOLE[:7], "cut off"),
        (_file([_on(60)], [_on(62)], kind=2), "type 2"),
        (WHOLE[:12] + b"\0\0" + WHOLE[14:], "ticks a quarter note"),
        (WHOLE[:12] + b"\xe0\x28" + WHOLE[14:], "ticks a quarter note"),  # 32 frames a second
        (WHOLE[:12] + b"\xe7\x00" + WHOLE[14:], "ticks a quarter note"),
        (_tracks(1025) + _track(b"\0\x90\x3c\x40") * 1025, "1,024 tracks with notes"),
        (_tracks(0), "damaged: it has no tracks"),
        (_tracks(0x8000), "cut off"),
        (_tracks(65_535) + _track(b"\0\xff\x2f\0"), "damaged"),
        (LONG + _track(b"\0\x3c\x40"), "damaged"),  # running status, of nothing
        (LONG + _track(b"\0\xf4"), "damaged"),
        (LONG + _track(b"\0\xff\x59\2\x63\0"), "damaged"),  # a key of 99 sharps
        (LONG + _track(b"\0\xff\x58\1\4"), "damaged"),
        (LONG + _track(b"\0\xff\x7f\xff\xff\xff\x7f"), "damaged"),  # lengths of 256 MiB
        (LONG + _track(b"\0\xf0\xff\xff\xff\x7f"), "damaged"),
        (LONG + b"MTrk\xff\xff\xff\xff\0\x90\x3c\x40", "cut off"),
        (LONG + b"nope\0\0\0\0", "damaged"),
        (LONG + _track(b"\xff" * 1_000_000), "damaged"),  # one number of a megabyte
        (LONG + _track(b"\xff" * 1000 + b"\x7f\x90\x3c\x40"), "damaged"),
        (LONG + _track(b"\xff" * 12 + b"\x7f\x90\x3c\x40"), "24 hours"),  # more ticks than a float holds
        (LONG + _track(b"\0\x90" + b"\x3c\x40\0" * 1_000_000 + b"\x3c\0"), "million events"),
        (LONG + _track(b"\0\xff\x51\3\xff\xff\xff" + b"\xff\xff\xff\x7f\x90\x3c\x40"), "24 hours"),
        (WHOLE + bytes(4 * 1024 * 1024), "4 MiB"),
    ],
)
def test_refused_with_one_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    path = tmp_path / "bad.mid"
    path.write_bytes(data)
    with pytest.raises(FileError, match=sentence) as caught:
        read(path)
    assert str(caught.value).startswith("bad.mid ") and str(caught.value).endswith(".")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"nowhere\.mid cannot be read \(No such file"):
        read(tmp_path / "nowhere.mid")
    with pytest.raises(FileError, match=r"cannot be read"):
        read(tmp_path)


FIRST_TRACK = WHOLE.index(b"MTrk", 20)  # where it ends


@pytest.mark.parametrize("size", sorted({*range(4, len(WHOLE))} - {FIRST_TRACK}))
def test_a_truncated_file_is_said_to_be_cut_off(tmp_path: Path, size: int) -> None:
    path = tmp_path / "half.mid"
    path.write_bytes(WHOLE[:size])
    with pytest.raises(FileError, match=r"^half\.mid is cut off before its end; save or fetch it again\.$"):
        read(path)


def test_a_file_that_ends_between_two_tracks_is_read_up_to_there(tmp_path: Path) -> None:
    """A header that counts a track too many looks the same."""
    path = tmp_path / "half.mid"
    path.write_bytes(WHOLE[:FIRST_TRACK])
    score = read(path)
    assert score.beats == [Note(0.0, 1.0, 60, 80)]
    assert score.passed_over == ("a track that the header counts and that is not there",)


def test_odd_but_whole_files(tmp_path: Path) -> None:
    """Seen in real collections: a RIFF wrapper, other chunks, a data byte of 200, a sysex, no end mark."""
    path = tmp_path / "odd.mid"
    body = b"\0\xf0\3\1\2\xf7\0\x90\x3c\xc8\0\xff\x51\3\0\0\0\0\xff\x58\4\4\x20\0\0\x60\x90\x3c\0"
    path.write_bytes(b"RIFF\0\0\0\0RMIDdata\0\0\0\0" + LONG + _track(body) + b"XFIH\0\0\0\2ab")
    score = read(path)
    assert score.events == [NoteOn(0.0, 60, 127), NoteOff(96 / 480 / 2, 60)]
    assert score.metre is None


@pytest.mark.parametrize("kind", [0x08, 0x0A, 0x60, 0x7E, 0xFE])
def test_the_time_before_an_unknown_meta_event_counts(tmp_path: Path, kind: int) -> None:
    path = tmp_path / "named.mid"
    path.write_bytes(LONG + _track(b"\x78\xff" + bytes((kind,)) + b"\2hi" + b"\x78\x90\x3c\x40\x78\x3c\0"))
    assert read(path).beats == [Note(0.5, 0.25, 60, 64)]


def test_a_megabyte_of_running_status_is_read(tmp_path: Path) -> None:
    path = tmp_path / "dense.mid"
    path.write_bytes(LONG + _track(b"\0\x90" + b"\x3c\x40\0" * 333_333 + b"\x3c\0"))
    begin = time.thread_time()  # a busy machine's pauses are not the reader's
    assert len(read(path).events) == 333_334
    assert time.thread_time() - begin < 30.0


def test_any_damage_gives_a_score_or_a_sentence(tmp_path: Path) -> None:
    """2,000 files cut, flipped, spliced at random: one of two outcomes, each within a second."""
    chance = random.Random(20)
    source = tmp_path / "source.mid"
    events = [event for i in range(60) for event in (NoteOn(i * 0.1, 40 + i, 80), NoteOff(i * 0.1 + 0.09, 40 + i))]
    write(source, {"one": events, "two": events[::3]})
    seeds = [source.read_bytes(), WHOLE]
    path = tmp_path / "damaged.mid"
    outcomes = {"score": 0, "refused": 0}
    slowest = 0.0
    for _ in range(2000):
        path.write_bytes(_damage(bytearray(chance.choice(seeds)), chance))
        begin = time.thread_time()
        try:
            read(path)
            outcomes["score"] += 1
        except FileError as error:
            outcomes["refused"] += 1
            assert str(error).startswith("damaged.mid ") and str(error).endswith(".")
        slowest = max(slowest, time.thread_time() - begin)
    assert slowest < 1.0
    assert all(count > 50 for count in outcomes.values()), outcomes


def _damage(data: bytearray, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(data) + 1)
        kind = chance.randrange(4)
        if kind == 0 and chance.random() < 0.3:
            del data[place:]
        elif kind == 1:
            data[place : place + 1] = bytes((chance.randrange(256),))
        elif kind == 2:
            data[place:place] = chance.randbytes(chance.randint(1, 9))
        else:
            del data[place : place + chance.randint(1, 9)]
    return bytes(data)
