"""A phrase through every MIDI output, and how long its notes take where an output is wired to an input."""

from statistics import median

from livegen.errors import PortError
from livegen.events import NoteOff, NoteOn, Received
from livegen.midi.rig import Rig
from livegen.system import clock

PHRASE = (60, 64, 67, 72, 67)
LENGTH, GAP = 0.25, 0.05  # seconds that a note lasts, and until the next
VELOCITY = 90


def play(rig: Rig) -> str:
    """Open the rig's ports, play the phrase, close them. Returns what was found out, as a sentence or two.

    Raises PortError for a port that cannot be opened, or if there is no output.
    """
    came: dict[int, list[float]] = {}

    def hear(event: Received, port: str) -> None:
        if isinstance(event, NoteOn):
            came.setdefault(event.pitch, []).append(event.at)

    rig.echo.window = 0.0  # its own notes are what it waits for
    rig.open(hear)
    took: list[float] = []
    try:
        for pitch in PHRASE:
            sent, before = clock.now(), len(came.get(pitch, []))
            rig.send(NoteOn(sent, pitch, VELOCITY))
            clock.rest(LENGTH)
            rig.send(NoteOff(clock.now(), pitch))
            clock.rest(GAP)
            took += [at - sent for at in came.get(pitch, [])[before:][:1]]
    finally:
        outputs = rig.open_ports[1]
        rig.close()
    if not outputs:
        raise PortError("There is no MIDI output to play a phrase to.")
    played = f"Five notes were played to {', '.join(outputs)}."
    if not took:
        return f"{played} To measure how long a note takes, wire an output to an input, and run this again."
    return f"{played} They came back {median(took) * 1e3:.1f} ms later, through the output and the input."
