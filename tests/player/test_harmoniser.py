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
from tests.support.two_hands import BASS, stride

C_MAJOR = frozenset({0, 2, 4, 5, 7, 9, 11})


def session(model: str = "untrained", **settings: object) -> Session:
    return Session(load(model), Settings.from_table({"mode": "harmonise", "harmony": "third", **settings}), 1)


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
        player,
        [
            *(NoteOn(0.0, 64, 90), NoteOn(0.1, 67, 90), NoteOn(0.2, 67, 90), NoteOff(0.21, 67)),
            *(NoteOff(0.3, 64), NoteOff(0.4, 67)),
        ],
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
    with pytest.raises(SettingsError, match="choose fitting, third"):
        Settings().set("harmony", "ninth")
    settings = Settings()
    settings.set("harmony", "Thirds")
    assert settings.harmony == "third"
    with pytest.raises(SettingsError, match="top or every"):
        settings.set("harmonises", "bass")


def test_it_is_heard_at_once() -> None:
    """The notes come before what the model says."""
    player = Session(Untrained(), Settings(mode="harmonise", harmony="third"), 1)
    out = player.receive(NoteOn(0.0, 64, 90))
    assert [type(event) for event in out] == [NoteOn, Prediction]
    player.panic(1.0)


@pytest.mark.parametrize("harmony", ["third", "fitting"])
def test_of_the_keys_that_are_down_the_highest_is_followed(harmony: str) -> None:
    heard: list[Heard] = [
        *(NoteOn(0.0, 76, 90), NoteOn(0.5, 60, 90), NoteOn(1.0, 67, 90), NoteOff(1.5, 60), NoteOff(1.5, 67)),
        *(NoteOn(2.0, 79, 90), NoteOff(2.5, 79), NoteOff(2.5, 76)),
    ]
    under = sounds(hear(session(harmony=harmony, scale="major"), heard))
    assert [(start, end) for start, end, _ in under] == [(0.0, 2.5), (2.0, 2.5)]
    every = sounds(hear(session(harmony=harmony, scale="major", harmonises="every", lowest=0), heard))
    assert len(every) == 4 if harmony == "third" else len(every) > 2


@pytest.mark.parametrize(("late", "ends"), [(0.02, 0.02), (0.05, 0.5)])
def test_in_a_chord_that_is_rolled_the_harmony_moves_up(late: float, ends: float) -> None:
    heard: list[Heard] = [NoteOn(0.0, 67, 90), NoteOn(late, 76, 90), NoteOff(0.5, 67), NoteOff(0.5, 76)]
    under = sounds(hear(session(scale="major"), heard))
    assert under == [(0.0, ends, 64), (late, 0.5, 72)]


def fitting(heard: Sequence[Heard], **settings: object) -> list[tuple[float, float, int]]:
    return sounds(hear(session("untrained", harmony="fitting", **settings), heard))


@pytest.mark.parametrize(("chord", "expected"), [((48, 52, 55), 64), ((45, 48, 53), 69), ((44, 48, 51), 68)])
def test_the_chord_says_whether_it_is_a_third_or_a_sixth(chord: tuple[int, ...], expected: int) -> None:
    """Under C a sixth in C major, a third in F and in A flat."""
    heard: list[Heard] = [NoteOn(0.0, pitch, 80) for pitch in chord]
    heard += [NoteOn(0.5, 72, 90), *(NoteOff(1.0, pitch) for pitch in (72, *chord))]
    assert [pitch for start, _, pitch in fitting(heard) if start == 0.5] == [expected]


def test_nothing_sounds_until_the_key_is_known_but_notes_of_a_chord() -> None:
    a_flat = [68, 72, 75, 73, 72, 70, 68, 67, 68]
    under = fitting(melody(a_flat))
    assert [start for start, *_ in under] == [0.75, 1.0, 1.25, 1.5, 1.75, 2.0]
    assert {pitch % 12 for *_, pitch in under} <= {8, 10, 0, 1, 3, 5, 7}
    assert len(fitting(melody(a_flat), scale="major", key="G#")) == len(a_flat)
    keys = 56, 60, 75
    chord: list[Heard] = [NoteOn(at, pitch, 80) for at, pitch in zip((0.0, 0.5, 1.0), keys, strict=True)]
    assert fitting([*chord, *(NoteOff(2.0, pitch) for pitch in keys)]) == [(1.0, 2.0, 72)]


def test_the_key_is_that_of_what_was_played_before_the_mode() -> None:
    player = session(harmony="fitting", mode="call_and_response")
    hear(player, melody([68, 72, 75, 73, 72, 70, 68, 67, 68]))
    player.set_mode(MODES["harmonise"], 3.0)
    (on,) = [event for event in player.receive(NoteOn(3.5, 72, 90)) if isinstance(event, NoteOn)]
    assert on.pitch in (68, 67, 63)
    player.panic(4.0)


@pytest.mark.parametrize(("layers", "count"), [(True, 0), (False, 1)])
def test_a_left_hand_alone_is_not_thickened(layers: bool, count: int) -> None:
    heard = [*stride(bars=4), NoteOn(9.0, BASS + 12, 60), NoteOff(9.4, BASS + 12)]
    under = fitting(heard, layers=layers, lowest=24)
    assert len([start for start, *_ in under if start == 9.0]) == count
    melody = {on.at for on in heard if isinstance(on, NoteOn) and on.pitch > 60}
    assert len({start for start, *_ in under if start > 4.0} & melody) >= 7  # of eight


def test_a_melody_played_legato_is_harmonised_all_the_same() -> None:
    heard = melody([64, 65, 67, 69, 71, 72, 74, 76], length=0.3)
    under = fitting(sorted(heard, key=lambda event: event.at), scale="major")
    assert len(under) == 8


def test_it_is_below_the_melody_and_above_the_bass_and_does_not_clash() -> None:
    """A bass a fourth below leaves room for a third alone; one a third below for none."""
    for bass, expected in ((67, [69]), (69, []), (48, [64])):
        heard: list[Heard] = [NoteOn(0.0, bass, 80), NoteOn(0.1, 76, 90), NoteOff(0.4, 76), NoteOn(0.5, 72, 90)]
        heard += [NoteOff(1.0, 72), NoteOff(1.0, bass)]
        assert [pitch for start, _, pitch in fitting(heard, scale="major") if start == 0.5] == expected, bass


def test_what_a_pedal_keeps_is_no_chord_with_what_comes_at_once() -> None:
    keys: list[Heard] = [NoteOn(0.1, 64, 90), NoteOff(0.11, 64), NoteOn(0.12, 67, 90), NoteOff(0.5, 67)]
    heard = [ControlChange(0.0, SUSTAIN, 127), *keys, ControlChange(1.0, SUSTAIN, 0)]
    assert sounds(hear(session(scale="major"), heard)) == [(0.1, 1.0, 60), (0.12, 1.0, 64)]
