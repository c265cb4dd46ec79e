"""Checks the ports, the disk and the lateness of notes at intervals while livegen plays."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from livegen.errors import PortError
from livegen.journal.record import Journal
from livegen.live.absent import NoRig
from livegen.live.programs import Programs
from livegen.live.stage import Stage
from livegen.system import clock

LOOK_EVERY = 0.5  # seconds between looks at the ports
TELL_EVERY = 0.9  # seconds between numbers of how things stand: two looks
SYNC_EVERY = 2.0  # seconds between syncs of the journal

logger = logging.getLogger(__name__)


async def look_after(stage: Stage) -> None:
    """Look every half second until cancelled. A fault of one look is reported, and does not end the looking."""
    output = stage.output
    synced = told = clock.now()
    programs = Programs()
    while True:
        await asyncio.sleep(LOOK_EVERY)
        try:
            for sentence in output.rig.check():
                stage.say(sentence)
            output.tell_ports()
            if not isinstance(output.rig, NoRig):
                programs.check(stage.session, output.rig)
            if clock.now() - told >= TELL_EVERY:
                told = clock.now()
                output.tell_health(stage.journal.refused)
            if clock.now() - synced >= SYNC_EVERY:
                synced = clock.now()
                await _keep(stage.journal, stage.say)
                output.tell_lateness()
        except Exception as error:
            logger.exception("looking after the ports and the disk")
            output.tell_error(PortError(f"The ports could not be looked after ({error!r}); livegen tries again."))


async def _keep(journal: Journal, say: Callable[[str], None]) -> None:
    journal.flush(retry=True)
    with contextlib.suppress(OSError):
        await asyncio.get_running_loop().run_in_executor(None, journal.sync)
    if journal.trouble:
        say(journal.trouble)
        journal.trouble = None
