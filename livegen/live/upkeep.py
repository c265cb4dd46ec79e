"""Looks after what may fail during a show: ports that come and go, the disk, the lateness of notes."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from livegen.errors import PortError
from livegen.journal.record import Journal
from livegen.live.output import Output
from livegen.midi.rig import Rig
from livegen.system import clock

LOOK_EVERY = 0.5  # seconds between looks at the ports
SYNC_EVERY = 2.0  # seconds between syncs of the journal

logger = logging.getLogger(__name__)


async def look_after(rig: Rig | None, journal: Journal, out: Output, say: Callable[[str], None]) -> None:
    """Until cancelled. A fault of one look is told, and does not end the looking."""
    synced = clock.now()
    while True:
        await asyncio.sleep(LOOK_EVERY)
        try:
            for sentence in rig.check() if rig is not None else []:
                say(sentence)
            out.tell_ports()
            if clock.now() - synced >= SYNC_EVERY:
                synced = clock.now()
                await _keep(journal, say)
                out.tell_lateness()
        except Exception as error:
            logger.exception("looking after the ports and the disk")
            out.tell_error(PortError(f"The ports could not be looked after ({error!r}); livegen tries again."))


async def _keep(journal: Journal, say: Callable[[str], None]) -> None:
    journal.flush(retry=True)
    with contextlib.suppress(OSError):
        await asyncio.get_running_loop().run_in_executor(None, journal.sync)
    if journal.trouble:
        say(journal.trouble)
        journal.trouble = None
