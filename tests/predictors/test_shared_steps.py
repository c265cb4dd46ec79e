"""Steps that voices share: only the very same one is, and it is what the voice itself would have come to."""

from livegen.predictors import models
from livegen.predictors.encoding import START, Encoding, Onset, Step
from livegen.predictors.models import NetworkPredictor
from livegen.predictors.protocol import NetworkState, begun_again, detached, listening
from livegen.session.band import Band
from livegen.session.parts import Part
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import ons
from tests.support.phrases import phrase

ENCODING = Encoding()


def note(pitch: int) -> Step:
    return ENCODING.encode(Onset(pitch, 0.5, 60, 80, 0.8, 0))


def folk() -> NetworkPredictor:
    found = models.load("folk")
    assert isinstance(found, NetworkPredictor)
    return found


def played(model: NetworkPredictor) -> NetworkState:
    state, _ = model.step(model.start(), START)
    for pitch in (60, 62, 60, 62, 64):
        state, _ = model.step(state, note(pitch))
    return state


def test_the_same_step_is_made_once() -> None:
    model = folk()
    state = played(model)
    found = model.step(state, note(65))
    again = state._replace(memory=state.memory._replace(listening=state.memory.listening))  # another voice's
    assert model.step(again, note(65)) is found
    assert model.step(listening(state, 1.0), note(65)) is model.step(listening(state, 1.0), note(65))


def test_another_step_is_not_shared() -> None:
    model = folk()
    state = played(model)
    found = model.step(state, note(65))
    others = listening(state, 1.0), begun_again(state, 2), detached(state), state._replace(c=state.c + 1)
    assert all(model.step(other, note(65)) is not found for other in others)
    assert model.step(state, note(66)) is not found
    assert model.step(state, note(65), 0.5) is not found


def test_a_trial_makes_its_own_steps_so_that_it_keeps_the_caches_warm() -> None:
    model = folk()
    trial = detached(played(model))
    assert model.step(trial, note(65)) is not model.step(trial, note(65))


def test_a_shared_step_is_to_the_bit_what_the_voice_would_have_come_to() -> None:
    model = folk()
    state = played(model)
    found, forecast = model.step(state, note(65))
    alone, own = model.step(detached(state), note(65))
    assert found.h.tobytes() == alone.h.tobytes() and found.c.tobytes() == alone.c.tobytes()
    assert found.memory.lengths.tobytes() == alone.memory.lengths.tobytes()
    assert forecast.gap.tobytes() == own.gap.tobytes() and forecast.pitch[3].tobytes() == own.pitch[3].tobytes()


def band(model: NetworkPredictor) -> Band:
    return Band([Part(name, model, Settings(channel_out=1 + number)) for number, name in enumerate("abc")], 1)


def test_voices_that_hear_the_same_hold_one_state() -> None:
    voices = band(folk())
    for event in phrase():
        voices.advance_until(event.at)
        voices.receive(event)
    assert len({id(voice.player.progress.heard.state.h) for voice in voices.voices}) == 1


def test_voices_that_share_steps_answer_as_if_they_were_alone() -> None:
    answers: list[list[int]] = []
    for session in (band(folk()), Session(folk(), Settings(), 1)):
        out = [event for each in phrase() for event in (*session.advance_until(each.at), *session.receive(each))]
        out += session.advance_until(20.0) + session.panic(20.0)
        answers.append([on.pitch for on in ons(out) if on.channel == 1])
    assert answers[0] == answers[1] != []
