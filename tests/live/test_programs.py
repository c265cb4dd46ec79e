"""Tests of programs: chosen once on each output, and again when a voice or an output is another."""

from unittest.mock import create_autospec

from livegen.events import ProgramChange
from livegen.live.programs import Programs
from livegen.midi.names import Ports
from livegen.midi.rig import Rig
from livegen.predictors.models import Untrained
from livegen.session import voices
from livegen.settings import Settings


def test_programs_are_chosen_when_they_or_the_outputs_change() -> None:
    settings = Settings()
    declared = voices.with_parts([], settings, ["bass", "chords"])
    session = voices.assembled(declared, settings, lambda name: Untrained(), 1)
    rig = create_autospec(Rig, instance=True)
    rig.open_ports = Ports([], ["synth"])
    programs = Programs()

    def sent() -> list[tuple[int, int]]:
        programs.check(session, rig)
        events = [call.args[0] for call in rig.send.call_args_list]
        rig.send.reset_mock()
        assert all(isinstance(event, ProgramChange) for event in events)
        return [(event.channel, event.program) for event in events]

    assert sent() == [(2, 33), (3, 1)]
    assert sent() == []
    rig.open_ports = Ports([], ["synth", "another"])
    assert sent() == [(2, 33), (3, 1)]
    session.voice("bass").settings.program_out = 34
    assert sent() == [(2, 34), (3, 1)]
