"""livegen as an app: the browser it opens, the one that plays already, its own parts inside a bundle."""

import asyncio
import os
import socket
import subprocess
import sys
import webbrowser
from pathlib import Path

import pytest
from click.testing import CliRunner

from livegen.cli import app, bundle
from livegen.cli.main import main
from livegen.midi import second_process
from livegen.system import paths
from tests.support.places import ROOT
from tests.support.web_stage import web_stage


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that the browser was given."""
    found: list[str] = []
    monkeypatch.setattr(webbrowser, "open", found.append)
    return found


async def test_it_knows_a_livegen_that_plays_already_from_other_servers(tmp_path: Path) -> None:
    async with web_stage(tmp_path) as stage:
        assert await asyncio.to_thread(app.is_playing, stage.page.port)

    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
        writer.close()

    async with await asyncio.start_server(other, "127.0.0.1", 0) as server:
        assert not await asyncio.to_thread(app.is_playing, server.sockets[0].getsockname()[1])
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and does not listen
        assert not app.is_playing(bound.getsockname()[1])
    assert not app.is_playing(0)


def test_a_second_start_shows_the_page_of_the_first(monkeypatch: pytest.MonkeyPatch, opened: list[str]) -> None:
    monkeypatch.setattr(app, "is_playing", lambda port: port == 7345)
    done = CliRunner().invoke(main, ["jam", "--app", "--http-port", "7345"])
    assert done.exit_code == 0 and opened == ["http://127.0.0.1:7345/#app"], done.output


def test_an_app_that_does_not_start_says_why_in_the_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    monkeypatch.setattr(paths, "data", lambda: tmp_path)
    assert CliRunner().invoke(main, ["jam", "--app", "--mode", "<duett>"]).exit_code == 2
    page = tmp_path / "trouble.html"
    assert opened == [page.as_uri()] and "&lt;duett&gt;" in page.read_text(encoding="utf-8")
    opened.clear()
    assert CliRunner().invoke(main, ["jam", "--mode", "<duett>"]).exit_code == 2
    assert opened == []


def test_a_bundle_is_the_python_of_its_own_parts_and_of_no_others(tmp_path: Path) -> None:
    def started(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(ROOT / "tools" / "app" / "start.py"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    excerpts = started("-m", "livegen.journal.excerpts", str(tmp_path / "none.jsonl"), str(tmp_path / "a.mid"), "all")
    assert excerpts.returncode == 1 and "none.jsonl" in excerpts.stderr and "Usage" not in excerpts.stderr
    other = started("-m", "this")
    assert other.returncode == 2 and "Usage" in other.stderr and "Zen" not in other.stdout


def test_a_bundle_without_arguments_plays_as_an_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["livegen"])
    assert bundle.is_command() and sys.argv[1:] == ["jam", "--app"]
    monkeypatch.setattr(sys, "argv", ["livegen", "doctor"])
    assert bundle.is_command() and sys.argv[1:] == ["doctor"]


def test_in_a_bundle_the_guard_of_the_notes_is_the_bundle_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: started.append(command))
    second_process.SecondProcess(3).part()
    ((program, *arguments),) = started
    assert program == sys.executable and arguments[0] == "-m" and arguments[1] in bundle.PARTS and arguments[-1] == "3"


def test_the_programs_that_a_bundle_starts_load_the_systems_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/own")
    app.free_libraries()
    assert os.environ["LD_LIBRARY_PATH"] == "/own" and "LD_LIBRARY_PATH_ORIG" not in os.environ
