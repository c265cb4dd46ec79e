"""Files that are sent to the page's port: read and played, or refused in one sentence."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from livegen.events import NoteOn
from livegen.files.performance import LARGEST
from livegen.journal import record
from tests.support.places import DATA
from tests.support.waiting import PATIENCE, until
from tests.support.web_stage import WebStage, web_stage

CASES = DATA / "cases"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[WebStage]:
    async with web_stage(tmp_path) as running:
        yield running


async def post(stage: WebStage, name: str, body: bytes, place: str = "/play", **headers: str) -> tuple[int, str]:
    """Status and body of the answer."""

    def ask() -> tuple[int, str]:
        request = urllib.request.Request(f"{stage.http}{place}?name={name}", body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    return await asyncio.to_thread(ask)


def struck(stage: WebStage) -> list[int]:
    stage.server.journal.flush()
    return [event.pitch for event in record.read(stage.server.journal.path).heard if isinstance(event, NoteOn)]


@pytest.mark.parametrize("path", ["midi/flute-90bpm-3-4.mid", "musicxml/called.xml", "abc/no-number.abc"])
async def test_a_file_is_played_to_livegen(stage: WebStage, path: str) -> None:
    status, answer = await post(stage, Path(path).name, (CASES / path).read_bytes())
    assert status == 200, answer
    about = json.loads(answer)
    assert about["notes"] >= 4
    assert about["seconds"] > 1
    await until(lambda: len(struck(stage)) >= 2)


@pytest.mark.parametrize(
    ("name", "body", "status", "sentence"),
    [
        (
            "photo.png",
            b"\x89PNG" + bytes(100),
            422,
            "photo.png is not a MIDI, MusicXML or ABC file; save it as one of these.",
        ),
        ("torn.mid", b"MThd\0\0\0\6\0\0\0\1\1\xe0MTrk\0\0", 422, "torn.mid is "),
        ("..%2F..%2Fetc%2Fpasswd", b"root", 422, "passwd is not a MIDI"),
        ("", b"", 422, "file is not a MIDI"),
        ("large.mid", bytes(LARGEST + 1), 413, "The file is larger than 4 MiB; cut it into smaller files."),
    ],
)
async def test_what_cannot_be_played_is_refused_in_one_sentence(
    stage: WebStage, name: str, body: bytes, status: int, sentence: str
) -> None:
    found, answer = await post(stage, name, body)
    assert (found, answer.count("\n")) == (status, 1)
    assert answer.startswith(sentence)
    assert struck(stage) == []


async def test_another_page_cannot_play_a_file(stage: WebStage) -> None:
    body = (CASES / "midi/flute-90bpm-3-4.mid").read_bytes()
    assert (await post(stage, "x.mid", body, Origin="http://elsewhere.example"))[0] == 403
    assert struck(stage) == []


async def test_a_body_that_says_nothing_of_its_length_is_bounded(stage: WebStage) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.page.port)
    writer.write(f"POST /play?name=x.mid HTTP/1.1\r\nHost: 127.0.0.1:{stage.page.port}\r\n".encode())
    writer.write(b"Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"100000\r\n" + bytes(0x100000) + b"\r\n"
    for _ in range(5):
        writer.write(chunk)
    async with asyncio.timeout(PATIENCE):
        assert (await reader.readline()).split()[1] == b"413"
    writer.close()


async def test_a_chart_is_played_over_and_its_bars_are_told(stage: WebStage) -> None:
    assert (await stage.json("/chart"))["chart"] is None
    text = b"title: Mine\nkey: F\n[A]\n| F7 | Bb7 C7 |\n"
    status, answer = await post(stage, "mine.txt", text, "/drop")
    assert (status, json.loads(answer)) == (200, {"chart": "Mine", "bars": 2, "key": "F", "charts": 1})
    found = await stage.json("/chart")
    assert "waltz" in found["names"] and found["chart"]["title"] == "Mine"
    assert [bar["chords"] for bar in found["chart"]["bars"]] == [[[0.0, "F7"]], [[0.0, "Bb7"], [2.0, "C7"]]]
    status, answer = await post(stage, "tune.abc", b"X:1\nK:C\nCDEF|\n", "/chart")
    assert status == 422 and answer.startswith("tune.abc is ABC and no chart; ")
    assert (await stage.json("/chart"))["chart"]["title"] == "Mine" and struck(stage) == []
