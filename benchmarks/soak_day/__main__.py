"""A day of livegen in real time: real JACK, a page open, performers at random; a line a minute, and a report.

    python -m benchmarks.soak_day [--hours 24] [--folder build/soak] [--seed 1] [--pace 1]
    python -m benchmarks.soak_day --report FOLDER [--into docs/faults.md]

livegen plays through JACK with its dummy driver. Performers over MIDI and OSC play at random, ports are plugged and
pulled, every setting is swept, a browser opens the page, plays and leaves; a foreign program keeps account of what
sounds. FOLDER gets ``readings.tsv`` (a line a minute) and ``report.md`` (anew each minute, so a run that is cut off
has one, too), and the journal. Ctrl-C ends the run as its time does: then nothing may sound, and the journal is
replayed. ``--pace 0.2`` has the performers rest five times as long, for a machine that others need, too. The second
form prints the report of a run, or writes it into a document.
"""

import argparse
import datetime
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from benchmarks.parts.client import LOOPBACK
from benchmarks.soak_day import ears, hands, readings
from benchmarks.soak_day.child import Child
from benchmarks.soak_day.report import report
from benchmarks.soak_day.watch import Watch
from benchmarks.soak_day.wishes import Wishes
from livegen.journal import record
from livegen.journal.replay import Replay, sentence
from livegen.predictors import models
from livegen.settings import Settings
from livegen.training.model_card import put
from tests.support.jack import Jack, until
from tests.support.jam_process import Jam
from tests.support.page_stage import free_port

SERVER = "livegen-soak"
_PERIOD = 1024  # frames: the soak is to cost little
_TURN = 0.1  # seconds
_DEAF = 300.0  # seconds without a note at the listener, after which JACK is taken to hang
_QUIET = 30.0  # seconds in which all must have fallen silent


class Soak:
    """A livegen, all that plays with it, and what is written down."""

    def __init__(self, folder: Path, seed: int, pace: float, stack: ExitStack) -> None:
        self.folder = folder
        self.remarks: list[str] = []
        self._jack = Jack(_PERIOD, realtime=_may_be_first())
        self._jack.name = os.environ["JACK_DEFAULT_SERVER"] = SERVER
        self._jack.start()
        stack.callback(self._jack.stop)
        self._ears, self._hands = Child("ears", folder), Child("hands", folder, str(pace))
        for part in (self._ears, self._hands):  # their ports are to be there before livegen is
            stack.callback(part.end)
        until(lambda: {f"{hands.PLUGGED}:out", f"{ears.PLUGGED}:in"} <= set(self._listed()), 60.0, "ports are there")
        http, kept = free_port(), Settings()
        flags = ["--page", "on", "--http-port", str(http), "--late", str(kept.late), "--deadline", str(kept.deadline)]
        flags += ["--inputs", hands.PLUGGED, "--outputs", ears.PLUGGED, "--seed", str(seed)]
        self.player = Jam(folder, *flags)
        stack.callback(self.player.end)
        (folder / hands.READY).touch()
        self.wishes = Wishes(self.player.send, seed, pace)
        self._watch = Watch(self.player)
        self._jack_restarts = 0
        self._notes, self._notes_at = 0, time.monotonic()
        self.parts = [self._ears, self._hands, Child("visitor", folder, f"http://{LOOPBACK}:{http}/", str(pace))]
        stack.callback(self.parts[-1].end)
        self._began = time.monotonic()

    @staticmethod
    def _listed() -> list[str]:
        time.sleep(0.5)
        return subprocess.run(["jack_lsp"], capture_output=True, text=True, check=False).stdout.splitlines()

    def minute(self, over: Callable[[], bool]) -> None:
        """Play for a minute, and write it down."""
        end = time.monotonic() + 60.0
        while time.monotonic() < end and not over():
            self._watch.turn(_TURN)
            self.wishes.turn(time.monotonic())
        assert self.player.process.poll() is None, self.player.said()
        self._look_after()
        readings.write(self.folder / "readings.tsv", self._reading())
        self._watch.begin_minute()
        self.tell()

    def tell(self) -> None:
        """Write the report anew."""
        text = report(readings.read(self.folder / "readings.tsv"), self.remarks)
        beside = self.folder / "report.new"
        beside.write_text(f"{text}\n", encoding="utf-8")
        beside.replace(self.folder / "report.md")

    def _look_after(self) -> None:
        for part in self.parts:
            part.look_after()
        heard, now = self._ears.state().get("notes", 0), time.monotonic()
        if heard != self._notes:
            self._notes, self._notes_at = heard, now
        elif now - self._notes_at > _DEAF:
            self._jack.stop(signal.SIGKILL)
            self._jack.start()
            self._jack_restarts += 1
            self._notes_at = now
            for part in self.parts[:2]:
                part.restart()

    def _reading(self) -> readings.Reading:
        itself, said = readings.process(self.player.process.pid), self._watch.last
        own, counts = readings.children(self.player.process.pid), [part.state() for part in self.parts]
        guards = 0.0
        for pid in own:
            with suppress(OSError, KeyError):  # one that just ended
                guards += readings.process(pid).rss
        return readings.Reading(
            minute=(time.monotonic() - self._began) / 60,
            rss=itself.rss,
            guards=guards,
            descriptors=itself.descriptors,
            threads=itself.threads,
            children=len(own),
            processor=itself.processor,
            journal=sum(path.stat().st_size for path in self.folder.glob("*.jsonl")),
            log=sum(path.stat().st_size for path in self.folder.glob("*.log")),
            played=self._watch.played,
            late_p50=self._watch.middle,
            late_max=self._watch.latest,
            dropped=said.dropped if said else 0,
            passed_over=said.passed_over if said else 0,
            late_steps=said.late_steps if said else 0,
            trouble=self._watch.trouble,
            answer=self._watch.answer,
            unanswered=self._watch.unanswered,
            held_up=self.player.said().count("held up"),
            **{name: counts[0].get(name, 0) for name in ("notes", "sounding", "orphans")},
            plugged=sum(each.get("plugged", 0) for each in counts),
            asked=self.wishes.counts["asked"],
            **{name: counts[2].get(name, 0) for name in ("pages", "complaints")},
            restarted=self._jack_restarts + sum(part.restarts for part in self.parts),
            load=os.getloadavg()[0],
        )

    def finish(self) -> bool:
        """Everybody leaves, livegen ends; whether it ended well, nothing sounds, and the journal comes again."""
        self.wishes.end()
        for part in self.parts[1:]:
            part.end()
        code = self.player.end()
        end = time.monotonic() + _QUIET
        while (left := self._ears.state().get("sounding", 1)) and time.monotonic() < end:
            time.sleep(0.5)
        self._ears.end()
        self.remarks.append(f"livegen ended with code {code}; {left} notes sounded then.")
        self.tell()
        replay = Replay(record.read(self.player.journal()), models.load)
        replayed = replay.run()
        self.remarks[-1] += f" Its journal: {sentence(replay, replayed)}"
        self.tell()
        return code == 0 and not left and replayed.differs is None


def _may_be_first() -> bool:
    """Whether programs may ask for real-time priority here; this one does not."""
    ask = "import sys; from livegen.system import process; sys.exit(process.take_priority() is not None)"
    return subprocess.run([sys.executable, "-c", ask], check=False).returncode == 0


def play(hours: float, folder: Path, seed: int, pace: float) -> int:
    """The whole run; 0 if all went well."""
    folder.mkdir(parents=True)
    ended: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: ended.append(number))
    os.environ["XDG_DATA_HOME"] = os.environ["XDG_CONFIG_HOME"] = str(folder / "home")
    with ExitStack() as stack:
        soak = Soak(folder, seed, pace, stack)
        begun = datetime.datetime.now().astimezone()
        soak.remarks.append(f"Begun on {begun:%Y-%m-%d at %H:%M}, for {hours:g} hours, seed {seed}, pace {pace:g}.")
        end = time.monotonic() + 3600.0 * hours
        while not (ended or time.monotonic() >= end):
            soak.minute(lambda: bool(ended) or time.monotonic() >= end)
        return 0 if soak.finish() else 1


def main() -> int:
    """Play, or tell of a run that was."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--hours", type=float, default=24.0)
    options.add_argument("--folder", type=Path, default=Path("build/soak"))
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--pace", type=float, default=1.0)
    options.add_argument("--report", type=Path, help="tell of the run in this folder")
    options.add_argument("--into", type=Path, help="a document that takes its report, between two markers")
    given = options.parse_args()
    if given.report is None:
        return play(given.hours, given.folder, given.seed, given.pace)
    remarks = (given.report / "report.md").read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
    text = f"{report(readings.read(given.report / 'readings.tsv'), remarks)}\n"
    if given.into is None:
        sys.stdout.write(text)
    else:
        put(given.into, "soak-day", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
