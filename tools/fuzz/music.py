"""The readers of music files and of charts."""

import io
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from livegen.errors import LivegenError
from livegen.events import NoteOff, NoteOn
from livegen.files import dropped, performance
from livegen.files.chart_file import BOOK, read_charts
from livegen.files.music_file import read_tunes
from livegen.midi import midifile
from tests.support.musicxml import attributes, note, packed, score
from tests.support.places import DATA
from tools.fuzz.mutation import repacked
from tools.fuzz.target import Target, first_of, outcome, simple, small, written

_CASES = DATA / "cases"
_XML = score([attributes() + note("C4", 4) + note("E4", 4, "start"), note("E4", 8, "stop")])
_HARMONY = "<harmony><root><root-step>D</root-step></root><kind>minor-seventh</kind></harmony>"
_LEAD_SHEET = score([attributes() + _HARMONY + note("D4", 8), _HARMONY + note("F4", 8)])
_LINKS = (
    b"irealb://Tune=Composer==Medium Swing=C==1r34LbKcu7L#F/D4DLZD}AZLGL#F/DZLAD*{\n"
    b"irealbook://Blues=Who=Swing=F=n=[T44F7 |Bb7 |F7 |Cm7 F7 |Bb7 |x |F7 |D7 |Gm7 |C7 |F7 D7|Gm7 C7Z "
)
_CHART = b"title: A\n| Dm7 | G7 | C^ | % |\n[B] | Am7b5/C ; 3/4 | N.C. |\n"
_ABC = b"X:1\nT:A\nM:6/8\nL:1/8\nQ:3/8=120\nK:Edor\n|:E2B BAB|[1 (3abc d>e {g}f2:|[2 [CEG]2 z4 -|]\nV:2\nw: la\n"


def _music(name: str) -> Callable[[bytes, Path], str]:
    """All that livegen does with a music file of this name."""

    def feed(data: bytes, folder: Path) -> str:
        path, said = written(name, data, folder), []
        try:
            found = read_tunes(path)
            for tune in found.tunes:
                assert all(0 <= each.pitch <= 127 and each.duration >= 0 for each in tune.notes)
            said.append(f"tunes {first_of(found.tunes)} {first_of(found.broken)} {first_of(found.passed_over)}")
        except LivegenError as error:
            said.append(outcome(error))
        try:
            played = performance.read(path)
            performance.parsed(performance.written(played))
            said.append(f"played {first_of(played.events)}")
        except LivegenError as error:
            said.append(outcome(error))
        return " ".join(said)

    return feed


def _midi_seeds() -> list[bytes]:
    events = [each for i in range(6) for each in (NoteOn(i * 0.1, 40 + i, 80), NoteOff(i * 0.1 + 0.09, 40 + i))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.mid"
        midifile.write(path, {"one": events, "two": events[::3]})
        return [path.read_bytes(), *small(_CASES / "midi", ".mid", ".kar", ".rmi")]


def _zip_seeds() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.mxl"
        packed(path, _XML)
        seeds = [path.read_bytes()]
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        archive.writestr("META-INF/container.xml", '<container><rootfile full-path="a.xml"/></container>')
        archive.writestr("a.xml", _LEAD_SHEET)
    return [*seeds, stored.getvalue()]


def _chart(data: bytes, folder: Path) -> str:
    said = []
    for name in ("chart.txt", "chart.html", "chart.musicxml"):
        path = written(name, data, folder)
        try:
            charts = read_charts(path)
            said.append(first_of(charts))
        except LivegenError as error:
            said.append(outcome(error))
        try:
            said.append(first_of(dropped.parsed(dropped.written(dropped.read(path))).performance.events))
        except LivegenError as error:
            said.append(outcome(error))
    return " ".join(said)


_XML_WORDS = (
    *(b"<note>", b"</note>", b"<backup>", b"<duration>-1</duration>", b"<divisions>0</divisions>", b"<chord/>"),
    *(b"<grace/>", b'<tie type="start"/>', b"<repeat/>", b"<!DOCTYPE a [", b"<!ENTITY a 'b'>", b"&a;", b"&#0;"),
    *(b"<time>", b"<beats>", b"<transpose>", b"<degree>", b"<kind>", b"<bass>", b"xmlns:a='b'", b"encoding='utf-16'"),
)

TARGETS = (
    Target(
        "midi-file",
        _midi_seeds,
        simple(_music("music.mid")),
        (b"MThd", b"MTrk", b"\xff\x2f\x00", b"\xff\x51\x03", b"\xff\x58\x04", b"\xf0", b"\xff\xff\xff\x7f", b"RIFF"),
    ),
    Target(
        "abc",
        lambda: [_ABC, *small(_CASES / "abc", ".abc"), *small(DATA, ".abc")],
        simple(_music("music.abc")),
        (b"[", b"]", b"|:", b":|", b"(9", b"{", b"}", b"[V:2]", b"K:C clef=", b"%%", b"M:none", b"L:1/0", b"Q:", b"~"),
    ),
    Target(
        "musicxml",
        lambda: [_XML.encode(), _LEAD_SHEET.encode(), *small(_CASES / "musicxml", ".xml", ".musicxml")],
        simple(_music("music.musicxml")),
        _XML_WORDS,
    ),
    Target("zip", _zip_seeds, simple(_music("music.mxl")), (*_XML_WORDS, b"PK\3\4", b"PK\1\2", b"../a.xml"), repacked),
    Target(
        "chart",
        lambda: [_CHART, _LINKS, _LEAD_SHEET.encode(), *small(BOOK, ".txt")],
        simple(_chart),
        (
            b"|",
            b"||",
            b"[A]",
            b"{",
            b"}",
            b"irealb://",
            b"%%",
            b"/",
            b"C7alt",
            b"N1",
            b"N2",
            b"<D.C.>",
            b"T34",
            b"key:",
        ),
    ),
)
