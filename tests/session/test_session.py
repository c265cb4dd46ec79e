"""The promises of the core, over random performances in every mode."""

import random
from collections import Counter
from collections.abc import Callable

import pytest

from livegen.errors import SettingsError
from livegen.events import SUSTAIN, ControlChange, Event, NoteOff, NoteOn, Prediction
from livegen.player.modes import MODES, Situation, Turn
from livegen.predictors.encoding import PERFORMER, PLAYER, Encoding, Onset, Step
from livegen.predictors.models import Forecast, State, Untrained, load
from livegen.session import verbs
from livegen.session.any_session import AnySession
from livegen.session.dry_run import DryRun
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.fixed_models import Chords
from tests.support.output import check_order_and_pairs, ons, turns
from tests.support.performances import PERFORMANCES, drive, perform, session, until
from tests.support.phrases import phrase
from tests.support.spies import Spy

encoding = Encoding()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mode", MODES)
def test_promises_hold_in_random_performances(mode: str) -> None:
    played = 0
    for seed in range(PERFORMANCES):
        events = perform(seed)
        out = drive(session(mode, seed), events)
        check_order_and_pairs(out)
        played += sum(isinstance(event, NoteOn) for event in out)
        heard = sum(isinstance(event, NoteOn) for event in events)
        assert sum(isinstance(event, Prediction) for event in out) == heard
        if seed % 10 == 0:
            assert out == drive(session(mode, seed), events)
    # A harmony sounds only under a top voice, and such music has hardly any.
    assert played > (1 if mode == "harmonise" else 5) * PERFORMANCES


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["folk", "piano"])
def test_promises_hold_with_models_that_remember(mode: str, name: str) -> None:
    """Their memory on, and now and then turned down, emptied, saved or recalled; and all of it replayed bit for bit."""
    model = load(name)
    for seed in range(max(1, PERFORMANCES // 30)):
        once, again = (remembering(Session(model, Settings(mode=mode), seed), seed) for _ in range(2))
        check_order_and_pairs(once)
        assert once == again


def remembering(session: Session, seed: int) -> list[Event]:
    """Play a random performance, and do something to the memory after every fifth note."""
    draw = random.Random(seed)
    out: list[Event] = []
    saved = verbs.kept(session)
    for count, event in enumerate(perform(seed)):
        out += until(session, event.at)
        out += session.receive(event)
        match draw.randrange(5) if count % 5 == 4 else None:
            case 0:
                session.forget()
            case 1:
                session.settings.memory = draw.random()
                out += session.settings_changed(session.now)
            case 2:
                saved = verbs.kept(session)
            case 3:
                out += session.go_on_from(saved, session.now)
    out += until(session, session.now + 6.0)
    return out + session.panic(session.now + 6.0)


@pytest.mark.parametrize("mode", MODES)
def test_how_often_time_is_told_does_not_matter(mode: str) -> None:
    for seed in range(20):
        events = perform(seed)
        assert drive(session(mode, seed), events) == drive(session(mode, seed), events, pause=0.013)


@pytest.mark.parametrize("mode", MODES)
def test_a_dry_run_changes_nothing(mode: str) -> None:
    events = perform(5)
    plain, rehearsed = session(mode), session(mode)
    dry_run = DryRun(rehearsed)
    out = []
    for event in events:
        dry_run.hear_release()
        assert isinstance(dry_run.hear_note()[0], Prediction)
        assert ons(dry_run.play_note())
        out += rehearsed.receive(event)
    assert out == [sent for event in events for sent in plain.receive(event)]
    assert plain.panic(99.0) == rehearsed.panic(99.0)


def test_promptly_sounds_the_same_but_before_the_next_note_is_prepared() -> None:
    spy = Spy()
    whole, prompt = session("autonomous"), session("autonomous", predictor=spy)
    out: list[Event] = []
    while prompt.now < 20.0:
        due = prompt.next_due()
        assert due is not None
        steps = len(spy.steps)
        sent = prompt.advance(due + 0.001, promptly=True)
        if ons(sent) and out:  # the very first is decided when it sounds
            assert len(spy.steps) == steps
        out += sent
    assert [event for event in out if event.at <= 19.0] == [event for event in whole.advance(20.0) if event.at <= 19.0]
    whole.panic(30.0), prompt.panic(30.0)


def test_another_seed_plays_otherwise() -> None:
    events = perform(3)
    assert drive(session("continuation", 1), events) != drive(session("continuation", 2), events)


def test_a_phrase_is_answered_once_and_for_about_its_length() -> None:
    settings = Settings(mode="call_and_response", exchange=False)
    out = drive(Session(Untrained(), settings, 1), phrase(), tail=12.0)
    (begin, start), (end, stop) = turns(out)
    assert (begin, end) == ("player", "performer")
    assert 1.95 < start < 3.0
    assert stop - start == pytest.approx(1.95, abs=0.1)
    assert ons(out)
    assert all(start <= note.at <= stop for note in ons(out))


def test_a_faster_performer_is_answered_sooner() -> None:
    slow = turns(drive(session("call_and_response"), phrase(gap=0.6)))[0][1] - (7 * 0.6 + 0.2)
    fast = turns(drive(session("call_and_response"), phrase(gap=0.12, length=0.1)))[0][1] - (7 * 0.12 + 0.1)
    assert fast < 0.5 < slow


def test_a_held_key_or_pedal_keeps_the_phrase_open() -> None:
    held = [*phrase(), NoteOn(2.0, 72, 90)]
    out = drive(session("call_and_response"), held, tail=5.0)
    assert not turns(out)
    assert turns(drive(session("call_and_response"), held, tail=15.0))  # but a lost note-off does not silence for ever


def test_the_player_gives_way_at_once() -> None:
    session_ = session("call_and_response")
    drive_until_playing = phrase()
    for event in drive_until_playing:
        session_.receive(event)
    while not len(session_.ledger):
        due = session_.next_due()
        assert due is not None
        session_.advance(due)
    out = session_.receive(NoteOn(session_.now + 0.01, 50, 90))
    assert any(isinstance(event, NoteOff) for event in out)
    assert not len(session_.ledger)
    assert not session_.playing


def test_lifting_the_pedal_does_not_interrupt_the_answer() -> None:
    events = [*phrase(), ControlChange(3.0, SUSTAIN, 127), ControlChange(3.2, SUSTAIN, 0)]
    assert turns(drive(session("call_and_response"), events)) == turns(drive(session("call_and_response"), phrase()))


def test_velocity_and_tempo_follow_the_performer() -> None:
    def answer(gap: float, velocity: int, length: float) -> list[NoteOn]:
        return ons(drive(session("continuation"), phrase(gap=gap, velocity=velocity, length=length), tail=20.0))

    soft, loud = answer(0.25, 30, 0.2), answer(0.25, 120, 0.2)
    assert {note.velocity for note in soft} == {30}
    assert {note.velocity for note in loud} == {120}
    assert len(answer(0.15, 90, 0.1)) > 1.5 * len(answer(0.45, 90, 0.3))
    staccato, legato = answer(0.25, 90, 0.05), answer(0.25, 90, 0.25)
    assert sum(n.duration for n in staccato) / len(staccato) < 0.5 * sum(n.duration for n in legato) / len(legato)


def test_the_prediction_is_what_is_played_when_the_performer_stops() -> None:
    out = drive(session("continuation"), phrase(), tail=3.0)
    expected = [event for event in out if isinstance(event, Prediction)][-1]
    assert ons(out)[0].pitch == expected.pitch


def test_a_chord_is_heard_as_a_chord_and_a_melody_as_a_melody() -> None:
    spy = Spy()
    session_ = session("call_and_response", predictor=spy)
    for at, pitch in ((1.0, 60), (1.008, 64), (1.015, 67), (1.5, 72), (2.0, 74)):
        session_.receive(NoteOn(at, pitch, 90))
        if at >= 1.5:
            session_.receive(NoteOff(at + 0.25, pitch))
    heard = spy.steps[1:]  # after START
    assert [encoding.beats[step.gap - 1] if step.gap else None for step in heard] == [None, 0.0, 0.0, 1.0, 1.0]
    assert [step.held for step in heard] == [1, 2, 3, 4, 4]  # classes: 1 is nothing held
    assert [step.interval and step.interval - 33 for step in heard] == [0, 4, 3, 5, 2]
    assert heard[-1].released == encoding.encode(Onset(60, released=0.5)).released
    assert {step.who for step in heard} == {PERFORMER}


def test_the_player_hears_itself_as_the_player() -> None:
    spy = Spy()
    drive(session("continuation", predictor=spy), phrase(), tail=8.0)
    assert {step.who for step in spy.steps[1:]} == {PERFORMER, PLAYER}


def test_a_polyphonic_model_plays_chords_within_the_polyphony() -> None:
    for most in (2, 6):
        settings = Settings(mode="autonomous", polyphony=most)
        out = drive(Session(Chords(), settings, 1), [], tail=6.0)
        check_order_and_pairs(out)
        sizes = Counter(Counter(note.at for note in ons(out)).values())
        assert set(sizes) == {min(3, most)}, sizes


def test_in_a_duet_the_player_sounds_while_the_performer_plays() -> None:
    out = drive(session("duet"), phrase(notes=40, gap=0.25), tail=1.0)
    assert sum(note.at < 10.0 for note in ons(out)) >= 10


def test_in_a_duet_notes_that_are_nearly_together_sound_together() -> None:
    events = phrase(notes=60, gap=0.23)
    played = ons(drive(session("duet"), events, tail=0.5))
    apart = [min(abs(note.at - on.at) for on in events if isinstance(on, NoteOn)) for note in played]
    assert not [gap for gap in apart if 0.005 < gap < 0.02]
    assert sum(gap <= 0.005 for gap in apart) > 5


def test_the_range_and_channel_are_kept() -> None:
    settings = Settings(mode="autonomous", lowest=60, highest=64, channel_out=5)
    out = drive(Session(Untrained(), settings, 1), phrase(), tail=10.0)
    assert {note.channel for note in ons(out)} == {5}
    assert all(60 <= note.pitch <= 64 for note in ons(out))


def test_only_the_wanted_channel_is_heard_but_a_held_key_is_always_released() -> None:
    session_ = session("continuation")
    assert not session_.receive(NoteOn(0.0, 40, 90, channel=10))  # drums
    assert session_.receive(NoteOn(0.1, 60, 90, channel=3))
    session_.settings.channel_in = 2
    assert not session_.receive(NoteOn(0.2, 62, 90, channel=3))
    session_.receive(NoteOff(0.3, 60, channel=3))
    assert not session_.performer.held
    assert session_.receive(NoteOn(0.4, 64, 90, channel=2))


def test_panic_silences_until_the_performer_plays() -> None:
    session_ = session("autonomous")
    session_.advance(5.0)
    session_.panic(5.0)
    assert session_.next_due() is None
    assert not ons(session_.advance(20.0))
    session_.receive(NoteOn(21.0, 60, 90))
    assert ons(session_.advance(25.0))
    session_.panic(25.0)


def test_reset_forgets() -> None:
    session_ = session("continuation")
    drive(session_, phrase())
    session_.reset(session_.now)
    assert not ons(session_.advance(session_.now + 30.0))


@pytest.mark.parametrize("change", [lambda s: s.set_mode(MODES["duet"], s.now), lambda s: s.reset(s.now)])
def test_no_note_hangs_when_the_mode_changes_while_it_sounds(change: Callable[[AnySession], list[Event]]) -> None:
    session_ = session("autonomous")
    out = session_.advance(3.0)
    out += change(session_)
    out += session_.advance(6.0)
    out += session_.panic(6.0)
    check_order_and_pairs(out)


def test_a_mode_that_looks_back_is_refused() -> None:
    def bad(situation: Situation, settings: Settings) -> Turn:
        return Turn(True, True, True, until=situation.now)

    with pytest.raises(SettingsError, match="until"):
        session("duet").set_mode(bad, 1.0)
    with pytest.raises(SettingsError, match="must return a Turn"):
        session("duet").set_mode(lambda situation, settings: None, 1.0)  # type: ignore[arg-type,return-value]


def test_a_new_model_goes_on_from_the_last_notes() -> None:
    session_ = session("duet")
    for event in phrase():
        session_.receive(event)
    session_.set_predictor(Untrained(), session_.now)
    assert ons(session_.advance(session_.now + 3.0))
    session_.panic(session_.now)


def test_what_was_due_before_a_change_still_sounds_when_it_was_due() -> None:
    session_ = session("autonomous")
    session_.advance(1.0)
    while session_.next_onset is None:
        session_.advance(session_.next_due() or 0.0, promptly=True)
    due = session_.next_onset
    out = session_.settings_changed(due + 0.001)
    assert [on.at for on in ons(out)] == [due]
    session_.panic(due + 1.0)


def test_a_first_note_waits_for_the_lead_and_no_other_does() -> None:
    plain, live = session("autonomous"), session("autonomous")
    live.lead = 0.005
    early, late = ons(plain.advance(5.0)), ons(live.advance(5.005))
    assert [on.at for on in late] == pytest.approx([on.at + 0.005 for on in early])
    plain.panic(6.0), live.panic(6.0)


def test_a_dry_run_takes_the_place_of_the_session() -> None:
    class Counted(Untrained):
        """Its state is how many notes led there."""

        def __init__(self) -> None:
            super().__init__()
            self.asked: list[State] = []

        def start(self) -> State:
            return 0

        def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
            self.asked.append(state)
            return state + 1, super().step(None, step)[1]

    model = Counted()
    session_ = session("call_and_response", predictor=model)
    dry_run = DryRun(session_)
    for event in phrase(notes=3):
        session_.receive(event)
        dry_run.hear_note()
    assert model.asked[-1] == 4  # after the start and three notes
