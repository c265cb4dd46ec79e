"""The examples for Pure Data and SuperCollider, opened in the real programs, steer a live server."""

import asyncio
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.live_stage import Client, Stage
from tests.support.live_stage import stage as stage
from tests.support.parts import require
from tests.support.places import EXAMPLES
from tests.support.waiting import PATIENCE


async def started(*command: str, **environment: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env=os.environ | environment,
    )


async def heard(client: Client, address: str, wanted: Any) -> None:
    async with asyncio.timeout(60.0):
        while (await client.receive(address, within=60.0)) != (wanted,):
            pass


async def test_pure_datas_sliders_buttons_and_modes(stage: Stage) -> None:
    require("pd")
    sent = (
        f"livegen-port {stage.server.osc_port}",
        "livegen-temperature 1.5",
        "livegen-memory 0.25",
        "livegen-mode 2",
        "livegen-cue bang",
        "livegen-panic bang",
    )
    options = [word for message in sent for word in ("-send", message)]
    patch = str(EXAMPLES / "puredata" / "steer.pd")
    pd = await started("pd", "-nogui", "-noaudio", "-nomidi", "-noprefs", *options, patch)
    try:
        await heard(stage.client, "/livegen/temperature", 1.5)
        await heard(stage.client, "/livegen/memory", 0.25)
        await heard(stage.client, "/livegen/mode", "duet")
        assert "There are no cues" in (await stage.client.receive("/livegen/error"))[1]
        async with asyncio.timeout(PATIENCE):
            while not stage.server.session.hushed:  # noqa: ASYNC110 (a panic sets no event)
                await asyncio.sleep(0.01)
    finally:
        pd.kill()
        await pd.wait()


async def test_supercolliders_bundles_patterns_and_ramps(stage: Stage, tmp_path: Path) -> None:
    require("sclang")
    blocks = (EXAMPLES / "supercollider" / "steer.scd").read_text()
    script = tmp_path / "all.scd"
    # A musician evaluates block by block; here one comes after the other.
    found = re.findall(r"^\($(.*?)^\)$", blocks, re.DOTALL | re.MULTILINE)
    assert len(found) == 3
    script.write_text("".join(f"{{{block}}}.value;\n" for block in found))
    quiet = {
        "QT_QPA_PLATFORM": "offscreen",
        "QTWEBENGINE_DISABLE_SANDBOX": "1",
        "LIVEGEN_PORT": str(stage.server.osc_port),
    }
    sclang = await started("sclang", str(script), **quiet)
    try:
        await heard(stage.client, "/livegen/highest", 72)
        await heard(stage.client, "/livegen/mode", "duet")
        await heard(stage.client, "/livegen/temperature", pytest.approx(1.3))
        settings = stage.server.settings
        assert (settings.lowest, settings.touch, settings.follow) == (48, 0.5, 0.5)
    finally:
        sclang.kill()
        await sclang.wait()
