"""What an output owes is ended by what ``releases`` says, whatever was sent before; a reference judges."""

import pytest

from livegen.midi.owed import Owed
from tests.support.sounding import Reference, sequence


@pytest.mark.parametrize("seed", range(200))
def test_releases_end_all_that_sounds(seed: int) -> None:
    owed, reference = Owed(), Reference()
    for _, message in sequence(seed, length=60):
        owed.take(message)
        reference.take(message)
        assert reference.down <= {pitch for _, pitch in owed.sounding}, "a key that is down is owed"
    releases = owed.releases()
    for message in releases:
        reference.take(message)
        owed.take(message)
    assert not reference.sounding and not len(owed)


def test_bends_and_pressure_come_to_rest_and_pedals_lift_before_notes_end() -> None:
    owed = Owed()
    for message in ("90 3c 50", "b0 40 7f", "e1 00 20", "d0 30", "a0 3c 11", "c0 05", "f8", "e2 00 20", "e2 00 40"):
        owed.take(bytes.fromhex(message))
    assert [message.hex(" ") for message in owed.releases()] == [
        "b0 40 00",
        "80 3c 00",
        "e1 00 40",
        "d0 00",
        "a0 3c 00",
        "b0 7b 00",
    ]


def test_it_grows_no_further_than_there_are_keys() -> None:
    owed = Owed()
    for number in range(100_000):
        owed.take(bytes((0x90 | number % 16, number % 128, 1)))
    assert len(owed) <= 16 * 128 and len(owed.releases()) <= 16 * 128 * 16 + 16
