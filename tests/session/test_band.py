"""Several voices: the promises of one session hold for all of them together, whichever voices hear each other."""

import contextlib
import os
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from livegen.beat.transport import OWN, Grid
from livegen.errors import SettingsError
from livegen.events import Event, Heard, NoteOff, NoteOn, Prediction, TurnChange
from livegen.player.modes import MODES
from livegen.predictors.models import Untrained, load
from livegen.session import verbs, voices
from livegen.session.any_session import AnySession
from livegen.session.band import Band
from livegen.session.mixer import Mixer
from livegen.session.parts import PERFORMER, Part
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import check_order_and_pairs
from tests.support.performances import PERFORMANCES, drive, perform
from tests.support.phrases import phrase

NAMES = ("lead", "bass", "pad", "bell")


def part(name: str, *hears: str, **settings: object) -> Part:
    return Part(name, Untrained(), Settings.from_table(settings), hears)


def any_band(seed: int) -> Band:
    """Voices with random modes, ears and channels, of which some share one."""
    draw = random.Random(seed)
    parts = []
    for name in NAMES[: draw.randint(1, 4)]:
        others = [other for other in (PERFORMER, *NAMES) if other != name]
        hears = draw.sample(others, draw.randint(0, 3))
        settings = Settings(
            mode=draw.choice(list(MODES)), channel_out=draw.choice([1, 1, 2]), longest=draw.choice([0.5, 8])
        )
        parts.append(Part(name, Untrained(), settings, tuple(hears)))
    names = [part.name for part in parts]
    return Band([part._replace(hears=tuple(h for h in part.hears if h in (PERFORMER, *names))) for part in parts], seed)


def ons(out: Sequence[Event], channel: int | None = None) -> list[NoteOn]:
    return [event for event in out if isinstance(event, NoteOn) and channel in (None, event.channel)]


@pytest.mark.timeout(3600)
def test_the_promises_hold_for_any_band() -> None:
    played = 0
    for seed in range(PERFORMANCES // 2):
        events = perform(seed)
        out = drive(any_band(seed), events)
        check_order_and_pairs(out)
        played += len(ons(out))
        if seed % 5 == 0:
            assert out == drive(any_band(seed), events)
    assert played > 5 * PERFORMANCES  # one mode in six accompanies on drums, and few of these have a beat


def test_how_often_time_is_told_does_not_matter() -> None:
    for seed in range(30):
        events = perform(seed)
        assert drive(any_band(seed), events) == drive(any_band(seed), events, pause=0.013)


@pytest.mark.parametrize("mode", MODES)
def test_a_band_of_one_is_a_session(mode: str) -> None:
    for seed in range(10):
        events = perform(seed)
        alone = drive(Session(Untrained(), Settings(mode=mode), seed), events)
        assert drive(Band([part("lead", PERFORMER, mode=mode)], seed), events) == alone


def test_a_voice_hears_whom_it_is_told_to_hear_and_answers_the_first() -> None:
    """The lead plays by itself; the bass answers the lead, the pad the performer, and the bell hears nobody."""
    band = Band(
        [
            part("lead", PERFORMER, mode="call_and_response", channel_out=1),
            part("bass", "lead", mode="call_and_response", channel_out=2),
            part("pad", PERFORMER, "lead", mode="duet", channel_out=3),
            part("bell", mode="duet", channel_out=4),
        ],
        1,
    )
    out = drive(band, phrase(), tail=30.0)
    first = {channel: min((on.at for on in ons(out, channel)), default=None) for channel in (1, 2, 3, 4)}
    assert first[1] and first[2] and first[3] is not None
    assert first[3] < 1.0  # with the performer
    assert first[1] > 1.9  # after the phrase
    assert first[2] > max(on.at for on in ons(out, 1) if on.at < first[2])  # after the lead's
    assert first[4] is None
    check_order_and_pairs(out)


def test_an_overheard_voice_moves_what_is_expected_but_ends_no_phrase() -> None:
    def lead(*hears: str) -> list[NoteOn]:
        band = Band(
            [
                part("lead", *hears, mode="call_and_response", channel_out=1),
                part("drone", mode="autonomous", channel_out=2),
            ],
            3,
        )
        return ons(drive(band, phrase(), tail=8.0), 1)

    alone, together = lead(PERFORMER), lead(PERFORMER, "drone")
    assert alone and together  # a drone that never rests would keep a phrase open for ever
    assert [on.pitch for on in alone] != [on.pitch for on in together]


def test_voices_that_hear_each_other_do_not_set_each_other_off() -> None:
    names = NAMES
    parts = [part(name, *(other for other in names if other != name), mode="autonomous") for name in names]
    band = Band(parts, 1)
    out = band.advance(20.0)
    notes = ons(out)
    assert 4 * 10 < len(notes) < 4 * 20 * 8  # at most eight notes a second each
    check_order_and_pairs(out + band.panic(20.0))


def test_a_pitch_that_two_voices_hold_sounds_as_long_as_one_of_them_does() -> None:
    mixer = Mixer()
    lead, bass = NoteOn(1.0, 60, 90, 1, 101), NoteOn(1.5, 60, 80, 1, 102)
    assert mixer.mix([lead]) == [lead]
    assert mixer.mix([bass]) == [NoteOff(1.5, 60, 1, 101), bass]
    assert mixer.mix([NoteOff(1.7, 60, 1, 102)]) == []  # the lead still holds it
    assert mixer.mix([NoteOff(2.0, 60, 1, 101)]) == [NoteOff(2.0, 60, 1, 102)]
    assert mixer.mix([NoteOff(2.1, 60, 1, 99)]) == [NoteOff(2.1, 60, 1, 99)]  # of a note that did not pass here


def test_two_voices_that_meet_on_a_pitch_strike_it_once() -> None:
    mixer = Mixer()
    both = [NoteOn(1.0, 60, 90, 1, 1), NoteOn(1.0, 60, 80, 1, 2)]
    assert mixer.mix(both) == both[:1]
    assert mixer.mix([NoteOff(1.5, 60, 1, 1), NoteOff(2.0, 60, 1, 2)]) == [NoteOff(2.0, 60, 1, 1)]


def test_one_voice_changes_and_the_others_play_on() -> None:
    band = Band([part("lead", PERFORMER), part("bass", mode="autonomous", channel_out=2)], 1)
    out = band.advance(3.0)
    assert ons(out, 2)
    out += band.change("bass", lambda voice: voice.set_mode(MODES["duet"], 3.0), 3.0)
    assert [event for event in out if isinstance(event, TurnChange)][-1] == TurnChange(3.0, "performer", "bass")
    assert not ons(band.advance(6.0))
    assert not len(band.voice("bass").ledger)
    with pytest.raises(SettingsError, match=r"There is no voice 'flute'; there are lead, bass."):
        band.voice("flute")


def test_ears_change_while_playing() -> None:
    band = Band([part("lead", PERFORMER), part("bass", PERFORMER, mode="duet", channel_out=2)], 1)
    band.receive(NoteOn(0.5, 60, 90))
    assert ons(band.advance(2.0), 2)
    band.set_hears("bass", ["lead"], 2.0)
    assert band.hears("bass") == ("lead",)
    band.advance(20.0)
    band.receive(NoteOn(20.5, 60, 90))
    band.receive(NoteOff(20.6, 60))
    out = band.advance(20.9)
    assert not ons(out, 2)
    with pytest.raises(SettingsError, match="cannot hear 'flute'"):
        band.set_hears("bass", ["flute"], 21.0)
    with pytest.raises(SettingsError, match="leave it out"):
        band.set_hears("bass", ["bass"], 21.0)
    band.panic(21.0)


def test_each_voice_says_what_it_expects_and_the_first_at_once() -> None:
    band = Band([part("lead", PERFORMER), part("bass", PERFORMER), part("pad", "lead")], 1)
    at_once = band.receive(NoteOn(0.5, 60, 90, id=7))
    assert [(event.voice, event.id) for event in at_once if isinstance(event, Prediction)] == [("", 7)]
    assert band.next_due() == 0.5
    after = band.advance(0.5)
    assert [(event.voice, event.id) for event in after if isinstance(event, Prediction)] == [("bass", 7)]
    band.panic(1.0)


def test_panic_is_silence_until_the_performer_plays_and_then_all_wake() -> None:
    band = Band([part("lead", PERFORMER, mode="autonomous"), part("bass", mode="autonomous", channel_out=2)], 1)
    assert ons(band.advance(3.0), 2)
    band.panic(3.0)
    assert not ons(band.advance(8.0))
    band.receive(NoteOn(8.0, 60, 90))
    out = band.advance(12.0)
    assert ons(out, 1) and ons(out, 2)
    band.reset(12.0)
    assert band.advance(15.0)
    band.panic(15.0)


def test_promptly_plays_the_same() -> None:
    for seed in range(10):
        whole, prompt = any_band(seed), any_band(seed)
        a = drive(whole, perform(seed))
        b: list[Event] = []
        for event in perform(seed):
            b += _promptly(prompt, event.at)
            b += prompt.receive(event)
        end = prompt.now + 6.0
        b += _promptly(prompt, end)
        assert a == b + prompt.panic(end)


def _promptly(band: Band, end: float) -> list[Event]:
    out: list[Event] = []
    while (due := band.next_due()) is not None and due < end:
        out += band.advance(max(due, band.now), promptly=True)
    return out


MINUTES = float(os.environ.get("LIVEGEN_MINUTES", "1"))


UNDER_ALL: dict[str, Any] = {"harmonises": "every", "harmony": "third"}


def four() -> Band:
    """Four voices that differ in model, mode, channel and range, and of which no two hear the same."""
    voices = {
        "lead": ("folk", "call_and_response", 1, (60, 96), (PERFORMER, "bass")),
        "bass": ("markov", "duet", 2, (28, 52), ("lead", PERFORMER)),
        "pad": ("piano", "harmonise", 3, (48, 84), (PERFORMER,)),
        "drone": ("untrained", "autonomous", 4, (36, 60), ("bass", "lead", "pad")),
    }
    parts = [
        Part(
            name,
            load(model),
            Settings(mode=mode, channel_out=channel, lowest=lowest, highest=highest, longest=4.0, **UNDER_ALL),
            hears,
        )
        for name, (model, mode, channel, (lowest, highest), hears) in voices.items()
    ]
    return Band(parts, 7)


@pytest.mark.timeout(7200)
def test_four_voices_play_for_an_hour_and_nothing_hangs() -> None:
    """An hour in virtual time with LIVEGEN_MINUTES=60 (`make soak`); else a minute, of every sort of playing."""
    events: list[Heard] = []
    seed = 0
    while not events or events[-1].at < 60.0 * MINUTES:
        begin = events[-1].at + 4.0 if events else 0.0
        events += [replace(event, at=begin + event.at) for event in perform(seed)]
        seed += 1
    once = drive(four(), events, tail=30.0)
    check_order_and_pairs(once)
    by_channel = {channel: len(ons(once, channel)) for channel in (1, 2, 3, 4)}
    assert all(count > 4 * MINUTES for count in by_channel.values()), by_channel
    assert all(event.pitch in range(28, 97) for event in ons(once))
    assert once == drive(four(), events, tail=30.0)


def test_after_a_panic_in_mid_phrase_no_voice_has_anything_to_do() -> None:
    """A voice that listened, and was silenced before the phrase was over, no longer waits for its end."""
    band = Band([part("lead", PERFORMER), part("bass", PERFORMER, channel_out=2)], 1)
    band.receive(NoteOn(0.5, 60, 90))
    band.receive(NoteOff(0.6, 60))
    band.advance(0.7)
    assert band.next_due() is not None
    band.panic(0.7)
    assert band.next_due() is None


SECTIONS = "metre: 3/4\nstyle: {}\n[A]\n| C7 | F6 | Bdim7 |\n[B]\n| N.C. | E7alt | Am7/G Dm |\n"
CHANGES: tuple[tuple[Any, ...], ...] = (
    ("chart_text", SECTIONS.format("swing")), ("chart_text", SECTIONS.format("folk")), ("chart_text", ""),
    ("count_in",),
    ("transpose", 3.0), ("section", "B"), ("vamp", "A"), ("vamp",), ("panic",), ("stop",), ("reset",),
)  # fmt: skip


def a_trio(seed: int) -> AnySession:
    """A lead in some mode, and drums, bass and chords behind it."""
    settings = Settings(mode=list(MODES)[seed % len(MODES)], trades=1 + seed % 2, stays=1 + seed % 3, metre=3)
    declared = voices.with_parts([], settings, ["drums", "bass", "chords"])
    session = voices.assembled(declared, settings, lambda name: Untrained(), seed)
    if seed % 2:
        session.follow(Grid(0.0, 0.0, 0.35, OWN))
    return session


def test_a_trio_hangs_no_note_while_charts_change_under_way() -> None:
    by_channel: Counter[int] = Counter()
    for seed in range(max(6, PERFORMANCES // 12)):
        session, draw = a_trio(seed), random.Random(seed)
        out: list[Event] = []
        for event in perform(seed):
            out += session.advance_until(event.at)
            if draw.random() < 0.15:
                verb, *args = draw.choice(CHANGES)
                with contextlib.suppress(SettingsError):  # no chart is played
                    out += verbs.do(session, verb, session.now, args)
            out += session.receive(event)
        end = session.now + 8.0
        out += session.advance_until(end) + session.panic(end)
        check_order_and_pairs(out)
        by_channel.update(on.channel for on in ons(out))
    assert min(by_channel[channel] for channel in (1, 2, 3, 10)) > 10
