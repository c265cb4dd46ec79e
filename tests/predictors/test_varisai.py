"""Varisais from the model that comes with livegen: well formed, new, in the raga; files; the command."""

import hashlib
from pathlib import Path

import mido  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt
import pytest

from livegen.errors import EncodingError, FileError, ModelError
from livegen.events import NoteOff, NoteOn
from livegen.midi import midifile
from livegen.music import intonation, raga, sargam
from livegen.predictors import varisai_network
from livegen.predictors.varisai_network import ALPHABET, END, HOLD, Request
from tests.support.command_line import livegen
from tests.support.places import MODELS

MODEL = MODELS / "carnatic.sargam"
PLAIN = Request()
Tokens = npt.NDArray[np.int64]


@pytest.fixture(scope="module")
def network() -> varisai_network.Network:
    return varisai_network.load(MODEL)[0]


def drawn(network: varisai_network.Network, seed: int, wish: Request = PLAIN) -> Tokens:
    return varisai_network.draw(network, np.random.default_rng(seed), wish)


def test_what_is_drawn_fits_the_tala_and_ends_on_sa(network: varisai_network.Network) -> None:
    rows = [drawn(network, seed) for seed in range(40)]
    for row in rows:
        assert varisai_network.varisai(row).sung[-1] == sargam.Svara(0)
    assert len({tuple(row) for row in rows}) == 40
    assert sum(not varisai_network.is_rotation(row) for row in rows) >= 36
    assert (drawn(network, 3) == drawn(network, 3)).all()


def test_hot_or_senseless_networks_write_well_formed_varisais_too() -> None:
    random = np.random.default_rng(1)
    shapes = [(256, varisai_network.PLACED), (256, 64), (256,), (11, 64), (11,)]
    wild = varisai_network.Network(*(random.normal(0, 3, shape).astype(np.float32) for shape in shapes))
    for seed in range(20):
        assert varisai_network.varisai(drawn(wild, seed, Request(2.0))).sung[-1] == sargam.Svara(0)


@pytest.mark.parametrize(
    "name", ["Hamsadhvani", "Arabhi", "Hindolam", "Mohanam", "Kathanakuthuhalam", "Ritigowla", "Sahana", "Sri"]
)
def test_a_line_stays_in_its_raga(network: varisai_network.Network, name: str) -> None:
    scale = raga.find(name)
    for seed in range(15):
        svaras = [svara for _, _, svara in varisai_network.varisai(drawn(network, seed, Request(1.5, scale))).notes()]
        for before, svara in zip([None, *svaras], svaras, strict=False):
            assert scale.allows(before, svara)


def test_the_lessons_are_the_traditional_ones() -> None:
    text = " ".join(str(lesson) for lesson in varisai_network.lessons().values())
    assert (text.count("S n d p | m g | r s ||"), text.count("s r g m | p d | n S ||")) == (10, 9)
    assert len({tuple(each) for each in varisai_network.training_tokens().reshape(-1, 11).tolist()}) == 33
    assert hashlib.sha256(text.encode()).hexdigest().startswith("668fd3641b0d05b0")


def test_the_first_lessons_are_known_wherever_they_begin() -> None:
    lesson = varisai_network.training_tokens()[4]
    assert varisai_network.is_rotation(lesson) and varisai_network.is_rotation(np.roll(lesson, 17))
    other = lesson.copy()
    other[0] = HOLD
    assert not varisai_network.is_rotation(other)


def test_a_copy_is_drawn_again_and_a_model_that_only_copies_is_refused(
    network: varisai_network.Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, new = varisai_network.training_tokens()[2], drawn(network, 1)
    draws = [copy, copy, new]
    monkeypatch.setattr(varisai_network, "draw", lambda *_: draws.pop(0))
    assert varisai_network.compose(network, np.random.default_rng(1), Request()) == varisai_network.varisai(new)
    monkeypatch.setattr(varisai_network, "draw", lambda *_: copy)
    with pytest.raises(ModelError, match="temperature"):
        varisai_network.compose(network, np.random.default_rng(1), Request())


def test_a_step_is_the_lstm_of_the_books() -> None:
    """One unit, by hand."""
    still, kept = np.zeros((4, 11), np.float32), np.full((4, 1), 0.5, np.float32)
    bias = np.array([0.1, 0.2, 0.3, 0.4], np.float32)
    network = varisai_network.Network(still, kept, bias, np.ones((11, 1), np.float32), np.zeros(11, np.float32))
    logits, (h, c) = network.step(network.input(END, 0), (np.array([0.2], np.float32), np.array([1.0], np.float32)))

    def sigmoid(x: float) -> float:
        return float(1 / (1 + np.exp(-x)))

    cell = sigmoid(0.3) * 1.0 + sigmoid(0.2) * np.tanh(0.4)
    assert float(c[0]) == pytest.approx(cell, abs=1e-6)
    assert float(h[0]) == pytest.approx(sigmoid(0.5) * np.tanh(cell), abs=1e-6) and logits[3] == h[0]


def test_notes_are_sung_at_the_tempo_with_sam_the_loudest() -> None:
    piece = sargam.parse("s , r g | m , | , n. ||")
    events = varisai_network.performance(piece, raga.find("Mayamalavagowla"), 60, 60.0)
    ons = [event for event in events if isinstance(event, NoteOn)]
    assert [(on.at, on.pitch) for on in ons] == [(0, 60), (2, 61), (3, 64), (4, 65), (7, 59)]
    assert [on.velocity for on in ons] == [100, 76, 76, 88, 76]
    offs = [event.at for event in events if isinstance(event, NoteOff)]
    assert offs == pytest.approx([1.95, 2.95, 3.95, 6.95, 7.95])


def test_a_file_is_tuned_by_a_bend_before_each_note(tmp_path: Path) -> None:
    path = tmp_path / "scale.mid"
    piece = sargam.parse("s r g m | p d | n S ||")
    midifile.write(path, {"varisai": varisai_network.performance(piece, raga.find("29"), 62, 60.0)}, 60.0)
    before = midifile.read(path).beats
    intonation.tune(path, 62)
    assert midifile.read(path).beats == before
    bends, last = {}, None
    for message in mido.MidiFile(path):
        if message.type == "pitchwheel":
            last = message.pitch
        elif message.type == "note_on" and message.velocity:
            bends[message.note], last = last, None
    assert bends == {pitch: raga.bend(pitch, 62) for pitch in (62, 64, 66, 67, 69, 71, 73, 74)}
    assert bends[66] == -561


def test_a_model_file_says_what_it_is_and_others_are_refused(tmp_path: Path, network: varisai_network.Network) -> None:
    path = tmp_path / "carnatic.sargam"
    varisai_network.save(path, network, {"name": "carnatic"})
    again, about = varisai_network.load(path)
    assert all((one == two).all() for one, two in zip(again, network, strict=True)) and about["name"] == "carnatic"
    varisai_network.save(path, network._replace(bias=network.bias[:-1]), {})
    with pytest.raises(ModelError, match="damaged"):
        varisai_network.load(path)
    varisai_network.save(path, network._replace(out_bias=np.full(11, np.nan, np.float32)), {})
    with pytest.raises(ModelError, match="damaged"):
        varisai_network.load(path)
    path.write_bytes(b"PK\x03\x04 nonsense")
    with pytest.raises(ModelError, match="not a varisai network"):
        varisai_network.load(path)
    path.write_bytes(bytes(2_000_000))
    with pytest.raises(ModelError, match="1 MiB"):
        varisai_network.load(path)
    with pytest.raises(ModelError, match="cannot be read"):
        varisai_network.load(tmp_path / "nowhere.sargam")
    with pytest.raises(FileError):
        varisai_network.save(path / "inside" / "carnatic.sargam", network, {})


def test_another_encoding_is_refused(
    tmp_path: Path, network: varisai_network.Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "carnatic.sargam"
    with monkeypatch.context() as patch:
        patch.setattr(varisai_network, "ENCODING", {"version": 2})
        varisai_network.save(path, network, {})
    with pytest.raises(EncodingError):
        varisai_network.load(path)


def test_the_shipped_model_is_small_and_says_its_licence() -> None:
    assert MODEL.stat().st_size < 200_000
    assert varisai_network.load(MODEL)[1]["licence"].startswith("MIT")
    assert "carnatic" in livegen("models").stdout


def test_generate_shows_sargam_and_writes_midi(tmp_path: Path) -> None:
    asked = ("generate", "carnatic", "-n", 3, "--seed", 7, "--raga", "hamsadhwani", "--tonic", "D3", "--out", tmp_path)
    shown = livegen(*asked).stdout
    pieces = sargam.read(shown)
    assert (
        list(pieces) == ["1", "2", "3"] and len(set(pieces.values())) == 3 and livegen(*asked, "--just").stdout == shown
    )
    for number, piece in pieces.items():
        score = midifile.read(tmp_path / f"varisai-hamsadhvani-7-{number}.mid")
        assert [note.pitch for note in score.beats] == [
            raga.find("Hamsadhvani").pitch(svara, 50) for _, _, svara in piece.notes()
        ]
        assert [note.onset for note in score.beats] == pytest.approx([onset for onset, _, _ in piece.notes()], abs=0.01)
    assert {ALPHABET.index(token) for piece in pieces.values() for token in piece.tokens()} <= {
        0,
        1,
        2,
        4,
        6,
        7,
        8,
        9,
        10,
    }
    assert "29 Sankarabharanam" in livegen("generate", "carnatic", "--ragas").stdout


@pytest.mark.parametrize(
    ("flag", "value", "code", "says"),
    [("--raga", "Waltz", 2, "no raga Waltz"), ("--tonic", "H2", 2, "H2"), ("--out", "{file}/x", 1, "choose another")],
)
def test_mistakes_are_answered_in_one_sentence(tmp_path: Path, flag: str, value: str, code: int, says: str) -> None:
    file = tmp_path / "file"
    file.write_text("")
    done = livegen("generate", "carnatic", "-n", 1, "--out", tmp_path, flag, value.format(file=file), code=code)
    assert says in done.stderr and done.stderr.count("\n") == 1
