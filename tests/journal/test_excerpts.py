"""Takes: named, exported as MIDI and ABC, fetched from the page's port; a replay still has all that it needs."""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest
from aiohttp import ClientSession
from click.testing import CliRunner
from websockets.asyncio.client import connect

from livegen.cli.main import main
from livegen.errors import FileError
from livegen.events import NoteOn
from livegen.journal import excerpts, record
from livegen.midi import midifile
from livegen.osc import packets
from livegen.tunes import abc_reader
from tests.support.steady import SteadyTime
from tests.support.steady import steady as steady
from tests.support.web_stage import WebStage, heard, web_stage


@pytest.fixture
async def stage(tmp_path: Path, steady: SteadyTime) -> AsyncIterator[WebStage]:
    async with web_stage(tmp_path) as running:
        yield running


async def play(stage: WebStage, *pitches: int) -> None:
    """Play notes over a WebSocket and wait until the answer begins."""
    async with connect(stage.ws) as page:
        await page.send(packets.encode("/livegen/listen"))
        for pitch in pitches:
            await page.send(packets.encode("/livegen/note", pitch, 90))
            await asyncio.sleep(0.1)
            await page.send(packets.encode("/livegen/note", pitch, 0))
        while await heard(page, "/livegen/out/turn") != ("player",):
            pass
        await heard(page, "/livegen/out/off")


async def begin_take(stage: WebStage, name: str) -> None:
    async with connect(stage.ws) as page:
        await page.send(packets.encode("/livegen/listen"))
        await page.send(packets.encode("/livegen/take", name))
        assert await heard(page, "/livegen/take") == (name,)


def struck(path: Path) -> list[int]:
    return [event.pitch for event in midifile.read(path).events if isinstance(event, NoteOn)]


async def test_a_take_is_what_was_played_since_it_began(stage: WebStage, tmp_path: Path) -> None:
    assert (await stage.get("/take.mid"))[0] == 404
    await play(stage, 60, 62)
    await begin_take(stage, "second-try")
    await play(stage, 65, 67)
    status, headers, body = await stage.get("/take.mid")
    assert (status, headers["content-type"]) == (200, "audio/midi")
    assert headers["content-disposition"] == 'attachment; filename="second-try.mid"'
    (tmp_path / "take.mid").write_bytes(body)
    assert struck(tmp_path / "take.mid")[:2] == [65, 67]
    first = next(event for event in midifile.read(tmp_path / "take.mid").events if isinstance(event, NoteOn))
    assert 0 < first.at < 3
    _, headers, body = await stage.get("/take.abc")
    assert headers["content-type"] == "text/vnd.abc; charset=utf-8"
    assert "T:second-try" in body.decode() and "V:1 name=performer" in body.decode()
    _, headers, body = await stage.get("/take.json")
    told = json.loads(body)
    assert headers["content-type"] == "application/json"
    assert told["name"] == "second-try" and told["marks"] == [[0.0, "take second-try"]]
    assert [note["pitch"] for note in told["notes"] if note["who"] == "performer"] == [65, 67]
    assert any(note["who"] == "player" for note in told["notes"]) and told["seconds"] > 0
    whole = (await stage.json("/journals"))[0]
    assert whole["playing"] and whole["bytes"] > 0
    (tmp_path / "all.mid").write_bytes((await stage.get(f"/journals/{whole['name']}.mid"))[2])
    assert {60, 62, 65, 67} <= set(struck(tmp_path / "all.mid"))
    lines = (await stage.get(f"/journals/{whole['name']}.jsonl"))[2].splitlines()
    assert json.loads(lines[0])["livegen"] == 1


async def test_the_last_phrase_of_both_is_a_file_too(stage: WebStage, tmp_path: Path) -> None:
    await play(stage, 60, 62, 64)
    await asyncio.sleep(1.0)
    status, headers, body = await stage.get("/phrase.mid")
    assert status == 200 and headers["content-disposition"].endswith('-phrase.mid"')
    (tmp_path / "phrase.mid").write_bytes(body)
    assert struck(tmp_path / "phrase.mid")[:3] == [60, 62, 64]
    assert min(event.at for event in midifile.read(tmp_path / "phrase.mid").events) == 0
    assert (await stage.get("/phrase.abc"))[0] == 200


async def test_only_journals_are_given_away(stage: WebStage, tmp_path: Path) -> None:
    (tmp_path / "livegen-secret.jsonl").write_text("no journal's name")
    (tmp_path / "private.txt").write_text("private")
    for path in ("/journals/private.txt", "/journals/livegen-secret.jsonl", "/journals/../private.txt", "/journals/x"):
        assert (await stage.get(path))[0] == 404
    assert (await stage.get("/journals/livegen-2020-01-01T00-00-00-1.jsonl"))[0] == 404


async def test_an_earlier_journal_is_deleted_at_our_own_page_s_wish_and_the_present_one_is_not(
    stage: WebStage, tmp_path: Path
) -> None:
    earlier = tmp_path / "livegen-2020-01-01T00-00-00-1.jsonl"
    earlier.write_text("{}")
    earlier.with_suffix(".mid").write_text("what its session wrote at its end")
    (tmp_path / "livegen-secret.jsonl").write_text("no journal's name")
    present, listed = (row["name"] for row in await stage.json("/journals"))
    assert listed == earlier.stem  # what has no journal's name is not listed
    async with ClientSession(stage.http) as client:

        async def deleted(name: str, **headers: str) -> int:
            async with client.delete(f"/journals/{name}", headers=headers) as answer:
                return answer.status

        assert await deleted(earlier.stem, Origin="http://elsewhere.example") == 403
        assert earlier.exists()
        assert await deleted(earlier.stem) == 204
        assert not earlier.exists() and (tmp_path / f"{earlier.name}.deleted").exists()
        assert not earlier.with_suffix(".mid").exists()
        assert await deleted(earlier.stem) == 404
        assert await deleted(present) == 409
        assert await deleted("livegen-secret") == 404
    assert (tmp_path / "livegen-secret.jsonl").exists()


def test_the_command_exports_parts_and_abc(tmp_path: Path) -> None:
    journal = tmp_path / "j.jsonl"
    rows: list[object] = [{"livegen": 1, "settings": {"tempo": 120.0, "metre": 3}}]
    for number, pitch in enumerate((60, 62, 64, 65, 67, 69)):
        if number == 3:
            rows.append(["take", 1.6, "last-half"])
        rows += [
            ["heard", "on", number * 0.5 + 0.2, pitch, 90, 1, 0],
            ["heard", "off", number * 0.5 + 0.6, pitch, 1, 0],
        ]
    journal.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = CliRunner().invoke(main, ["export", str(journal), str(tmp_path / "t.abc"), "--part", "take"])
    assert done.exit_code == 0, done.output
    tune = abc_reader.read_tune((tmp_path / "t.abc").read_text())
    assert [note.pitch for note in tune.notes] == [65, 67, 69] and "M:3/4" in (tmp_path / "t.abc").read_text()
    assert CliRunner().invoke(main, ["export", str(journal), str(tmp_path / "t.mid")]).exit_code == 0
    assert struck(tmp_path / "t.mid") == [60, 62, 64, 65, 67, 69]
    assert excerpts.excerpt(record.read(journal), "j", "phrase").name == "last-half-phrase"
    journal.write_text(json.dumps(rows[0]) + "\n")
    with pytest.raises(FileError, match="Nothing was played yet"):
        excerpts.write(journal, tmp_path / "n.mid")


@pytest.mark.parametrize("tempo", [84.0, 92.0, 100.0])
def test_abc_counts_in_the_beat_that_the_performer_played(tempo: float, tmp_path: Path) -> None:
    """A journal that began at another tempo, without clock or taps. A bar: two quarters, two eighths, a rest."""
    journal = tmp_path / "j.jsonl"
    rows: list[object] = [{"livegen": 1, "settings": {"tempo": 115.0, "metre": 4}}]
    beat = 60.0 / tempo
    for bar in range(8):
        for place, length in ((0.0, 1.0), (1.0, 1.0), (2.0, 0.5), (2.5, 0.5)):
            at = 3.0 + (4 * bar + place) * beat
            rows.append(["heard", "on", at, 60, 90, 1, 0])
            rows.append(["heard", "off", at + 0.9 * length * beat, 60, 1, 0])
    journal.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = excerpts.excerpt(record.read(journal), "j")
    assert found.beat == pytest.approx(beat, rel=0.02)
    excerpts.write(journal, tmp_path / "t.abc")
    onsets = [note.onset for note in abc_reader.read_tune((tmp_path / "t.abc").read_text()).notes]
    gaps = [later - earlier for earlier, later in pairwise(onsets)]
    assert gaps[:8] == [1.0, 1.0, 0.5, 1.5] * 2


def test_a_journal_of_days_is_no_abc(tmp_path: Path) -> None:
    """ABC writes out silence bar by bar: of a journal whose times are damaged it would fill the disk."""
    journal = tmp_path / "days.jsonl"
    rows = [
        '{"livegen": 1}',
        *(
            f'["sent", "{kind}", {at}, 60, {last}]'
            for kind, at, last in (
                ("on", 1.0, "90, 1, 1"),
                ("off", 2.0, "1, 1"),
                ("on", 2e7, "90, 1, 2"),
                ("off", 2e7 + 1, "1, 2"),
            )
        ),
    ]
    journal.write_text("\n".join(rows))
    with pytest.raises(FileError, match="would last longer than 24 hours"):
        excerpts.write(journal, tmp_path / "days.abc")
    assert not (tmp_path / "days.abc").exists()
