"""Files that are dropped on the page: music is played to livegen as the performer's, a chart is played over."""

import asyncio
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from aiohttp import web

from livegen.files import dropped
from livegen.files.dropped import Dropped
from livegen.files.performance import LARGEST
from livegen.web.server_info import ServerInfo

PLAY, CHART, DROP = "/play", "/chart", "/drop"
PLACES = {PLAY: dropped.MUSIC, CHART: dropped.CHART, DROP: dropped.EITHER}  # and what is taken there
_LONGEST = 30.0  # seconds that a file may take to be read
_SLOWEST = 30.0  # seconds that it may take to arrive
_TOO_LARGE = f"The file is larger than {LARGEST // 2**20} MiB; cut it into smaller files."


class Uploads:
    """Takes one file at a time, and reads it in another process, so that the music does not wait."""

    def __init__(self, server_info: ServerInfo) -> None:
        self._server_info = server_info
        self._busy = False

    async def take(self, request: web.Request) -> web.Response:
        """The answer to a POST of a file's bytes, to /play?name=NAME say: what is played, or a sentence why not."""
        if self._busy:
            return _sorry(503, "Another file is being read; try again in a moment.")
        self._busy = True
        try:
            content = await _content(request)
            if content is None:
                return _sorry(413, _TOO_LARGE)
            name = request.query.get("name", "")
            wanted = PLACES[request.path]
            done = await asyncio.get_running_loop().run_in_executor(None, _read, wanted, name, content)
        except TimeoutError:
            return _sorry(408, "The file did not arrive in time; drop it again.")
        finally:
            self._busy = False
        if isinstance(done, str):
            return _sorry(422, done)
        return web.json_response(self._play(done))

    def _play(self, found: Dropped) -> dict[str, Any]:
        """Play it. Returns what is said of it."""
        if found.chart is not None:
            self._server_info.play_chart(found.chart)
            about = {"chart": found.chart.title, "bars": len(found.chart.bars), "key": found.chart.key.name}
            return {**about, "charts": found.charts}
        music = found.performance
        self._server_info.play_file(music.events)
        return {"notes": music.notes, "seconds": round(music.seconds, 3), "passed_over": music.passed_over}


async def _content(request: web.Request) -> bytes | None:
    """The body; None if it is too large, of which no more is read. Raises TimeoutError."""
    found = bytearray()
    async with asyncio.timeout(_SLOWEST):
        async for chunk in request.content.iter_any():
            found += chunk
            if len(found) > LARGEST:
                return None
    return bytes(found)


def _read(wanted: str, name: str, content: bytes) -> Dropped | str:
    """The file's music or chart, or a sentence that says why there is none."""
    plain = re.sub(r"[^\w .()-]", "-", Path(name.replace("\\", "/")).name).strip(". ")[-60:] or "file"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / plain
        command = [sys.executable, "-m", "livegen.files.dropped", wanted, str(path)]
        try:
            path.write_bytes(content)
            done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST, stdin=subprocess.DEVNULL)
            if done.returncode == 0:
                return dropped.parsed(done.stdout)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"The file could not be read ({type(error).__name__})."
        return (done.stderr.strip().splitlines() or ["The file could not be read."])[-1]


def _sorry(status: int, sentence: str) -> web.Response:
    return web.Response(status=status, text=f"{sentence}\n")
