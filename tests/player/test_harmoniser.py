"""Harmonise: notes below the performer's, in the scale that was detected, each as long as its key is held."""

from collections.abc import Sequence

import pytest

from livegen.errors import SettingsError
from livegen.events import SUSTAIN, ControlChange, Event, Heard, NoteOff, NoteOn, Prediction
from livegen.music.harmony import below
from livegen.player.modes import MODES
from livegen.predictors.models import Untrained, load
from livegen.session.session import Session
from livegen.settings import Settings

C_MAJOR = frozenset({0, 2, 4, 5, 7, 9, 11})


def session(model: str = "untrained", **settings: object) -> Session:
    return Session(load(model), Settings.from_table({"mode": "harmonise", **settings}), 1)


def hear(session: Session, events: Sequence[Heard]) -> list[Event]:
    """The events that come of it, with those that were due by then."""
    return [out for event in events for out in (*session.advance(event.at), *session.receive(event))]


def melody(pitches: Sequence[int], start: float = 0.0, length: float = 0.2) -> list[Heard]:
    events: list[Heard] = []
    for number, pitch in enumerate(pitches):
        at = start + 0.25 * number
        events += [NoteOn(at, pitch, 100), NoteOff(at + length, pitch)]
    return events


def sounds(out: Sequence[Event]) -> list[tuple[float, float, int]]:
    """Each note: from when, to when, which."""
    ends = {event.id: event.at for event in out if isinstance(event, NoteOff)}
    return [(event.at, ends[event.id], event.pitch) for event in out if isinstance(event, NoteOn)]


@pytest.mark.parametrize(
    ("pitch", "name", "expected"),
    [
        (64, "third", [60]),
        (65, "third", [62]),
        (60, "third", [57]),
        (64, "sixth", [55]),
        (67, "triad", [64, 60]),
        (64, "octave", [52]),
        (66, "third", [62]),  # outside the scale: the nearest to three and a half semitones below
        (1, "third", [0]),
        (0, "third", []),
        (0, "octave", []),
    ],
)
def test_what_goes_with_a_note(pitch: int, name: str, expected: list[int]) -> None:
    assert below(pitch, C_MAJOR, name) == expected


def test_in_a_scale_of_five_the_nearest_note_is_taken() -> None:
    assert below(67, frozenset({0, 2, 4, 7, 9}), "third") == [64]


def test_each_note_has_a_third_under_it_that_ends_with_it() -> None:
    heard = melody([60, 62, 64, 65, 67, 69, 71, 72, 76])
    out = hear(session(), heard)
    keys = [(on.at, on.at + 0.2, on.pitch) for on in heard if isinstance(on, NoteOn)]
    under = sounds(out)
    assert [(start, end) for start, end, _ in under] == [(start, end) for start, end, _ in keys]
    assert under[-1][2] == 72 and keys[-1][2] == 76
    assert {pitch - low for (_, _, pitch), (_, _, low) in zip(keys, under, strict=True)} <= {3, 4}
    assert sum(isinstance(event, Prediction) for event in out) == len(keys)


def test_the_scale_is_the_one_that_is_heard_unless_one_is_set() -> None:
    e_major = [64, 66, 68, 69, 71, 73, 75, 76]
    assert sounds(hear(session(), melody([*e_major, *e_major, 68])))[-1][2] == 64
    assert sounds(hear(session(), melody([*e_major, *e_major, 71])))[-1][2] == 68
    assert sounds(hear(session(scale="major", key="C"), melody([*e_major, *e_major, 71])))[-1][2] == 67


def test_the_pedal_keeps_what_the_keys_let_go() -> None:
    events: list[Heard] = [
        NoteOn(0.0, 64, 90),
        ControlChange(0.1, SUSTAIN, 127),
        NoteOff(0.2, 64),
        NoteOn(0.5, 67, 90),
        NoteOff(0.6, 67),
        ControlChange(1.0, SUSTAIN, 0),
    ]
    assert [end for _, end, _ in sounds(hear(session(), events))] == [1.0, 1.0]


def test_a_key_that_is_held_long_is_let_go_at_last() -> None:
    player = session(longest=2.0)
    out = player.receive(NoteOn(0.0, 64, 90)) + player.advance(5.0)
    assert [(start, end) for start, end, _ in sounds(out)] == [(0.0, 2.0)]
    assert not hear(player, [NoteOff(5.0, 64)])


@pytest.mark.parametrize("change", ["mode", "panic", "reset"])
def test_nothing_hangs_when_it_ends_under_a_held_key(change: str) -> None:
    player = session()
    out = player.receive(NoteOn(0.0, 64, 90))
    out += {
        "mode": lambda: player.set_mode(MODES["call_and_response"], 1.0),
        "panic": lambda: player.panic(1.0),
        "reset": lambda: player.reset(1.0),
    }[change]()
    assert [(start, end) for start, end, _ in sounds(out)] == [(0.0, 1.0)]


def test_two_keys_may_share_a_note_and_one_struck_again_ends_its_former() -> None:
    player = session(harmony="triad", scale="major")
    out = hear(
        player, [NoteOn(0.0, 64, 90), NoteOn(0.1, 67, 90), NoteOn(0.2, 67, 90), NoteOff(0.3, 64), NoteOff(0.4, 67)]
    )
    notes = sounds(out)
    assert [note for note in notes if note[2] == 60] == [(0.0, 0.1, 60), (0.1, 0.2, 60), (0.2, 0.4, 60)]
    assert [note for note in notes if note[2] == 57] == [(0.0, 0.3, 57)]  # with the E alone


def test_the_range_the_channel_and_the_velocity() -> None:
    player = session(lowest=62, channel_out=5, scale="major")
    (on,) = [event for event in player.receive(NoteOn(0.0, 64, 100)) if isinstance(event, NoteOn)]
    assert (on.pitch, on.channel, on.velocity) == (72, 5, 85)
    player.panic(1.0)


def test_the_model_chooses_if_it_knows_chords() -> None:
    def under(seed: int) -> list[int]:
        settings = Settings(mode="harmonise", harmony="model", temperature=0.5)
        player = Session(load("piano"), settings, seed)
        out = hear(player, melody([60, 64, 67, 72, 71, 67, 65, 64]))
        notes = sounds(out)
        assert all(end - start == pytest.approx(0.2) for start, end, _ in notes)
        return [pitch for *_, pitch in notes]

    assert len(under(1)) >= 6
    assert under(1) == under(1)
    assert len({tuple(under(seed)) for seed in range(4)}) > 1
    thirds = sounds(hear(session("folk", harmony="model", scale="major"), melody([64])))
    assert [pitch for *_, pitch in thirds] == [60]


def test_a_harmony_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match="choose third, sixth"):
        Settings().set("harmony", "ninth")
    settings = Settings()
    settings.set("harmony", "Thirds")
    assert settings.harmony == "third"


def test_it_is_heard_at_once() -> None:
    """The notes come before what the model says."""
    player = Session(Untrained(), Settings(mode="harmonise"), 1)
    out = player.receive(NoteOn(0.0, 64, 90))
    assert [type(event) for event in out] == [NoteOn, Prediction]
    player.panic(1.0)
