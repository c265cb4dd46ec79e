"""MusicXML made by tests: notes, measures, scores, compressed files."""

import zipfile
from pathlib import Path


def note(pitch: str, duration: int, *marks: str) -> str:
    """A note head like "Bb4" ("-" is a rest); marks are chord, grace, cue, start and stop (of a tie)."""
    inner = f"<pitch><step>{pitch[0]}</step>{_alter(pitch)}<octave>{pitch[-1]}</octave></pitch>"
    if pitch == "-":
        inner = "<rest/>"
    before = "".join(f"<{mark}/>" for mark in ("grace", "cue", "chord") if mark in marks)
    ties = "".join(f'<tie type="{mark}"/>' for mark in ("stop", "start") if mark in marks)
    length = "" if "grace" in marks else f"<duration>{duration}</duration>"
    return f"<note>{before}{inner}{length}{ties}</note>"


def _alter(pitch: str) -> str:
    return {"#": "<alter>1</alter>", "b": "<alter>-1</alter>"}.get(pitch[1:2], "")


def backup(duration: int) -> str:
    return f"<backup><duration>{duration}</duration></backup>"


def attributes(inside: str = "", metre: str = "4/4", divisions: int = 2) -> str:
    beats, _, unit = metre.partition("/")
    time = f"<time><beats>{beats}</beats><beat-type>{unit}</beat-type></time>" if metre else ""
    return f"<attributes><divisions>{divisions}</divisions>{time}{inside}</attributes>"


def score(*parts: list[str], implicit: tuple[int, ...] = (), rights: str = "") -> str:
    """Parts, each a list of measures; ``implicit`` are the measures without a number of their own."""
    whole = ""
    for number, measures in enumerate(parts):
        whole += f'<part id="P{number}">'
        for at, measure in enumerate(measures):
            extra = ' implicit="yes"' if at in implicit else ""
            whole += f'<measure number="{at}"{extra}>{measure}</measure>'
        whole += "</part>"
    stated = f"<identification><rights>{rights}</rights></identification>" if rights else ""
    return f'<?xml version="1.0"?><score-partwise version="4.0">{stated}{whole}</score-partwise>'


def packed(path: Path, text: str) -> Path:
    """A compressed score, with a picture and a table of contents as notation programs write them."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/container.xml", '<container><rootfile full-path="the score.xml"/></container>')
        archive.writestr("another.xml", "<not-this-one/>")
        archive.writestr("the score.xml", text)
    return path
