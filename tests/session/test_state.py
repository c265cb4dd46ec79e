"""The state as an instrument: a save is recalled bit for bit, a rewind forgets, a fader morphs between two slots."""

import asyncio
import gc
import itertools
import random
import weakref
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livegen.beat.transport import Grid
from livegen.errors import ModelError, SettingsError
from livegen.events import Event, Heard, NoteOff, NoteOn, Prediction, Remark
from livegen.journal import record
from livegen.journal.replay import Replay, header
from livegen.live.resources import Resources
from livegen.live.server import open_server
from livegen.live.slot_files import SlotFiles
from livegen.player import slots
from livegen.player.modes import Situation, Turn
from livegen.predictors import models
from livegen.predictors.encoding import PERFORMER, PLAYER, START, Encoding, Onset
from livegen.predictors.memory import EMPTY, Memory, hear_step, look_up, weigh_listening
from livegen.predictors.models import NetworkState, Untrained
from livegen.session import verbs
from livegen.session.band import Band
from livegen.session.parts import Part
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.system import clock
from tests.support.live_stage import Client
from tests.support.performances import perform
from tests.support.steady import SteadyTime
from tests.support.steady import steady as steady

load = cache(models.load)
few = settings(max_examples=15, deadline=None)


def only_listen(situation: Situation, settings: Settings) -> Turn:
    return Turn(listen=True, play=False, feed=True)


def listener(name: str = "folk", seed: int = 1, **given: Any) -> Session:
    # The mode is named as one in which both are listened to alike, for a file does not say to whom.
    session = Session(load(name), Settings(model=name, mode="continuation", **given), seed)
    session.set_mode(only_listen, 0.0)
    return session


def riff(start: float, pitches: Sequence[int], gap: float = 0.25) -> list[Heard]:
    events: list[Heard] = []
    for index, pitch in enumerate(pitches):
        at = start + index * gap
        events += [NoteOn(at, pitch, 80 + pitch % 20), NoteOff(at + 0.8 * gap, pitch)]
    return events


def play(session: Session, events: Sequence[Heard]) -> list[Event]:
    return [
        replace(event, id=0) if isinstance(event, Prediction) else event for e in events for event in session.receive(e)
    ]


def shown(thing: Any, seen: frozenset[int] = frozenset()) -> Any:
    """Everything that a part of a session consists of, to be compared."""
    if hasattr(thing, "__array__"):  # an array, or what a model makes when it is asked for
        return np.asarray(thing).dtype.str, np.asarray(thing).tolist()
    if isinstance(thing, Memory):
        return [shown(each, seen) for each in thing[:5]]  # it may lie on any buffer
    if isinstance(thing, tuple | list) or type(thing).__name__ == "deque":
        return [shown(each, seen) for each in thing]
    if isinstance(thing, dict):
        return {key: shown(value, seen) for key, value in thing.items()}
    if hasattr(thing, "__dict__") and type(thing).__module__.startswith("livegen."):
        return shown(vars(thing), seen)
    return thing


def whole(session: Session) -> Any:
    """All of a session that decides what it will play."""
    session.player.settle()
    here = session.place
    return shown(
        [here.line, here.composer, here.steps, session.player.progress.steps, session.performer, session.transport]
    )


# Saved and recalled


def test_a_slot_does_not_keep_a_model_loaded_that_is_played_no_more() -> None:
    model = models.load("folk")
    session = Session(model, Settings(), 1)
    play(session, riff(0.0, [60, 62, 64, 65]))
    verbs.do(session, "save", 2.0, [1])
    session.set_predictor(Untrained(), 3.0)
    session.surprises.clear()  # which are told soon
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None and session.slots[1].line.next_pitch


@few
@given(st.integers(0, 10_000), st.sampled_from(["folk", "piano", "markov"]), st.booleans())
def test_what_was_saved_is_recalled_bit_for_bit(seed: int, name: str, from_disk: bool) -> None:
    session = listener(name, seed)
    events = perform(seed, 60)
    play(session, events[:30])
    verbs.do(session, "save", session.now, [3])
    saved = session.place
    then = session.player.expected(session.now)
    play(session, events[30:])
    if from_disk:
        session.slots[3] = slots.unpack(slots.pack(session.slots[3]))
    (told,) = verbs.do(session, "recall", session.now, [3])
    assert isinstance(told, Prediction)
    assert (told.pitch, told.velocity) == (then.pitch, then.velocity)
    recalled = session.place
    assert shown(recalled.line.state) == shown(saved.line.state)
    assert shown(recalled.composer) == shown(saved.composer)
    assert recalled.line.next_gap == saved.line.next_gap and recalled.line.pitch == saved.line.pitch


@pytest.mark.parametrize("name", ["folk", "piano", "markov"])
def test_from_a_slot_the_same_notes_are_answered_the_same_again(name: str) -> None:
    """As often as it is recalled, with all that leads the player but the performer's hands."""
    session = listener(name, in_register=0.0, follow=0.0, touch=0.0, in_key=0.0)
    session.follow(Grid(0.0, 0.0, 0.5, source="clock"))
    play(session, riff(1.0, [60, 62, 64, 65, 67, 65, 64, 62]))
    verbs.do(session, "save", session.now, [1])
    answers = []
    for start in (4.0, 8.0, 12.0):  # bars begin there
        if start > 4.0:
            verbs.do(session, "recall", start - 0.5, [1])
        progress = session.player.progress
        progress.heard = progress.heard._replace(onset=start - 0.25)  # as long before as each time
        told = play(session, riff(start, [60, 64, 67, 72]))
        answers.append([(event.pitch, event.gap) for event in told if isinstance(event, Prediction)])
    assert len(answers[0]) == 4 and answers[0] == answers[1] == answers[2]
    assert shown(session.place.line.state) != shown(session.slots[1].line.state)


def test_an_empty_slot_and_one_that_is_not_there_are_refused_in_a_sentence() -> None:
    session = listener()
    for verb, number in (("recall", 2), ("clear", 2), ("save", 9), ("recall", 0)):
        with pytest.raises(SettingsError, match=r"Slot 2 is empty|There are slots 1 to 8"):
            verbs.do(session, verb, 1.0, [number])
    with pytest.raises(SettingsError, match="keeps no state"):
        verbs.do(Session(Untrained(), Settings()), "save", 1.0, [1])
    verbs.do(session, "save", 1.0, [2])
    verbs.do(session, "clear", 1.0, [2])
    assert not session.slots


def test_a_slot_of_another_model_gives_its_memory_and_says_so() -> None:
    session = listener("piano")
    play(session, riff(1.0, [60, 62, 64, 65]))
    verbs.do(session, "save", session.now, [1])
    session.set_predictor(load("folk"), session.now)
    session.forget()
    play(session, riff(3.0, [70]))
    before = session.place.line.state
    told = verbs.do(session, "recall", session.now, [1])
    assert [event.text for event in told if isinstance(event, Remark)] == [
        "Slot 1 was saved with another model: only its memory is taken."
    ]
    after = session.place.line.state
    assert np.array_equal(after.h, before.h)
    assert after.memory.onsets.size == 5 and before.memory.onsets.size == 1
    play(session, riff(5.0, [60, 62, 64]))


def test_a_model_with_a_state_of_its_own_kind_is_recalled_while_livegen_runs(tmp_path: Path) -> None:
    said: list[str] = []
    session = listener("carnatic", raga="mayamalavagowla")
    play(session, riff(1.0, [60, 61, 64, 65]))
    verbs.do(session, "save", session.now, [1])
    then = session.place.line.state
    play(session, riff(3.0, [67, 68]))
    verbs.do(session, "recall", session.now, [1])
    assert shown(session.place.line.state) == shown(then)
    store = SlotFiles(tmp_path / "slots", said.append)
    store.keep(1, session.slots[1])
    store.close()
    assert len(said) == 1 and "until livegen ends" in said[0] and not (tmp_path / "slots").exists()
    session.set_predictor(load("folk"), session.now)
    with pytest.raises(SettingsError, match="no memory that this one could take"):
        verbs.do(session, "recall", session.now, [1])


def test_a_player_that_plays_goes_on_from_the_slot_in_time() -> None:
    """Its next note comes when it was to come, and is the slot's."""
    session = Session(load("folk"), Settings(mode="autonomous"), 3)
    session.advance(8.0)
    verbs.do(session, "save", 8.0, [1])
    expected = session.slots[1].line.next_pitch
    session.advance(12.0)
    due = session.next_onset
    assert due is not None
    verbs.do(session, "recall", 12.0, [1])
    out = [event for event in session.advance(due) if isinstance(event, NoteOn)]
    assert [(on.at, on.pitch) for on in out] == [(due, expected)]
    session.panic(due)


# Between two slots


def test_morph_at_its_ends_is_the_slots_and_between_them_lies_between() -> None:
    session = listener()
    for number, pitches in ((1, [60, 62, 64, 65]), (2, [72, 71, 67, 60, 59])):
        session.reset(session.now)
        session.set_mode(only_listen, session.now)
        play(session, riff(session.now + 0.5, pitches))
        verbs.do(session, "save", session.now, [number])

    def morphed(share: float) -> NetworkState:
        session.settings.morph = share
        session.settings_changed(session.now)
        state = session.place.line.state
        assert isinstance(state, NetworkState)
        return state

    one, other = (session.slots[number] for number in (1, 2))
    for share, slot in ((1.0, other), (0.0, one), (1.0, other)):
        state = morphed(share)
        assert shown(state) == shown(slot.line.state)
        assert shown(session.place.composer) == shown(slot.composer)
        assert session.place.line.next_pitch == slot.line.next_pitch
    verbs.do(session, "recall", session.now, [1])
    plain = whole(session)
    morphed(0.5)
    morphed(0.0)
    assert whole(session) == plain
    quarter = morphed(0.25)
    assert np.allclose(quarter.h, 0.75 * one.line.state.h + 0.25 * other.line.state.h, atol=1e-6)
    assert shown(quarter.memory) == shown(one.line.state.memory)
    assert shown(morphed(0.75).memory) == shown(other.line.state.memory)
    play(session, riff(session.now + 0.5, [60, 62]))


def test_a_morph_without_its_slots_changes_nothing_and_says_which_is_missing() -> None:
    session = listener()
    play(session, riff(1.0, [60, 62, 64]))
    before = whole(session)
    session.settings.morph = 0.5
    (told,) = session.settings_changed(session.now)
    assert isinstance(told, Remark) and "Slot 1 is empty" in told.text
    assert whole(session) == before


# Rewound


@few
@given(st.integers(0, 10_000), st.integers(1, 8), st.integers(0, 59), st.sampled_from(["folk", "piano", "untrained"]))
def test_what_is_rewound_was_never_heard(seed: int, count: int, place: int, name: str) -> None:
    """Down to the last bit: what the model, the memory, the random state and all that follows the performer hold."""
    draw = random.Random(seed)
    events = perform(seed, 60)
    never, rewound = listener(name, seed), listener(name, seed)
    for session in (never, rewound):
        play(session, events[:place])
    at = rewound.now
    struck = {event.pitch for event in events if isinstance(event, NoteOn)}
    for _ in range(count):
        at += draw.choice([0.0, 0.01, 0.2])
        pitch = draw.choice([pitch for pitch in range(128) if pitch not in struck])  # struck twice at once it is one
        struck.add(pitch)
        play(rewound, [NoteOn(at, pitch, 90, 3)])
        if draw.random() < 0.6:
            play(rewound, [NoteOff(at, pitch, 3)])
    verbs.do(rewound, "rewind", at, [count])
    assert whole(rewound) == whole(never)
    late = [replace(event, at=max(event.at, at)) for event in events[place:]]
    assert play(rewound, late) == play(never, late)
    assert whole(rewound) == whole(never)


def test_what_was_let_go_after_the_notes_that_are_rewound_was_let_go() -> None:
    session = listener()
    session.receive(NoteOn(1.0, 60, 90))
    session.receive(NoteOn(1.2, 61, 90))
    session.receive(NoteOff(1.3, 60))
    verbs.do(session, "rewind", 1.4, [1])
    assert not session.performer.held


@few
@given(st.integers(0, 10_000), st.lists(st.integers(1, 90), min_size=1, max_size=6))
def test_rewinding_again_and_again_is_rewinding_once(seed: int, counts: list[int]) -> None:
    events = perform(seed, 150)
    once, often = listener("untrained", seed), listener("untrained", seed)
    for session in (once, often):
        play(session, events)
    verbs.do(once, "rewind", once.now, [sum(counts)])
    for count in counts:
        verbs.do(often, "rewind", often.now, [count])
    assert whole(once) == whole(often)


def test_beats_are_rewound_by_the_transport() -> None:
    session, other = listener(), listener()
    for each in (session, other):
        each.follow(Grid(0.0, 0.0, 0.5, source="clock"))
        play(each, riff(1.0, [60, 62, 64, 65, 67, 69], gap=0.5))
    verbs.do(session, "rewind", 3.6, [2.5, "beats"])  # 1.25 s: what was played at 2.5, 3 and 3.5
    verbs.do(other, "rewind", 3.6, [3])
    assert whole(session) == whole(other)
    assert session.performer.pulse.beat == 0.5 and session.transport.source == "clock"
    with pytest.raises(SettingsError, match="notes or beats"):
        verbs.do(session, "rewind", 4.0, [2, "bars"])


def test_a_player_forgets_its_own_notes_too_and_plays_on() -> None:
    session = Session(load("folk"), Settings(mode="autonomous"), 3)
    session.advance(12.0)
    count = session.place.line.state.memory.onsets.size
    verbs.do(session, "rewind", 12.0, [5])
    assert session.place.line.state.memory.onsets.size == count - 5
    assert [event for event in session.advance(16.0) if isinstance(event, NoteOn)]
    session.panic(16.0)


def test_a_band_is_saved_recalled_and_rewound_voice_by_voice() -> None:
    parts = [
        Part("lead", load("folk"), Settings(mode="autonomous")),
        Part("bass", load("piano"), Settings(mode="autonomous", channel_out=2), ("lead",)),
    ]
    band = Band(parts, 5)
    voices = [band.voice(name) for name in ("lead", "bass")]
    band.advance(12.0)
    verbs.do(band, "save", 12.0, [1])
    saved = [voice.place for voice in voices]
    band.advance(20.0)
    assert all(shown(voice.place) != shown(then) for voice, then in zip(voices, saved, strict=True))
    verbs.do(band, "recall", 20.0, [1])
    for voice, then in zip(voices, saved, strict=True):
        assert shown(voice.place.line.state) == shown(then.line.state)
    out = band.advance(28.0)
    counts = [voice.place.line.state.memory.onsets.size for voice in voices]
    verbs.do(band, "rewind", 28.0, [4])
    assert voices[0].place.line.state.memory.onsets.size == counts[0] - 4
    assert voices[1].place.line.state.memory.onsets.size < counts[1]
    out += band.advance(32.0)
    assert {event.channel for event in out if isinstance(event, NoteOn)} == {1, 2}
    verbs.do(band, "clear", 32.0, [1])
    assert not any(voice.slots for voice in voices)
    band.panic(32.0)


# The setting that weighs the performer's notes and the player's


def test_listened_to_evenly_a_memory_is_as_it_is_and_else_whose_notes_go_on_decides() -> None:
    encoding, table, last = Encoding(), hear_step(EMPTY, START), None
    for who, second in ((PERFORMER, 67), (PLAYER, 65), (PERFORMER, None)):
        for pitch, by in ((60, PERFORMER), (64, PERFORMER), *(((second, who),) if second else ())):
            onset = Onset(pitch, None if last is None else 0.5, last, who=by)
            table, last = hear_step(table, encoding.encode(onset)), pitch
    assert weigh_listening(table) is table

    def follows(listening: float) -> int:
        return look_up(table._replace(listening=listening)).common[8][0] - 33  # the interval after the longest match

    assert (follows(0.5), follows(0.0), follows(1.0)) == (1, 1, 3)


def test_the_setting_reaches_the_model() -> None:
    outs = []
    for share in (0.0, 0.5, 1.0):
        session = Session(load("folk"), Settings(mode="continuation", listen_to=share), 2)
        play(session, riff(0.5, [60, 62, 64, 60, 62, 64, 67, 65] * 3))
        outs.append([event for event in session.advance(40.0) if isinstance(event, NoteOn)])
        assert session.place.line.state.memory.listening == share
        session.panic(40.0)
    assert outs[0] != outs[1] != outs[2] != outs[0]


@pytest.mark.parametrize(("mode", "share"), [("call_and_response", 1.0), ("autonomous", 0.5), ("continuation", 0.5)])
def test_in_call_and_response_only_the_call_leads(mode: str, share: float) -> None:
    session = Session(load("folk"), Settings(mode=mode), 2)
    play(session, riff(0.5, [60, 62, 64]))
    assert session.place.line.state.memory.listening == share
    session.settings.set("call_leads", False)
    play(session, riff(session.now + 0.1, [60, 62, 64]))
    assert session.place.line.state.memory.listening == 0.5
    session.panic(40.0)


def test_an_answer_takes_up_the_beginning_of_its_call() -> None:
    """A figure that no model expects, twice: the answers to the second have its intervals, in the performer's keys."""
    figure = [60, 67, 65, 72, 64, 69, 60, 62]
    moves = [b - a for a, b in itertools.pairwise(figure)]
    found = {True: 0, False: 0}
    for leads, seed in itertools.product(found, range(12)):
        session = Session(load("folk"), Settings(call_leads=leads, ending="cut", candidates=1), seed)
        play(session, riff(0.5, figure))
        session.advance(8.0)
        play(session, riff(9.0, figure))
        own = [event.pitch for event in session.advance(16.0) if isinstance(event, NoteOn)]
        found[leads] += sum(b - a == move for (a, b), move in zip(itertools.pairwise(own), moves, strict=False))
        if leads:
            assert own[0] % 12 in {pitch % 12 for pitch in figure}
        session.panic(20.0)
    assert found[True] >= max(12, 3 * found[False]), found


# On disk


def test_slots_are_there_another_day_and_a_broken_one_is_passed_over(tmp_path: Path) -> None:
    said: list[str] = []
    session = listener()
    play(session, riff(1.0, [60, 62, 64, 65]))
    store = SlotFiles(tmp_path / "slots", said.append)
    for number in (1, 2, 5):
        verbs.do(session, "save", session.now, [number])
        store.keep(number, session.slots[number])
    store.keep(2, None)
    store.close()
    assert sorted(path.name for path in (tmp_path / "slots").iterdir()) == ["slot-1.npz", "slot-5.npz"]
    (tmp_path / "slots" / "slot-7.npz").write_bytes(b"PK nonsense")
    found = dict(SlotFiles(tmp_path / "slots", said.append).read())
    assert sorted(found) == [1, 5] and len(said) == 1 and "Slot 7" in said[0]
    again = slots.unpack(found[5])
    assert again.is_of(load("folk")) and shown(again) == shown(session.slots[5]._replace(line=again.line))
    assert shown(again.line.state) == shown(session.slots[5].line.state)


async def test_over_osc_a_slot_is_saved_recalled_on_the_beat_and_there_another_day(
    tmp_path: Path, steady: SteadyTime
) -> None:
    """Two evenings with the real server; the second is replayed, with the slot that was there before it began."""
    full: list[tuple[Any, ...]] = []
    for evening in (1, 2):
        now = clock.now()
        session = Session(load("folk"), Settings(osc_port=0, osc_target="none", tempo=240.0), evening, now)
        journal = record.Journal(tmp_path / str(evening), header(session, evening), clock.date(), now)
        slots_there = Resources(slots=tmp_path / "slots")
        server = await open_server(session, journal, lambda sentence: None, resources=slots_there)
        client = Client(server.osc_port)
        client.send("/livegen/listen")
        running = asyncio.create_task(server.run())
        if evening == 2:
            full.append(await client.receive("/livegen/out/slots"))
        for pitch in (60, 64, 67):
            client.send("/livegen/note", pitch, 90)
            await client.receive("/livegen/out/next")
        if evening == 1:
            client.send("/livegen/save", 4)
            full.append(await client.receive("/livegen/out/slots"))
            expected = session.slots[4].line
        else:
            bar = session.transport.next_beat(clock.now(), 2.0)
            client.send("/livegen/recall", 4, 2.0)
            _, pitch, _, velocity, _ = await client.receive("/livegen/out/next")
            assert -0.02 < clock.now() - bar < 0.6  # that bar, or the next if it came before the message
            assert (pitch, velocity) == (expected.next_pitch, expected.next_velocity)
            client.send("/livegen/rewind", 2, "notes")
            await client.receive("/livegen/out/next")
            client.send("/livegen/recall", 3)
            assert "Slot 3 is empty" in (await client.receive("/livegen/error"))[1]
        server.stop()
        await running
        client.socket.close()
    assert full == [(4,), (4,)]
    take = record.read(journal.path)
    replay = Replay(take, load)
    assert replay.run().differs is None
    assert shown(replay.session.place.line.state) == shown(session.place.line.state)
    assert {"slot", "recall", "rewind"} <= {change[0] for change in take.changes}


def test_a_disk_that_refuses_is_said_and_the_slot_stays(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "slots").write_text("a file, where a folder should be")
    store = SlotFiles(tmp_path / "slots", said.append)
    session = listener()
    verbs.do(session, "save", 0.0, [1])
    store.keep(1, session.slots[1])
    store.close()
    assert len(said) == 1 and "Slot 1 cannot be kept on disk" in said[0]


def test_a_damaged_slot_is_refused_or_read_whole() -> None:
    session = listener()
    play(session, riff(1.0, [60, 62, 64, 65]))
    good, draw = slots.pack(verbs.kept(session)), random.Random(3)
    refused = 0
    for _ in range(150):
        broken = bytearray(good)
        broken[draw.randrange(len(broken))] ^= 1 << draw.randrange(8)
        try:
            slot = slots.unpack(bytes(broken))
        except ModelError:
            refused += 1
            continue
        session.go_on_from(slot.seen_by(session.predictor, session.place.line), session.now)
        play(session, riff(session.now + 0.1, [60]))
    assert refused > 50


def drummed(recalled: bool) -> list[list[tuple[int, int]]]:
    """The hits (sixteenth, key) of a bar after a place was saved, and of one four bars later, recalled or not."""
    session, found = Session(load("folk"), Settings(mode="accompany", fills=0.0, humanise=0.0), 1), []
    session.follow(Grid(0.0, 0.0, 0.5, source="clock"))
    for line in (4.0, 12.0):
        for at in np.arange(line - 3.5, line - 0.1, 0.5):
            session.advance_until(float(at))
            session.receive(NoteOn(float(at), 64, 80))
            session.receive(NoteOff(float(at), 64))
        session.advance_until(line - 0.2)
        if line == 4.0:
            verbs.do(session, "save", line - 0.2, [1])
            session.slots[1] = slots.unpack(slots.pack(session.slots[1]))
        elif recalled:
            verbs.do(session, "recall", line - 0.2, [1])
        events = session.advance_until(line)
        for at in np.arange(line, line + 1.6, 0.5):
            events += [*session.receive(NoteOn(float(at), 64, 80)), *session.receive(NoteOff(float(at), 64))]
            events += session.advance_until(float(at) + 0.4)
        hits = [each for each in events if isinstance(each, NoteOn) and each.channel == 10]
        found.append([(round((each.at - line) / 0.125), each.pitch) for each in hits if each.at > line - 0.05])
    return found


def test_a_slot_keeps_the_drummers_place_in_its_groove() -> None:
    """From there it plays the same again, in time."""
    first, again = drummed(recalled=True)
    assert len(first) > 4 and again == first
    assert drummed(recalled=False)[1] != first
