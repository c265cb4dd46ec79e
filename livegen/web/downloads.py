"""The files that the page offers, as MIDI, ABC or JSON: the take, the last phrase, and journals, to be deleted too."""

import asyncio
import re
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from aiohttp import web

from livegen.journal.excerpts import FORMATS
from livegen.web.server_info import ServerInfo

MOST_JOURNALS = 200
DELETED = ".deleted"  # the ending that the files of a deleted session get: a slip on a stage can be undone
_MEDIA_TYPES = {ending.removeprefix("."): each.media_type for ending, each in FORMATS.items()}
_MADE = re.compile(rf"/(take|phrase)\.({'|'.join(_MEDIA_TYPES)})")
JOURNAL_NAME = re.compile(r"livegen-[\dT-]{1,40}", re.ASCII)
_JOURNAL = re.compile(rf"/journals/({JOURNAL_NAME.pattern})\.(jsonl|{'|'.join(_MEDIA_TYPES)})")
_LONGEST = 60.0  # seconds that a file may take to be made: the beat of a long session takes some
_MOST_WAITING = 4


class Downloads:
    """Makes the files, one at a time, in another process, so that they do not share the music's interpreter."""

    def __init__(self, server_info: ServerInfo) -> None:
        self._server_info = server_info
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def answer(self, path: str) -> web.StreamResponse | None:
        """The answer to a request for a path; None if it names none of the files."""
        if path == "/journals":
            return await asyncio.get_running_loop().run_in_executor(None, self._list)
        if found := _MADE.fullmatch(path):
            return await self._make(self._server_info.journal, found[1], found[2])
        if found := _JOURNAL.fullmatch(path):
            journal = self._server_info.journal.parent / f"{found[1]}.jsonl"
            if not journal.is_file():
                return _sorry(404, "There is no such journal.")
            if found[2] == "jsonl":
                return web.FileResponse(journal, headers=_headers(found[1], "jsonl"))
            return await self._make(journal, "all", found[2])
        return None

    async def delete(self, request: web.Request) -> web.Response:
        """The answer to a DELETE of /journals/NAME: its files end in DELETED now, or a sentence says why not."""
        found = _JOURNAL.fullmatch(f"{request.path}.jsonl")
        journal = self._server_info.journal.parent / f"{found[1]}.jsonl" if found else None
        if journal is None or not journal.is_file():
            return _sorry(404, "There is no such journal.")
        if journal == self._server_info.journal:
            return _sorry(409, "This session is being written; end it first.")
        try:
            await asyncio.get_running_loop().run_in_executor(None, _put_away, journal)
        except OSError as error:
            return _sorry(500, f"The journal cannot be renamed ({error.strerror}); delete the file yourself.")
        return web.Response(status=204)

    def _list(self) -> web.Response:
        playing = self._server_info.journal
        named = (
            path for path in playing.parent.glob("livegen-*.jsonl") if _JOURNAL.fullmatch(f"/journals/{path.name}")
        )
        found = sorted(named, reverse=True)[:MOST_JOURNALS]
        rows = []
        for path in found:
            try:
                about = path.stat()
            except OSError:  # gone meanwhile
                continue
            changed = datetime.fromtimestamp(about.st_mtime).astimezone().isoformat(timespec="seconds")
            row = {"name": path.stem, "path": str(path.absolute()), "bytes": about.st_size, "changed": changed}
            row["playing"] = path == playing
            rows.append(row)
        return web.json_response(rows, headers={"Cache-Control": "no-store"})

    async def _make(self, journal: Path, part: str, kind: str) -> web.Response:
        if self._waiting >= _MOST_WAITING:
            return _sorry(503, "Other files are being made; try again in a moment.")
        self._waiting += 1
        try:
            async with self._turn:
                done = await asyncio.get_running_loop().run_in_executor(None, _made, journal, part, kind)
        finally:
            self._waiting -= 1
        if isinstance(done, str):
            return _sorry(404, done)
        name, content = done
        return web.Response(body=content, headers=_headers(name, kind))


def _put_away(journal: Path) -> None:
    """Rename a journal, and the MIDI file of its session, so that nothing reads them. Raises OSError."""
    for path in (journal, journal.with_suffix(".mid")):
        if path.is_file():
            path.rename(path.with_name(path.name + DELETED))


def _made(journal: Path, part: str, kind: str) -> tuple[str, bytes] | str:
    """The file's name and content, or a sentence that says why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"take.{kind}"
        command = [sys.executable, "-m", "livegen.journal.excerpts", str(journal), str(target), part]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST, stdin=subprocess.DEVNULL)
            if done.returncode == 0:
                return done.stdout, target.read_bytes()
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"The file could not be made ({type(error).__name__})."
        return (done.stderr.strip().splitlines() or ["The file could not be made."])[-1]


def _headers(name: str, kind: str) -> dict[str, str]:
    plain = re.sub(r"[^A-Za-z0-9_-]", "-", name)
    return {
        "Content-Type": _MEDIA_TYPES.get(kind, "application/x-ndjson"),
        "Content-Disposition": f'attachment; filename="{plain}.{kind}"',
        "Cache-Control": "no-store",
    }


def _sorry(status: int, sentence: str) -> web.Response:
    return web.Response(status=status, text=f"{sentence}\n")
