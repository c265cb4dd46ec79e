"""Chooses the MIDI program of each voice on every output, and again when another output comes."""

from livegen.events import ProgramChange
from livegen.midi.names import Ports
from livegen.midi.rig import Rig
from livegen.session.any_session import AnySession
from livegen.system import clock


class Programs:
    """Knows which programs were sent last, and to which outputs."""

    def __init__(self) -> None:
        self._sent: tuple[dict[int, int], Ports | None] = {}, None

    def check(self, session: AnySession, rig: Rig) -> None:
        """Send the programs that the voices want, if they or the outputs are others than when this was last called."""
        every = [voice.settings for voice in session.voices]
        wanted = {settings.channel_out: settings.program_out for settings in every if settings.program_out}
        here = wanted, rig.open_ports
        if here != self._sent:
            self._sent = here
            for channel, program in wanted.items():
                rig.send(ProgramChange(clock.now(), program, channel))
