"""Waiting until something holds, as long as a slow machine needs."""

import asyncio
from collections.abc import Callable
from typing import Any

PATIENCE = 60.0  # seconds; a test that passes never waits so long


async def until(holds: Callable[[], Any], seconds: float = PATIENCE, what: str = "it happens") -> None:
    """Let the loop go on until something holds; fail after so many seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not holds():
        assert loop.time() < end, f"waited {seconds} s in vain until {what}"
        await asyncio.sleep(0.002)
