"""The model of characters that comes with livegen: whole tunes as asked, raw ones, and their MIDI files."""

import subprocess
import wave
from pathlib import Path

import mido  # type: ignore[import-untyped]
import numpy as np
import pytest
from click.testing import CliRunner

from livegen.cli.main import main
from livegen.errors import EncodingError, ModelError
from livegen.predictors import models
from livegen.training.characters.abc_check import bars, check, closed
from livegen.tunes import abc_reader, character_model
from livegen.tunes.abc_progress import TuneRequest
from livegen.tunes.abc_writer import Key
from livegen.tunes.character_model import SIZE, SYMBOLS, CharacterModel, decode, encode
from livegen.tunes.character_writer import CharacterWriter, arranged
from tests.support.jack import SOUNDS
from tests.support.parts import require
from tests.support.places import MODELS

MODEL = MODELS / character_model.FOLDER / "abc.onnx"


@pytest.fixture(scope="module")
def writer() -> CharacterWriter:
    return CharacterWriter(CharacterModel(MODEL), 0.8)


def generate(out: Path, *asked: str) -> list[Path]:
    result = CliRunner().invoke(main, ["generate", "abc", "--model", "abc", "--out", str(out), *asked])
    assert result.exit_code == 0, result.output
    return sorted(out.glob("*.abc"))


def test_letters_are_numbers_and_back() -> None:
    assert decode(encode("X:1\nné é\t")) == "X:1\nn " and len(set(SYMBOLS)) == SIZE - 1
    assert encode("\n ~") == [1, 2, SIZE - 1]


def test_a_step_leaves_the_memory_it_was_given(writer: CharacterWriter) -> None:
    model = CharacterModel(MODEL)
    first, logits = model.step(model.start(), character_model.END)
    again, same = model.step(model.start(), character_model.END)
    assert logits.shape == (SIZE,) and (logits == same).all() and (first.h == again.h).all()
    assert not model.start().h.any() and first.h.any()


def test_it_has_learnt_to_write_headers_and_notes() -> None:
    """Without any grammar: most of its tunes have a whole header, and most bars are right."""
    writer = CharacterWriter(CharacterModel(MODEL), 0.8)
    texts = [arranged(writer.raw(np.random.default_rng(seed)), 1) for seed in range(10)]
    whole = [text for text in texts if all(f"\n{field}:" in f"\n{text}" for field in "XTMLK")]
    assert len(whole) >= 8
    found = [bars(abc_reader.measures(text)) for text in whole]
    assert sum(right for _, right, _ in found) > 0.5 * sum(count for count, _, _ in found) > 50


@pytest.mark.parametrize("temperature", [0.5, 1.5])
def test_what_is_asked_for_is_written_at_any_temperature(temperature: float) -> None:
    writer = CharacterWriter(CharacterModel(MODEL), temperature)
    for seed in range(4):
        text = arranged(writer.write(TuneRequest("waltz", Key.parse("Gm"), "3/4", 16), np.random.default_rng(seed)), 1)
        assert "R:waltz\nM:3/4\n" in text and "K:Gm\n" in text
        measures = abc_reader.measures(text)
        count, right, _ = bars(measures)
        assert count == right >= 16 and closed(measures)


def test_same_seed_same_tune(writer: CharacterWriter) -> None:
    made = [writer.write(TuneRequest(), np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]


def test_the_command_writes_tunes_and_midi_files_that_sound_as_abc2midi_has_them(tmp_path: Path) -> None:
    require("abc2midi")
    paths = generate(tmp_path, "-n", "5", "--seed", "7", "--type", "jig", "--key", "Em", "--metre", "6/8")
    assert len(paths) == 5
    for path in paths:
        text = path.read_text()
        assert "R:jig\n" in text and "M:6/8\n" in text and "K:Em\n" in text and "Q:3/8=116\n" in text
        found = check(path)
        assert found.header and found.plays and found.whole and found.closed
        theirs = path.with_suffix(".theirs.mid")
        subprocess.run(["abc2midi", path.name, "-o", theirs.name], cwd=tmp_path, capture_output=True, timeout=30)
        assert _pitches(path.with_suffix(".mid")) == _pitches(theirs)
    again = generate(tmp_path / "again", "-n", "5", "--seed", "7", "--type", "jig", "--key", "Em", "--metre", "6/8")
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in paths]
    assert [p.with_suffix(".mid").read_bytes() for p in again] == [p.with_suffix(".mid").read_bytes() for p in paths]


def _pitches(path: Path) -> list[int]:
    return [message.note for message in mido.MidiFile(path) if message.type == "note_on" and message.velocity]


def test_fluidsynth_plays_a_midi_file_of_it(tmp_path: Path) -> None:
    require("fluidsynth")
    sounds = next(SOUNDS.glob("*.sf2"), None)
    if sounds is None:
        require(str(SOUNDS / "*.sf2"))
    path = generate(tmp_path, "-n", "1", "--seed", "3", "--bars", "8", "--type", "reel")[0]
    heard = tmp_path / "heard.wav"
    asked = ["fluidsynth", "-ni", "-F", str(heard), "-r", "16000", str(sounds), str(path.with_suffix(".mid"))]
    subprocess.run(asked, capture_output=True, timeout=60, check=True)
    with wave.open(str(heard)) as sound:
        seconds = sound.getnframes() / sound.getframerate()
        samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").astype(float)
    assert seconds >= mido.MidiFile(path.with_suffix(".mid")).length - 0.1
    second = sound.getframerate() * sound.getnchannels()
    loud = [np.sqrt(np.mean(samples[at : at + second] ** 2)) for at in range(0, len(samples) - 3 * second, second)]
    assert min(loud) > 30, "there is sound in every second"


def test_raw_tunes_are_written_well_formed_or_not(tmp_path: Path) -> None:
    stale = tmp_path / "abc-5-1.mid"
    stale.write_bytes(b"of another tune")
    paths = generate(tmp_path, "-n", "3", "--seed", "5", "--raw", "--temperature", "2")
    assert len(paths) == 3 and all(path.read_text().startswith("X:") for path in paths)
    assert not stale.exists() or mido.MidiFile(stale)
    refused = CliRunner().invoke(main, ["generate", "abc", "--model", "abc", "--raw", "--key", "D"])
    assert refused.exit_code == 2 and "--raw" in refused.output
    refused = CliRunner().invoke(main, ["generate", "abc", "--raw", "--out", str(tmp_path)])
    assert refused.exit_code == 2 and "character model" in refused.output


def test_wishes_are_the_users_to_mend(tmp_path: Path) -> None:
    for asked, told in (
        (["--type", "tango"], "no type"),
        (["--bars", "7"], "two sections"),
        (["--key", "H"], "no key"),
    ):
        refused = CliRunner().invoke(main, ["generate", "abc", "--model", "abc", "--out", str(tmp_path), *asked])
        assert refused.exit_code == 2 and told in refused.output


def test_models_of_letters_and_of_notes_are_told_apart(tmp_path: Path) -> None:
    folk = MODEL.parent.parent / "folk.onnx"
    assert character_model.is_character_model(MODEL) and not character_model.is_character_model(folk)
    with pytest.raises(ModelError, match="not a character model"):
        CharacterModel(folk)
    with pytest.raises(EncodingError):
        models.NetworkPredictor(MODEL)
    (tmp_path / "torn.onnx").write_bytes(MODEL.read_bytes()[:5000])
    with pytest.raises(ModelError, match="train or copy it again"):
        CharacterModel(tmp_path / "torn.onnx")
    good, _ = models.cards()
    assert "abc" not in [card["name"] for card in good], "it cannot play live"
