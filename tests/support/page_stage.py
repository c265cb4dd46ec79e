"""A running livegen with its page, and the questions that tests ask of the page."""

import socket
from pathlib import Path

from tests.support.jack import until
from tests.support.jam_process import Jam

PLAYED = "livegen.score.notes.filter(note => note.who === 'player').length"


SOUNDING = "livegen.score.notes.filter(note => note.end === null).length"


LOUDEST = """seconds => new Promise(done => {
  let loudest = 0;
  const end = performance.now() + seconds * 1000;
  const look = () => {
    loudest = Math.max(loudest, livegen.sound.synth.level());
    if (performance.now() > end) done(loudest); else setTimeout(look, 20);
  };
  look();
})"""

# Whether it sounds within so many seconds.
LOUD = """seconds => new Promise(done => {
  const end = performance.now() + seconds * 1000;
  const look = () => {
    if (livegen.sound.synth.level() > 0.002) done(true);
    else if (performance.now() > end) done(false);
    else setTimeout(look, 20);
  };
  look();
})"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Stage:
    """A running livegen, its page's address, and a foreign OSC client of it."""

    def __init__(self, folder: Path, *flags: str, port: int = 0, midi: bool = False) -> None:
        self.port = port or free_port()
        folder.mkdir(exist_ok=True)
        self.jam = Jam(folder, "--page", "on", "--http-port", str(self.port), *flags, midi=midi)
        self.url = f"http://127.0.0.1:{self.port}/"
        until(lambda: self.url in self.jam.said(), what="the page's address is told")
