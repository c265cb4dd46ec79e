"""A session in a raga: the pitches of an answer follow arohana and avarohana, and it ends on Sa at sam."""

import os
import random
from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise

import numpy as np
import pytest

from livegen.beat.transport import Grid
from livegen.events import Event, Heard, NoteOff, NoteOn
from livegen.music import raga
from livegen.music.raga import Raga
from livegen.player.modes import MODES
from livegen.predictors.encoding import PERFORMER, PLAYER, START, Encoding, Onset, Step
from livegen.predictors.models import Predictor, Untrained, load
from livegen.predictors.protocol import Forecast
from livegen.predictors.varisai import VarisaiPredictor, VarisaiState
from livegen.predictors.varisai_network import HOLD, Array, lessons
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import check_order_and_pairs, ons
from tests.support.performances import drive, perform, until
from tests.support.phrases import varisai
from tests.support.places import MODELS
from tests.support.spies import Spy as Spied

PERFORMANCES = int(os.environ.get("LIVEGEN_PERFORMANCES", "200"))
RAGAS = ("Mayamalavagowla", "Malahari", "Arabhi", "Bilahari", "Hindolam", "Suddha Saveri", "65", "22")
VAKRA = ("Kathanakuthuhalam", "Kedaram", "Nalinakanti", "Ritigowla", "Sahana", "Sri")


@pytest.fixture(scope="module")
def carnatic() -> VarisaiPredictor:
    model = load("carnatic")
    assert isinstance(model, VarisaiPredictor)
    return model


def sung(way: str, semitones: Sequence[int]) -> list[int]:
    """A way through more sthayis than anybody plays, in semitones above the middle Sa."""
    octave = [semitones["srgmpdn".index(letter.lower())] + 12 * letter.isupper() for letter in way.split()]
    sthayis = range(-5, 6) if way.startswith("s") else range(5, -6, -1)
    return [semitone for semitone, _ in groupby(step + 12 * sthayi for sthayi in sthayis for step in octave)]


def leads(way: Sequence[int], before: int, pitch: int) -> bool:
    """Whether one comes after the other somewhere on the way, before it turns."""
    for start in (index for index, each in enumerate(way) if each == before):
        for there, after in pairwise(way[start:]):
            if (after > there) != (pitch > before):
                break
            if after == pitch:
                return True
    return False


class Line:
    """Follows what is heard and played, and judges each note of the player by the raga's ways."""

    def __init__(self, found: Raga, tonic: int, mode: str = "") -> None:
        self._line = mode != "harmonise"  # whose notes go with the performer's, and are no line of their own
        self._up, self._down = ({found.semitones[degree] for degree in way} for way in (found.arohana, found.avarohana))
        self._tonic = tonic
        ways = raga.JANYA[found.name][1:] if found.name in VAKRA else ()
        self._ways = [[tonic + step for step in sung(way, found.semitones)] for way in ways]
        self._before: int | None = None
        self.played = self.turned = 0

    def hear(self, event: Heard) -> None:
        if isinstance(event, NoteOn):
            self._before = event.pitch

    def judge(self, out: Sequence[Event]) -> None:
        for on in ons(out):
            way = self._up | self._down
            if self._line and self._before is not None and on.pitch != self._before:
                if not self._ways:
                    way = self._up if on.pitch > self._before else self._down
                elif ways_on := self._ways_on(self._before):  # otherwise the range ends there
                    assert on.pitch in ways_on, f"{on} after {self._before}"
                    self.turned += 1
            assert (on.pitch - self._tonic) % 12 in way, f"{on} after {self._before}"
            self._before = on.pitch
            self.played += 1

    def _ways_on(self, before: int) -> set[int]:
        """The pitches that a vakra raga leads to, within the player's range and sthayis."""
        high = min(97, self._tonic + 36)
        return {
            pitch
            for pitch in range(max(36, self._tonic - 24), high)
            if any(leads(way, before, pitch) for way in self._ways)
        }


def play(session: Session, line: Line, events: Sequence[Heard]) -> list[Event]:
    """All that sounds; each note is judged as it comes."""
    everything: list[Event] = []
    for event in events:
        out = until(session, event.at)
        heard = session.receive(event)
        line.judge(out + heard)
        line.hear(event)
        everything += out + heard
    out = until(session, session.now + 6.0)
    line.judge(out)
    return everything + out + session.panic(session.now + 6.0)


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("model", ["untrained", "carnatic"])
def test_no_pitch_lies_outside_the_raga_in_any_performance(model: str, carnatic: VarisaiPredictor) -> None:
    """Nor against its ways: up by the arohana, down by the avarohana."""
    played = 0
    for seed in range(PERFORMANCES):
        draw = random.Random(seed)
        found, tonic = raga.find(draw.choice(RAGAS)), draw.choice(["C3", "D3", "Bb3", "F#4"])
        settings = Settings(
            mode=draw.choice(list(MODES)), raga=found.name, tonic=tonic, tala=draw.choice(["adi", "off"])
        )
        line = Line(found, raga.tonic(tonic), settings.mode)
        session = Session(carnatic if model == "carnatic" else Untrained(), settings, seed)
        check_order_and_pairs(play(session, line, perform(seed)))
        played += line.played
    assert played > 8 * PERFORMANCES


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("model", ["untrained", "carnatic", "folk"])
def test_a_vakra_raga_turns_in_any_performance(model: str, carnatic: VarisaiPredictor) -> None:
    """After a svara comes only one that follows it in the arohana or the avarohana, whatever the performer plays."""
    loaded: Predictor = carnatic if model == "carnatic" else Untrained() if model == "untrained" else load(model)
    judged: Counter[str] = Counter()
    for seed in range(max(24, PERFORMANCES // 6)):
        draw = random.Random(seed)
        found, tonic = raga.find(VAKRA[seed % len(VAKRA)]), draw.choice(["C3", "D3", "Bb3"])
        mode = draw.choice([mode for mode in MODES if mode != "harmonise"])
        line = Line(found, raga.tonic(tonic), mode)
        settings = Settings(mode=mode, raga=found.name, tonic=tonic, tala=draw.choice(["adi", "off"]))
        check_order_and_pairs(play(Session(loaded, settings, seed), line, perform(seed)))
        judged[found.name] += line.turned
    assert min(judged[name] for name in VAKRA) > 10


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("model", ["folk", "piano"])
def test_the_raga_is_a_mask_to_models_that_know_of_none(model: str) -> None:
    loaded = load(model)
    played = 0
    for seed in range(max(6, PERFORMANCES // 30)):
        found = raga.find(RAGAS[seed % len(RAGAS)])
        settings = Settings(mode=list(MODES)[seed % len(MODES)], raga=found.name, tonic="D3")
        line = Line(found, 50, settings.mode)
        check_order_and_pairs(out := play(Session(loaded, settings, seed), line, perform(seed)))
        if settings.mode != "harmonise":
            assert set(Counter(on.at for on in ons(out)).values()) <= {1}, "a raga is sung in one voice"
        played += line.played
    assert played > 60


# The end on sam


@pytest.mark.parametrize("model", ["carnatic", "folk"])
@pytest.mark.parametrize("tempo", [60.0, 72.0, 100.0, 144.0])
def test_an_answer_ends_with_sa_on_sam(model: str, tempo: float) -> None:
    for seed in range(3):
        settings = Settings(raga="Mayamalavagowla", tonic="D3", tempo=tempo)
        session = Session(load(model), settings, seed)
        out = drive(session, varisai(tempo), tail=40.0)
        answer = ons(out)
        assert len(answer) > 4
        assert answer[-1].pitch % 12 == 50 % 12
        # The performer's phrase began on sam; every eight aksharas is another.
        avartanas = (answer[-1].at - 1.0) / (8 * 60.0 / tempo)
        assert avartanas == pytest.approx(round(avartanas), abs=0.02)
        aksharas = (answer[0].at - 1.0) * tempo / 60.0
        assert aksharas == pytest.approx(round(aksharas), abs=0.06)
        assert answer[-1].duration >= 0.8 * 60.0 / tempo
        assert not session.playing


def test_sam_is_where_a_clock_has_it() -> None:
    session = Session(load("folk"), Settings(raga="Mayamalavagowla", tonic="D3", tempo=100.0), 1)
    session.follow(Grid(0.3, 0.0, 0.6, "clock"))
    out = drive(session, varisai(100.0, start=1.7), tail=40.0)
    avartanas = (ons(out)[-1].at - 0.3) / (8 * 0.6)
    assert avartanas == pytest.approx(round(avartanas), abs=1e-6)


@pytest.mark.parametrize("tala", ["rupaka", "misra chapu"])
def test_other_talas_have_other_avartanas(tala: str) -> None:
    aksharas = {"rupaka": 6, "misra chapu": 7}[tala]
    session = Session(load("folk"), Settings(raga="Mohanam", tonic="C4", tala=tala, tempo=90.0), 1)
    answer = ons(drive(session, varisai(90.0, pitches=[60, 62, 64, 67, 69, 72] * 2), tail=40.0))
    avartanas = (answer[-1].at - 1.0) / (aksharas * 60.0 / 90.0)
    assert avartanas == pytest.approx(round(avartanas), abs=0.02)


def test_without_a_tala_or_a_raga_an_answer_ends_as_it_did() -> None:
    for settings in (Settings(raga="Mohanam", tala="off"), Settings()):
        session = Session(load("folk"), settings, 1)
        out = drive(session, varisai(120.0), tail=40.0)
        last = next(event.at for event in reversed(out) if type(event).__name__ == "TurnChange")
        assert last == pytest.approx(ons(out)[0].at + 7.95, abs=1.2)  # about as long as the phrase


def test_who_plays_before_sam_interrupts_the_ending_and_a_pedal_does_not() -> None:
    events = varisai(72.0)
    session = Session(load("folk"), Settings(raga="Mayamalavagowla", tonic="D3", tempo=72.0), 1)
    for event in events:
        session.receive(event)
    while session.player.turns.cadence.sam is None:
        session.advance(session.next_due() or 0.0)
    session.receive(NoteOff(session.now + 0.01, 30))
    assert session.playing
    session.receive(NoteOn(session.now + 0.01, 50, 90))
    assert not session.playing
    session.panic(99.0)


# The model of varisais


@pytest.mark.parametrize(
    ("name", "tonic", "speed"), [("Mayamalavagowla", 60, 1.0), ("Sankarabharanam", 50, 0.5), ("65", 72, 0.25)]
)
def test_it_foresees_how_a_varisai_goes_on(carnatic: VarisaiPredictor, name: str, tonic: int, speed: float) -> None:
    """Most notes of the Sarali Varisais, as they are played, in any raga, octave and speed."""
    model, scale, encoding = carnatic.in_raga(raga.find(name), tonic), raga.find(name), Encoding()
    right = wrong = 0
    for lesson in lessons().values():
        state, forecast = model.step(model.start(), START)
        before: tuple[int, int] | None = None
        for onset, _, svara in lesson.notes():
            pitch = scale.pitch(svara, tonic)
            gap = None if before is None else (onset - before[0]) * speed
            if gap is not None:
                foreseen = int(forecast.pitch[encoding.gap_index(gap)].argmax()), int(forecast.gap.argmax())
                right += foreseen == (pitch, encoding.gap_index(gap))
                wrong += foreseen != (pitch, encoding.gap_index(gap))
            step = encoding.encode(Onset(pitch, gap, before and before[1], phase=onset * speed % 8))
            state, forecast = model.step(state, step)
            before = onset, pitch
    assert right > 4 * wrong


def test_a_longer_gap_is_a_hold_and_then_a_svara(carnatic: VarisaiPredictor) -> None:
    """As likely as the network says, where it thinks of a hold at all."""
    network, encoding = carnatic._network, Encoding()
    compared = 0
    for lesson in lessons().values():
        state = carnatic.start()
        before: int | None = None
        for onset, _, svara in lesson.notes():
            gap = None if before is None else onset - before
            pitch = raga.find("15").pitch(svara, 60)
            state, forecast = carnatic.step(state, encoding.encode(Onset(pitch, gap, pitch, phase=onset % 8)))
            before = onset
            if state.speed or {state.place % 11, (state.place + 1) % 11} & {4, 7, 10}:
                continue
            first, after = network.step(network.input(state.before, state.place), state.state)
            then, _ = network.step(network.input(HOLD, (state.place + 1) % 44), after)
            likely, next_likely = softmax(first[:9]), softmax(then[:9])
            if likely[8] > 0.01:
                one, two = (forecast.gap[encoding.gap_index(beats)] for beats in (1.0, 2.0))
                assert one == pytest.approx(np.log(likely[:8].sum()), abs=1e-3)
                assert two == pytest.approx(np.log(likely[8] * next_likely[:8].sum()), abs=1e-3)
                compared += 1
    assert compared > 10


def softmax(logits: Array) -> Array:
    weights: Array = np.exp(logits - logits.max())
    weights /= weights.sum()
    return weights


def test_the_model_is_told_the_place_in_the_avartana_and_others_are_not(carnatic: VarisaiPredictor) -> None:
    told: list[tuple[int, int]] = []

    class Spy(VarisaiPredictor):
        def step(self, state: VarisaiState, step: Step, memory: float = 1.0) -> tuple[VarisaiState, Forecast]:
            told.append((step.who, step.phase))
            return super().step(state, step, memory)

    session = Session(Spy(MODELS / "carnatic.sargam"), Settings(tonic="D3", tempo=72.0), 1)
    drive(session, varisai(72.0), tail=40.0)
    performer = [phase for who, phase in told if who == PERFORMER]
    assert performer[:16] == [1 + 4 * (akshara % 8) for akshara in range(16)]
    assert {phase % 4 for who, phase in told if who == PLAYER} == {1}
    others = Spied()
    drive(Session(others, Settings(tonic="D3", tempo=72.0), 1), varisai(72.0), tail=10.0)
    assert {step.phase for step in others.steps} == {0}


def test_a_session_that_plays_it_is_in_its_raga_unless_another_is_set(carnatic: VarisaiPredictor) -> None:
    for settings, name in (
        (Settings(tonic="D3"), "Mayamalavagowla"),
        (Settings(raga="mohanam", tonic="D3"), "Mohanam"),
    ):
        session = Session(carnatic, settings, 1)
        line = Line(raga.find(name), 50)
        play(session, line, varisai(90.0))
        assert line.played > 6
        session.settings.raga = "Kalyani"
        session.settings_changed(session.now)
        line = Line(raga.find("Kalyani"), 50)
        play(session, line, varisai(90.0, start=session.now + 2.0))
        assert line.played > 6


def test_a_change_of_model_in_the_middle_keeps_to_the_limits_of_the_one_that_plays(
    carnatic: VarisaiPredictor,
) -> None:
    session = Session(load("folk"), Settings(mode="continuation", tonic="D3"), 1)
    for event in varisai(90.0):
        session.receive(event)
    until(session, session.now + 5.0)
    out = session.set_predictor(carnatic, session.now)
    out = until(session, session.now + 10.0)
    assert {(on.pitch - 50) % 12 for on in ons(out)} <= set(raga.find("15").semitones)
    session.panic(99.0)


def test_the_first_answers_sound_like_varisais(carnatic: VarisaiPredictor) -> None:
    """Mostly a svara an akshara, mostly by steps, as what was played."""
    gaps: Counter[int] = Counter()
    leaps = steps = 0
    for seed in range(6):
        session = Session(carnatic, Settings(tonic="D3", tempo=72.0), seed)
        answer = ons(drive(session, varisai(72.0) + varisai(72.0, start=1.0 + 16 * 60 / 72), tail=60.0))
        for before, on in pairwise(answer):
            gaps[round((on.at - before.at) * 72 / 60)] += 1
            leaps += abs(on.pitch - before.pitch) > 4
            steps += abs(on.pitch - before.pitch) <= 4
    assert gaps[1] > 2 * gaps[2] and gaps[1] > 50
    assert steps > 4 * leaps
