"""The sonority: what is down, and what was let go within a beat, unless what is down is a chord."""

from livegen.events import NoteOff, NoteOn
from livegen.listening.performer import Performer
from livegen.listening.sonority import Sonority

C, E, G, D = (1 << each for each in (0, 4, 7, 2))


def test_what_was_let_go_within_a_beat_belongs_to_the_chord() -> None:
    sonority = Sonority()
    sonority.let_go(60, 1.0)
    sonority.let_go(76, 1.4)
    assert sonority.chord(G, 1.5, 0.5) == C | E | G
    assert sonority.chord(G, 1.6, 0.5) == E | G
    assert sonority.chord(0, 2.5, 0.5) == 0


def test_a_chord_that_is_down_is_the_chord() -> None:
    sonority = Sonority()
    sonority.let_go(62, 1.0)
    assert sonority.chord(C | E, 1.0, 0.5) == C | D | E
    assert sonority.chord(C | E | G, 1.0, 0.5) == C | E | G


def test_a_performer_is_heard_letting_go_and_a_copy_does_not_hear_it() -> None:
    performer = Performer()
    performer.hear_event(NoteOn(0.0, 64, 80), 2.0)
    copy = performer.copy()
    performer.hear_event(NoteOff(0.2, 64), 2.0)
    assert performer.sonority.chord(0, 0.3, 0.5) == E
    assert copy.sonority.chord(0, 0.3, 0.5) == 0
    performer.restore(copy)
    assert performer.sonority.chord(0, 0.3, 0.5) == 0
