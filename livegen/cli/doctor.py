"""Checks what works on this machine, in sentences, and names the next thing to do."""

import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from livegen.cli import sound_check
from livegen.errors import LivegenError
from livegen.midi import rig
from livegen.midi.daw_ports import keyboards
from livegen.predictors import models
from livegen.predictors.encoding import START
from livegen.settings import Settings
from livegen.system import clock, process
from livegen.system.event_loop import Loop


@dataclass(frozen=True)
class Check:
    """One check. ``remedy``: the thing to do when it is not good; ``needed``: nothing plays without it."""

    name: str
    good: bool
    sentence: str
    remedy: str = ""
    needed: bool = False


@dataclass(frozen=True)
class Report:
    """All checks, in the order in which a musician would fix them."""

    checks: list[Check]

    @property
    def playable(self) -> bool:
        """Whether livegen can play at all."""
        return all(check.good for check in self.checks if check.needed)

    @property
    def next_step(self) -> str:
        """The next thing to do."""
        for check in sorted(self.checks, key=lambda check: not check.needed):
            if not check.good and check.remedy:
                return check.remedy
        return "livegen jam; open the page that it names, or play your keyboard: a phrase, then stop."

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON, for programs."""
        return {
            "checks": [asdict(check) for check in self.checks],
            "playable": self.playable,
            "next": self.next_step,
        }


def examine(data: Path, play: bool = False) -> Report:
    """Make all checks; ``data`` is the user's folder for models and journals. ``play``: also a phrase, aloud."""
    settings = Settings()
    places = [_model(settings, data), _osc(settings), _midi(), _keyboard(), _journal(data / "journals")]
    return Report([*places, *([_sound(settings)] if play else []), _timers(), _precedence()])


def _model(settings: Settings, data: Path) -> Check:
    try:
        model = models.load(settings.model, data / "models")
    except LivegenError as error:
        return Check("model", False, str(error), "livegen train folk", needed=True)
    state, took = model.start(), []
    for _ in range(200):
        began = clock.now()
        state, _ = model.step(state, START)
        took.append(clock.now() - began)
    return Check("model", True, f"{model.name} answers in {median(took) * 1e6:.0f} µs.", needed=True)


def _osc(settings: Settings) -> Check:
    port = settings.osc_port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return Check(
                "osc",
                False,
                f"UDP port {port} is taken, perhaps by another livegen.",
                f"livegen jam --osc-port {port + 10}",
                needed=True,
            )
    return Check("osc", True, f"UDP port {port} is free.", needed=True)


def _midi() -> Check:
    system = rig.find_system()
    good = system.name != "none"
    return Check("midi", good, system.sentence, "" if good else "Use OSC, or set up MIDI as said above.")


def _sound(settings: Settings) -> Check:
    try:
        sentence = sound_check.play(rig.Rig(rig.find_system(), settings.inputs, settings.outputs, lambda told: None))
    except LivegenError as error:
        return Check("sound", False, str(error), "Mend that, then livegen doctor --play.")
    return Check("sound", True, sentence)


def _keyboard() -> Check:
    system = rig.find_system()
    found, _ = keyboards(rig.list_ports(system).inputs, system.name)
    sentence = f"livegen will hear {', '.join(found)}." if found else "No MIDI keyboard is plugged in."
    return Check("keyboard", bool(found), sentence, "Plug in a MIDI keyboard, or send notes from a DAW or over OSC.")


def _journal(folder: Path) -> Check:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return Check("journal", False, f"{folder}: {error.strerror}.", "livegen jam --journal FOLDER")
    good = os.access(folder, os.W_OK)
    return Check("journal", good, f"Sessions are kept in {folder}.", "" if good else "livegen jam --journal FOLDER")


def _precedence() -> Check:
    refused = process.take_priority()
    return Check("precedence", refused is None, refused or "livegen may run before other programs.")


def _timers() -> Check:
    late = median(_lateness(20))
    return Check(
        "timers", late < 0.002, f"Notes are sent {late * 1e3:.2f} ms after they are due.", "Close other programs."
    )


def _lateness(times: int) -> list[float]:
    """The lateness of an idle event loop's timers, in seconds."""
    clock.sharpen_timers()
    loop = Loop()
    late: list[float] = []

    def ring(due: float) -> None:
        late.append(clock.now() - due)
        if len(late) == times:
            loop.stop()
        else:
            loop.call_at(due + 0.005, ring, due + 0.005)

    first = loop.time() + 0.005
    loop.call_at(first, ring, first)
    try:
        loop.run_forever()
    finally:
        loop.close()
    return late
