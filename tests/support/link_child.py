"""Runs livegen, SuperCollider and another program as peers of one Link session, and prints how far apart they are.

It is a program of its own, for it is run in a network of its own: Link speaks to every interface there is.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from livegen.journal import record
from livegen.live.server import open_server
from livegen.osc import packets
from livegen.predictors.models import Untrained
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.system import clock
from livegen.system.event_loop import Loop

PEER = """
import asyncio, os, socket, struct, sys
from aalink import Link
async def main():
    link, to = Link(90.0), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.enabled = True
    while True:
        await asyncio.sleep(0.02)
        text = b"/peer\\0\\0\\0,iff\\0\\0\\0\\0" + struct.pack(">iff", link.num_peers, link.tempo, link.beat)
        to.sendto(text, ("127.0.0.1", int(os.environ["LINK_TEST_PORT"])))
asyncio.run(main())
"""


class Listener(asyncio.DatagramProtocol):
    """Records each peer's answer next to livegen's own at that time."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.complete = asyncio.Event()  # SuperCollider sees both others
        self.heard: dict[str, list[tuple[int, float, float]]] = {"/sc": [], "/peer": []}

    def datagram_received(self, data: bytes, addr: Any) -> None:
        now = clock.now()
        transport = self.session.transport
        for message in packets.decode(data, 0.0):
            peers, tempo, beat = (float(each) for each in message.args)  # type: ignore[arg-type]
            apart = transport.beat_at(now) - beat
            late = (apart - round(apart)) * transport.beat
            self.heard[message.address].append((int(peers), tempo - transport.tempo, late))
            if message.address == "/sc" and peers >= 2:
                self.complete.set()


async def main() -> None:
    """Ten seconds in which the tempo is changed by livegen once."""
    settings = Settings(osc_port=0, osc_target="none", model="untrained", link=True, page=False)
    now = clock.now()
    session = Session(Untrained(), settings, 1, now)
    with tempfile.TemporaryDirectory() as folder:
        journal = record.Journal(Path(folder), {}, clock.date(), now)
        server = await open_server(session, journal, lambda sentence: None)
        running = asyncio.create_task(server.run())
        loop = asyncio.get_running_loop()
        endpoint, listener = await loop.create_datagram_endpoint(lambda: Listener(session), local_addr=("127.0.0.1", 0))
        environment = dict(os.environ, LINK_TEST_PORT=str(endpoint.get_extra_info("sockname")[1]))
        scd = Path(__file__).with_name("link_clock.scd")
        none = subprocess.DEVNULL
        quiet: dict[str, Any] = {"stdin": none, "stdout": none, "stderr": none, "env": environment}
        children = [
            await asyncio.create_subprocess_exec("sclang", str(scd), **quiet),
            await asyncio.create_subprocess_exec(sys.executable, "-c", PEER, **quiet),
        ]
        try:
            async with asyncio.timeout(60.0):
                await listener.complete.wait()
            server.commands.set("tempo", 97.0)
            await asyncio.sleep(1.5)
            for heard in listener.heard.values():
                heard.clear()
            await asyncio.sleep(2.0)
        finally:
            for child in children:
                child.terminate()
            said = {
                name: {
                    "peers": max((row[0] for row in rows), default=0),
                    "tempo": max((abs(row[1]) for row in rows), default=999.0),
                    # Of what came soonest: a busy machine makes the rest later than it was said.
                    "phase": statistics.quantiles((row[2] for row in rows), n=10)[0] if len(rows) > 1 else 999.0,
                    "spread": statistics.pstdev(row[2] for row in rows) if rows else 999.0,
                }
                for name, rows in listener.heard.items()
            }
            grid = session.transport.grid
            sys.stdout.write(json.dumps({"tempo": session.transport.tempo, "source": grid.source, **said}) + "\n")
            endpoint.close()
            server.stop()
            await running


if __name__ == "__main__":
    clock.sharpen_timers()
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(main())
