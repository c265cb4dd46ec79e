"""Foreign OSC clients. Each plays the same part against a server's UDP port and reports what it was answered.

The part: /livegen/listen; four notes (60 62 64 67, velocities 91 to 94, ids 1 to 4), each released; temperature set to
0.75 by a pattern, and asked for; after ``stay`` seconds /livegen/panic.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.support.parts import require
from tests.support.waiting import PATIENCE

HERE = Path(__file__).parent
PITCHES = (60, 62, 64, 67)
Answer = tuple[Any, ...]  # address, then arguments: numbers as float


def free_port() -> int:
    """A UDP port that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


async def pure_data(server: int, stay: float) -> list[Answer]:
    """Pure Data: every number it sends is a float."""
    require("pd")
    sent = (f"server {server}", f"own {free_port()}", f"stay {stay * 1000 + 700:.0f}", "start bang")
    options = ["-nogui", "-noaudio", "-nomidi", "-noprefs", "-nrt", "-stderr"]
    for message in sent:
        options += ["-send", message]
    printed = await _run("pd", *options, str(HERE / "performer.pd"), seconds=stay + PATIENCE)
    lines = [line.removeprefix("heard: list ").split() for line in printed if line.startswith("heard: list livegen ")]
    return [_joined(words) for words in lines]


def _joined(words: list[str]) -> Answer:
    """Pd takes an address apart at its slashes; only its length in words tells arguments from it."""
    length = 3 if words[1] == "out" else 2
    return ("/" + "/".join(words[:length]), *map(_argument, words[length:]))


async def supercollider(server: int, stay: float) -> list[Answer]:
    """SuperCollider's language: its notes come as bundles dated 0.2 s ahead."""
    require("sclang")
    quiet = {
        "QT_QPA_PLATFORM": "offscreen",
        "QTWEBENGINE_DISABLE_SANDBOX": "1",
        "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox",
    }
    own = str(free_port())
    script = str(HERE / "performer.scd")
    printed = await _run("sclang", script, str(server), own, f"{stay * 1000:.0f}", seconds=stay + 2 * PATIENCE, **quiet)
    heard = (line.removeprefix("heard: ").split() for line in printed if line.startswith("heard: /livegen/"))
    return [(words[0], *map(_argument, words[1:])) for words in heard]


async def liblo(server: int, stay: float) -> list[Answer]:
    """liblo's tools, one process a message: the C library under many programs."""
    require("oscsend")
    require("oscdump")
    own = free_port()
    dump = await asyncio.create_subprocess_exec(
        "stdbuf", "-oL", "oscdump", str(own), stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL
    )
    try:
        await _until_taken(own)
        await _play_with_oscsend(server, own, stay)
    finally:
        dump.terminate()
    printed = (await dump.communicate())[0].decode().splitlines()
    # A line: time tag, address, type tags, arguments.
    heard = (line.split()[1:] for line in printed)
    return [(words[0], *map(_argument, words[2:])) for words in heard]


async def _play_with_oscsend(server: int, own: int, stay: float) -> None:
    async def say(*message: str) -> None:
        await _run("oscsend", "127.0.0.1", str(server), *message, seconds=PATIENCE)

    await say("/livegen/listen", "i", str(own))
    for id, pitch in enumerate(PITCHES, 1):
        for velocity in (90 + id, 0):
            await say("/livegen/note", "iiii", str(pitch), str(velocity), "1", str(id))
            await asyncio.sleep(0.06)
    await say("/livegen/temp?rature", "d", "0.75")
    await say("/livegen/temperature")
    await asyncio.sleep(stay)
    await say("/livegen/panic")
    await asyncio.sleep(0.2)


async def _until_taken(port: int) -> None:
    """Wait until a peer has opened its port."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                try:
                    sock.bind(("0.0.0.0", port))
                except OSError:
                    return
            await asyncio.sleep(0.02)


async def _run(*command: str, seconds: float, **environment: str) -> list[str]:
    """The lines that a program prints until it ends; it is killed if it does not end in time."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ | environment,
    )
    try:
        printed, _ = await asyncio.wait_for(process.communicate(), seconds)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return printed.decode(errors="replace").splitlines()


def _argument(word: str) -> float | str:
    try:
        return float(word)
    except ValueError:
        return word.strip('"')


Peer = Callable[[int, float], Awaitable[list[Answer]]]
PEERS: dict[str, Peer] = {"pd": pure_data, "sclang": supercollider, "liblo": liblo}
