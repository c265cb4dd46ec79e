"""Render keeps the performer's part: its tempo, metre, names, programs and bends."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import mido  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livegen.events import NoteOn
from livegen.midi import midifile, smf
from livegen.midi.midifile import Score
from livegen.predictors import models
from livegen.render import render, run
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.places import DATA

CASES = DATA / "cases" / "midi"


def rendered(source: Path, target: Path) -> tuple[Score, Score]:
    """The source, and the target without what the player answered."""
    session = Session(models.Untrained(), Settings(mode="call_and_response"), seed=1)
    before = render(source, target, session, tail=4.0)
    after = midifile.read(target)
    return before, after


def rows(score: Score) -> list[list[tuple[Fraction, bytes]]]:
    """Each track's messages with their beats."""
    division = score.conductor.tempo_map.division
    return [
        [(Fraction(tick, division), row) for tick, row in track.rows if row[:2] != smf.END] for track in score.tracks
    ]


def check_kept(before: Score, after: Score) -> None:
    kept, found = rows(before), rows(after)[: len(before.tracks)]
    names = [track.name or "performer" for track in before.tracks]
    assert [track.name for track in after.tracks[: len(names)]] == names
    for wanted, got, track in zip(kept, found, before.tracks, strict=True):
        assert got == ([] if track.name else [(0, b"\xff\x03performer")]) + wanted
    division, again = before.conductor.tempo_map.division, after.conductor.tempo_map.division
    assert [(Fraction(t, division), tempo) for t, tempo in before.conductor.tempo_map.changes] == [
        (Fraction(t, again), tempo) for t, tempo in after.conductor.tempo_map.changes
    ]
    assert before.metres == after.metres
    assert [(Fraction(t, division), row) for t, row in before.conductor.rows] == [
        (Fraction(t, again), row) for t, row in after.conductor.rows
    ]


@pytest.mark.parametrize("path", sorted(CASES.iterdir()), ids=lambda path: path.name)
def test_every_case_goes_through(path: Path, tmp_path: Path) -> None:
    before, after = rendered(path, tmp_path / "out.mid")
    check_kept(before, after)
    for note in before.beats:
        same = [each for each in after.beats if (each.pitch, each.channel) == (note.pitch, note.channel)]
        near = [each for each in same if each.onset == pytest.approx(note.onset)]
        assert near and near[0].duration == pytest.approx(note.duration), note


def test_a_flute_in_three_four_at_ninety(tmp_path: Path) -> None:
    before, _ = rendered(CASES / "flute-90bpm-3-4.mid", tmp_path / "out.mid")
    assert before.metre == "3/4"
    file = mido.MidiFile(tmp_path / "out.mid")
    guiding = [message.type for message in file.tracks[0]]
    assert guiding == ["set_tempo", "time_signature", "key_signature", "end_of_track"]
    assert round(mido.tempo2bpm(file.tracks[0][0].tempo)) == 90
    flute = file.tracks[1]
    assert flute.name == "flute" and flute[1].type == "program_change" and flute[1].program == 73
    bends = [message for message in flute if message.type == "pitchwheel"]
    ons = [message for message in flute if message.type == "note_on" and message.velocity]
    assert len(bends) == 32 and len(ons) == 16
    at = 0
    for message in flute:
        at += message.time
        if message.type == "note_on":
            assert at % file.ticks_per_beat == 0  # on its beat, as it was
    assert file.tracks[2].name == "player"


def test_the_answer_is_on_the_same_grid(tmp_path: Path) -> None:
    """A note of the player's sounds when it sounded: its seconds, through the tempo map."""
    source, target = tmp_path / "in.mid", tmp_path / "out.mid"
    phrase = b"".join(b"\0\x90" + bytes((60 + n, 80)) + b"\x83\x60\x80" + bytes((60 + n, 0)) for n in range(8))
    tempo = b"\0\xff\x51\3\x0f\x42\x40" + b"\x8f\x00\xff\x51\3\x03\xd0\x90"  # 60, after four beats 240
    source.write_bytes(_file(480, tempo, phrase))
    sent = _sent(source)
    render(source, target, Session(models.Untrained(), Settings(mode="call_and_response"), seed=1), tail=16.0)
    found = [event.at for event in midifile.read(target).events if isinstance(event, NoteOn)][8:]
    assert len(sent) > 3 and found == pytest.approx(sent, abs=0.001)


def _sent(source: Path) -> list[float]:
    session = Session(models.Untrained(), Settings(mode="call_and_response"), seed=1)
    out = run(session, midifile.read(source).events, 16.0)
    return [event.at for event in out if isinstance(event, NoteOn)]


def _file(division: int, *tracks: bytes) -> bytes:
    head = b"MThd\0\0\0\6\0\1" + len(tracks).to_bytes(2, "big") + division.to_bytes(2, "big")
    chunks = (track + b"\0\xff\x2f\0" for track in tracks)
    return head + b"".join(b"MTrk" + len(chunk).to_bytes(4, "big") + chunk for chunk in chunks)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Any file: strokes that overlap, bends, pressure, programs, words, tempo and metre changes, any division."""
    division = draw(st.one_of(st.integers(1, 1000), st.sampled_from([96, 120, 384, 480, 960, 1024, 15_360, 0xE728])))
    tracks = []
    for channel in range(draw(st.integers(1, 3))):
        rows = draw(st.lists(st.tuples(st.integers(0, 3000), messages(channel)), max_size=30))
        rows.sort(key=lambda row: row[0])
        body = b""
        for (before, _), (tick, message) in pairwise([(0, b""), *rows]):
            body += smf.number(tick - before) + message
        tracks.append(body)
    return _file(division, *tracks)


@st.composite
def messages(draw: st.DrawFn, channel: int) -> bytes:
    pitch, value = draw(st.integers(60, 62)), draw(st.integers(0, 127))
    kind = draw(st.sampled_from([0x80, 0x80, 0x90, 0x90, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0, 0xFF, 0xFF, 0xF0]))
    if kind == 0xFF:
        tempo = draw(st.integers(100_000, 2_000_000)).to_bytes(3, "big")
        metre = bytes((draw(st.integers(1, 12)), draw(st.integers(0, 4)), 24, 8))
        words = "wörter".encode()
        meta = {0x51: tempo, 0x58: metre, 0x59: b"\2\0", 6: words, 5: words, 1: words, 0x7F: b"\x43\1"}
        which = draw(st.sampled_from(sorted(meta)))
        return bytes((0xFF, which, len(meta[which]))) + meta[which]
    if kind == 0xF0:
        return b"\xf0\3\x7d\1\xf7"
    if kind in (0xC0, 0xD0):
        return bytes((kind | channel, value))
    control = draw(st.sampled_from([1, 7, 64, 120, 123, 126]))
    return bytes((kind | channel, control if kind == 0xB0 else pitch, value))


@settings(max_examples=200, deadline=None)
@given(files())
def test_render_keeps_the_performers_part(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("files")
    source, target = folder / "in.mid", folder / "out.mid"
    source.write_bytes(data)
    before, after = rendered(source, target)
    check_kept(before, after)
    alone = folder / "alone.mid"
    midifile.write(alone, {}, before.conductor, tracks=before.tracks)
    again = midifile.read(alone)
    assert len(again.beats) == len(before.beats)
    for found, wanted in zip(ordered(again), ordered(before), strict=True):
        assert list(found) == pytest.approx(list(wanted))


def ordered(score: Score) -> list[tuple[float, int, int, float, int]]:
    notes = [(note.onset, note.channel, note.pitch, note.duration, note.velocity) for note in score.beats]
    return sorted(notes, key=lambda note: (round(note[0], 6), *note[1:3], round(note[3], 6)))


@st.composite
def shared(draw: st.DrawFn) -> tuple[bytes, list[list[tuple[int, int, int, int]]]]:
    """Tracks on one channel whose notes meet on the same keys, each track's in itself one after another; and the notes:
    onset, end, pitch, velocity."""
    tracks, played = [], []
    for _ in range(draw(st.integers(2, 4))):
        notes: list[tuple[int, int, int, int]] = []
        free = {60: 0, 61: 0}
        for _ in range(draw(st.integers(0, 8))):
            pitch = draw(st.sampled_from(sorted(free)))
            begins = free[pitch] + draw(st.integers(0, 3)) * 60
            free[pitch] = begins + draw(st.integers(1, 6)) * 60
            notes.append((begins, free[pitch], pitch, draw(st.integers(1, 127))))
        rows = [(end, 0, bytes((0x80, pitch, 0))) for _, end, pitch, _ in notes]
        rows += [(begins, 1, bytes((0x90, pitch, velocity))) for begins, _, pitch, velocity in notes]
        body, since = b"", 0
        for tick, _, message in sorted(rows):
            body += smf.number(tick - since) + message
            since = tick
        tracks.append(body)
        played.append(sorted(notes))
    return _file(480, *tracks), played


@settings(max_examples=100, deadline=None)
@given(shared())
def test_render_keeps_each_tracks_notes_where_tracks_share_a_channel(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[bytes, list[list[tuple[int, int, int, int]]]]
) -> None:
    data, played = made
    folder = tmp_path_factory.mktemp("files")
    (folder / "in.mid").write_bytes(data)
    before, after = rendered(folder / "in.mid", folder / "out.mid")
    check_kept(before, after)
    file = mido.MidiFile(folder / "out.mid")
    wanted = [notes for notes in played if notes]
    found = [_notes(track) for track in file.tracks if track.name != "player"]
    times = file.ticks_per_beat // 480
    assert [track for track in found if track] == [
        [(begins * times, end * times, pitch, velocity) for begins, end, pitch, velocity in notes] for notes in wanted
    ]
    midifile.write(folder / "alone.mid", {}, before.conductor, tracks=before.tracks)
    assert ordered(midifile.read(folder / "alone.mid")) == ordered(before)


def _notes(track: mido.MidiTrack) -> list[tuple[int, int, int, int]]:
    """A track's notes as another reader finds them: onset, end, pitch, velocity."""
    tick, held, found = 0, {}, []
    for message in track:
        tick += message.time
        if message.type == "note_on" and message.velocity:
            held[message.note] = tick, message.velocity
        elif message.type in ("note_on", "note_off"):
            begins, velocity = held.pop(message.note)
            found.append((begins, tick, message.note, velocity))
    assert not held
    return sorted(found)
