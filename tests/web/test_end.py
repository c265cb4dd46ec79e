"""The page's button that ends livegen, where it was started as an app."""

import asyncio
import json
from pathlib import Path

from tests.support.waiting import PATIENCE
from tests.support.web_stage import web_stage


async def test_a_page_of_this_machine_ends_the_app_and_hears_where_the_music_is(tmp_path: Path) -> None:
    async with web_stage(tmp_path, ends=True) as stage:
        refused, _, _ = await stage.get("/end", method="POST", Origin="http://elsewhere.example")
        looked_at, _, _ = await stage.get("/end")
        assert (refused, looked_at) == (403, 404) and not stage.running.done()
        status, _, body = await stage.get("/end", method="POST")
        assert (status, json.loads(body)) == (200, {"kept": str(tmp_path)})
        async with asyncio.timeout(PATIENCE):
            await stage.running


async def test_no_page_ends_a_session_of_a_terminal(tmp_path: Path) -> None:
    async with web_stage(tmp_path) as stage:
        status, _, body = await stage.get("/end", method="POST")
        assert status == 403 and b"Ctrl-C" in body
        assert (await stage.get("/?HOST_INFO"))[0] == 200 and not stage.running.done()
