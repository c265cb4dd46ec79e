"""Lead sheets: chords and where they stand, repeats, metres, pickups, and the melody under them."""

from pathlib import Path

import pytest

from livegen.errors import FileError
from livegen.files.lead_sheet import LeadSheet, read_lead_sheet
from livegen.music.key import Key


def harmony(step: str, kind: str, more: str = "", alter: int = 0) -> str:
    root = f"<root><root-step>{step}</root-step><root-alter>{alter}</root-alter></root>"
    return f"<harmony>{root}<kind>{kind}</kind>{more}</harmony>"


def note(step: str, length: int, more: str = "") -> str:
    return f"<note><pitch><step>{step}</step><octave>4</octave></pitch><duration>{length}</duration>{more}</note>"


FIRST = (
    "<attributes><divisions>2</divisions><key><fifths>-3</fifths><mode>minor</mode></key>"
    "<time><beats>{}</beats><beat-type>{}</beat-type></time></attributes>"
)


def sheet(path: Path, *measures: str, metre: tuple[int, int] = (4, 4)) -> LeadSheet:
    content = "".join(
        f"<measure number='{number}'>{FIRST.format(*metre) if not number else ''}{measure}</measure>"
        for number, measure in enumerate(measures)
    )
    file = path / "song.musicxml"
    score = f"<score-partwise><movement-title>A  song</movement-title><part id='P1'>{content}</part></score-partwise>"
    file.write_text(score)
    return read_lead_sheet(file)


def chords(found: LeadSheet) -> list[list[tuple[float, str]]]:
    return [
        [(change.beat, change.chord.name(found.key) if change.chord else "N.C.") for change in bar.changes]
        for bar in found.chart().bars
    ]


def test_chords_stand_where_they_are_written(tmp_path: Path) -> None:
    found = sheet(
        tmp_path,
        harmony("C", "minor") + note("C", 4) + harmony("G", "dominant") + note("D", 4),
        harmony("A", "major", alter=-1) + note("E", 8) + "<backup><duration>4</duration></backup>"
        "<harmony><root><root-step>D</root-step></root><kind text='7'>dominant</kind>"
        "<bass><bass-step>F</bass-step><bass-alter>1</bass-alter></bass><offset>2</offset></harmony>",
        "<harmony><kind>none</kind></harmony>" + note("C", 8),
    )
    assert chords(found) == [[(0.0, "Cm"), (2.0, "G7")], [(0.0, "Ab"), (3.0, "D7/F#")], [(0.0, "N.C.")]]
    assert (found.title, found.key, found.chart().beats) == ("A song", Key(0, minor=True), 4)
    assert [(each.onset, each.duration, each.pitch) for each in found.notes] == [
        *((0.0, 2.0, 60), (2.0, 2.0, 62), (4.0, 4.0, 64), (8.0, 4.0, 60))
    ]


def test_beats_are_those_of_the_metre(tmp_path: Path) -> None:
    found = sheet(tmp_path, harmony("C", "minor") + note("C", 3) + harmony("F", "minor") + note("D", 3), metre=(6, 8))
    assert chords(found) == [[(0.0, "Cm"), (1.0, "Fm")]]
    assert found.beats.compound and [each.onset for each in found.notes] == [0.0, 1.0]


def test_a_pickup_is_no_bar_of_the_chart(tmp_path: Path) -> None:
    found = sheet(tmp_path, note("G", 2), harmony("C", "minor") + note("C", 8), harmony("F", "minor") + note("D", 8))
    assert found.pickup == 1.0 and chords(found) == [[(0.0, "Cm")], [(0.0, "Fm")]]
    assert [each.onset for each in found.notes] == [0.0, 1.0, 5.0]


def test_repeats_and_endings_are_played(tmp_path: Path) -> None:
    repeat = "<barline location='{}'>{}<repeat direction='{}'/></barline>"
    ending = "<barline location='{}'><ending number='{}' type='{}'/>{}</barline>"
    found = sheet(
        tmp_path,
        repeat.format("left", "", "forward") + harmony("C", "minor") + note("C", 8),
        ending.format("left", 1, "start", "")
        + harmony("F", "minor")
        + note("C", 8)
        + ending.format("right", 1, "stop", "<repeat direction='backward'/>"),
        ending.format("left", 2, "start", "") + harmony("G", "dominant") + note("C", 8),
    )
    assert [bar[0][1] for bar in chords(found)] == ["Cm", "Fm", "Cm", "G7"]


def test_jumps_are_played(tmp_path: Path) -> None:
    found = sheet(
        tmp_path,
        harmony("C", "minor") + note("C", 8),
        harmony("F", "minor") + note("C", 8) + "<sound fine='yes'/>",
        harmony("G", "dominant") + note("C", 8) + "<direction><sound dacapo='yes' tempo='90'/></direction>",
    )
    assert [bar[0][1] for bar in chords(found)] == ["Cm", "Fm", "G7", "Cm", "Fm"]
    assert found.tempo == 90.0


def test_tied_notes_are_one(tmp_path: Path) -> None:
    found = sheet(
        tmp_path, harmony("C", "minor") + note("C", 8, "<tie type='start'/>"), note("C", 4, "<tie type='stop'/>")
    )
    assert [(each.onset, each.duration) for each in found.notes] == [(0.0, 6.0)]


def test_what_is_no_lead_sheet_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="has no chord symbols"):
        sheet(tmp_path, note("C", 8))
    with pytest.raises(FileError, match="is damaged"):
        sheet(tmp_path, harmony("X", "minor") + note("C", 8))


def test_a_kind_that_is_unknown_is_counted(tmp_path: Path) -> None:
    found = sheet(tmp_path, harmony("C", "minor") + note("C", 4) + harmony("C", "mystery") + note("C", 4))
    assert found.unread == 1 and chords(found) == [[(0.0, "Cm")]]
