"""The note under a melody note, by what else is down."""

from collections.abc import Sequence

import pytest

from livegen.events import NoteOff, NoteOn
from livegen.listening.performer import Performer
from livegen.player.limits import Limits
from livegen.player.second_voice import SecondVoice
from livegen.settings import Settings


def under(melody: Sequence[int], held: Sequence[int] = (), legato: bool = False, **settings: object) -> list[list[int]]:
    """What sounds under each note of a melody in C major, while these keys are down."""
    chosen, performer = Settings.from_table({"scale": "major", **settings}), Performer()
    voice = SecondVoice(performer, chosen, Limits(chosen, performer.left_hand, lambda: performer.voicing))
    for key in held:
        performer.hear_event(NoteOn(0.0, key, 80), 2.0)
    found: list[list[int]] = []
    for number, pitch in enumerate(melody):
        performer.hear_event(NoteOn(1.0 + number, pitch, 80), 2.0)
        found.append(voice.below(pitch))
        if not legato:
            performer.hear_event(NoteOff(1.3 + number, pitch), 2.0)
    return found


def test_it_does_not_clash_with_the_bass() -> None:
    assert under([76]) == [[72]]
    assert under([69], [47]) == [[64]]  # over B no F


def test_it_doubles_no_key() -> None:
    assert under([72, 76], legato=True)[1] not in ([72], [])


@pytest.mark.parametrize(("lowest", "expected"), [(67, [67]), (68, [])])
def test_it_adds_no_second_to_a_chord(lowest: int, expected: list[int]) -> None:
    assert under([72], [48, 52, 55], lowest=lowest) == [expected]


def test_it_is_led_by_steps_where_it_may_be() -> None:
    """Under E alone there is a third; after a note near the sixth, that."""
    assert under([76]) == [[72]]
    assert under([67, 69, 76])[2] == [67]
