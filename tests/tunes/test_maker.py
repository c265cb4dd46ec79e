"""Tunes made up under masks: bars add up, the key holds, parts come home; and the dice game."""

import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import mido  # type: ignore[import-untyped]
import numpy as np
import pytest
from click.testing import CliRunner

from livegen.cli.main import main
from livegen.errors import SettingsError
from livegen.predictors import models
from livegen.predictors.encoding import GAPS
from livegen.predictors.models import Predictor, Untrained
from livegen.predictors.quotation import Quotations, Run
from livegen.training.evaluation.dice import Game, is_minor, is_minor_key, measures, tonic
from livegen.tunes import abc_reader
from livegen.tunes.abc_writer import Bar, Key, Sheet, Tone, bar_length, write
from livegen.tunes.maker import HIGHEST, KINDS, LOWEST, Form, TuneMaker, form
from livegen.tunes.tune import Tune
from tests.support.parts import require

MODELS: dict[str, Predictor] = {name: models.load(name) for name in ("folk", "markov", "untrained")}
ROWS = "ABcd efge | dBAF EDEF |", "A2FA D2FA | BAGF E2D2 |"


def dice_book(count: int = 4, key: str = "D", metre: str = "4/4") -> list[Tune]:
    """Tunes of four bars that differ by what they begin with."""
    texts = (f"X:{n}\nT:t\nM:{metre}\nL:1/8\nK:{key}\n{'DEFG'[n % 4]}{ROWS[0][1:]}{ROWS[1]}\n" for n in range(count))
    return [abc_reader.read_tune(text) for text in texts]


def pitches(parts: list[list[Bar]]) -> list[int]:
    return [tone.pitch for part in parts for bar in part for tone in bar if tone.pitch is not None]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("kind", KINDS)
def test_bars_add_up_the_key_holds_and_parts_come_home(model: str, kind: str) -> None:
    asked = Form(kind, KINDS[kind].metre, Key.parse("Ador"), 8)
    for seed in range(3):
        parts = TuneMaker(MODELS[model]).make(asked, np.random.default_rng(seed))
        assert [len(part) for part in parts] == [4, 4]
        for part in parts:
            assert {sum(tone.duration for tone in bar) for bar in part} == {bar_length(asked.metre)}
            last = part[-1][-1]
            assert last.pitch is not None and last.pitch % 12 == 9 and last.duration >= 1
        assert {pitch % 12 for pitch in pitches(parts)} <= Key.parse("Ador").scale
        assert min(pitches(parts)) >= LOWEST and max(pitches(parts)) <= HIGHEST
        assert pitches(parts)[0] % 12 in (9, 0, 4)
        write(Sheet("", asked.key, asked.metre, parts))


def test_rhythms_are_those_of_dances() -> None:
    """Nothing shorter than a sixteenth, and what begins between eighths leads back to them."""
    for seed in range(5):
        parts = TuneMaker(MODELS["markov"], 2.0).make(Form("reel", "4/4", Key("D")), np.random.default_rng(seed))
        for bar in (bar for part in parts for bar in part):
            at = Fraction(0)
            for tone in bar:
                assert tone.duration % Fraction(1, 4) == 0
                assert at % Fraction(1, 2) == 0 or (at + tone.duration) % Fraction(1, 2) == 0
                at += tone.duration


def test_a_model_that_rules_out_all_that_fits_is_overruled() -> None:
    """One that knows nothing but notes of five beats."""
    model = Untrained()
    gaps = np.full(len(GAPS), -np.inf, dtype=np.float32)
    gaps[GAPS.index(Fraction(5))] = 0.0
    model._gap = gaps
    parts = TuneMaker(model).make(Form("waltz", "3/4", Key("D"), 4), np.random.default_rng(1))
    assert {sum(tone.duration for tone in bar) for part in parts for bar in part} == {3}


def test_same_seed_same_tune_and_another_seed_another() -> None:
    asked = Form("jig", "6/8", Key("D"))
    made = [TuneMaker(MODELS["folk"]).make(asked, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]


def test_it_does_not_go_on_quoting() -> None:
    """All runs of a tune are taken for quotations: with the same draws another tune comes."""
    asked = Form("jig", "6/8", Key("D"))
    model = Untrained()
    free = TuneMaker(model).make(asked, np.random.default_rng(1))
    forbidden = _Everything()
    model.quotations = forbidden
    bound = TuneMaker(model).make(asked, np.random.default_rng(1))
    assert forbidden.asked > 50 and free != bound


class _Everything(Quotations):
    """Every run that goes up at its end stands in the training music."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def __contains__(self, run: Run) -> bool:
        self.asked += 1
        return bool(run.moves) and run.moves[-1] // 42 > 33


def test_what_was_asked_for_holds_and_what_cannot_be_is_refused() -> None:
    dice = np.random.default_rng(1)
    assert form("jig", "Em", None, 16, dice) == Form("jig", "6/8", Key("E", "", "m"), 16)
    assert form(None, None, "3/4", 8, dice).kind == "waltz"
    assert len({form(None, None, None, 16, dice).kind for _ in range(40)}) == len(KINDS)
    for kind, key, metre, bars in (
        ("tango", None, None, 16),
        ("jig", None, "4/4", 16),
        (None, None, "5/4", 16),
        (None, "H", None, 16),
        (None, None, None, 7),
    ):
        with pytest.raises(SettingsError):
            form(kind, key, metre, bars, dice)


def test_each_bar_of_the_dice_game_stood_at_its_place() -> None:
    book = dice_book()
    assert all(tonic(tune) == 2 and not is_minor(tune) for tune in book)
    game = Game(book, "4/4", 4, minor=False)
    thrown = [game.throw(np.random.default_rng(seed), Key("D")) for seed in range(20)]
    stood = [[measures(tune)[place] for tune in book] for place in range(4)]
    assert all(list(bar) in place for bars in thrown for bar, place in zip(bars, stood, strict=True))
    assert len({bars[0][0] for bars in thrown}) > 2


def test_the_dice_are_moved_to_the_key_that_is_asked_for() -> None:
    book = dice_book()
    game = Game(book, "4/4", 4, minor=False)
    home, away = (game.throw(np.random.default_rng(1), Key(letter)) for letter in "DE")
    there = [tone.pitch for bar in away for tone in bar if tone.pitch is not None]
    assert there == [tone.pitch + 2 for bar in home for tone in bar if tone.pitch is not None]


def test_too_few_tunes_for_a_throw_are_refused() -> None:
    for metre, bars, minor in (("6/8", 4, False), ("4/4", 5, False), ("4/4", 4, True)):
        with pytest.raises(SettingsError, match="0 tunes"):
            Game(dice_book(), metre, bars, minor)
    assert is_minor_key(Key.parse("Ador")) and not is_minor_key(Key.parse("Amix"))


def test_dice_are_thrown_among_tunes_of_the_type() -> None:
    """Hornpipes beside reels in one metre: neither has the other's bars; those of no known type help where few are."""
    book = [replace(tune, kind=("reel", "hornpipe")[n % 2]) for n, tune in enumerate(dice_book(8))]
    reels = [measures(tune)[0] for tune in book if tune.kind == "reel"]
    game = Game(book, "4/4", 4, False, "reel")
    thrown = [list(game.throw(np.random.default_rng(seed), Key("D"))[0]) for seed in range(30)]
    assert all(bar in reels for bar in thrown) and len({bar[0].pitch for bar in thrown}) == 2
    with pytest.raises(SettingsError, match="0 tunes for a polka"):
        Game(book, "4/4", 4, False, "polka")
    assert Game([*book, *dice_book()], "4/4", 4, False, "polka").throw(np.random.default_rng(1), Key("D"))
    assert abc_reader.read_tune("X:1\nT:t\nR: Double jig\nM:6/8\nK:D\nABA|\n").kind == "jig"


def test_measures_leave_out_a_pickup_and_cut_what_is_tied_over() -> None:
    tune = abc_reader.read_tune("X:1\nT:t\nM:4/4\nL:1/4\nK:C\nG | A B c d- | d z e f |\n")
    whole = [[(tone.pitch, tone.duration) for tone in bar] for bar in measures(tune)]
    one = Fraction(1)
    assert whole == [[(69, one), (71, one), (72, one), (74, one)], [(74, one), (None, one), (76, one), (77, one)]]
    assert Tone(69, one) == measures(tune)[0][0]


@pytest.mark.parametrize("kind", ["abc", "markov", "dice"])
def test_the_commands_write_abc_that_others_open_and_midi_with_its_notes(kind: str, tmp_path: Path) -> None:
    book = tmp_path / "book"
    book.mkdir()
    for n in range(3):
        (book / f"{n}.abc").write_text(f"X:1\nT:t\nM:4/4\nL:1/8\nK:D\n{'DEF'[n]}{ROWS[0][1:]}{ROWS[1]}\n")
    asked = ["generate", kind, "-n", "2", "--seed", "7", "--type", "reel", "--key", "G", "--bars", "4"]
    asked += ["--data", str(book)] if kind == "dice" else []
    for out in ("one", "two"):
        result = CliRunner().invoke(main, [*asked, "--out", str(tmp_path / out)])
        assert result.exit_code == 0, result.output
    written = sorted((tmp_path / "one").glob("*.abc"))
    assert len(written) == 2
    for path in written:
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
        text = path.read_text()
        assert all(f"\n{field}:" in f"\n{text}" for field in "XTRMLQK") and "K:G\n" in text and "R:reel\n" in text
        tune = abc_reader.read_tune(text, "performed")
        ons = [m.note for m in mido.MidiFile(path.with_suffix(".mid")) if m.type == "note_on" and m.velocity]
        assert ons == [note.pitch for note in tune.notes] and len(tune.bars) == 8
    require("abc2midi")
    said = subprocess.run(["abc2midi", str(written[0]), "-c"], capture_output=True, text=True, timeout=30, check=True)
    assert "rror" not in said.stdout and "arning" not in said.stdout


def test_many_tunes_are_made_in_processes_and_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ["generate", "markov", "-n", "3", "--seed", "7", "--bars", "4", "--out"]
    one = CliRunner().invoke(main, [*asked, str(tmp_path / "a")])
    monkeypatch.setattr("livegen.cli.generate._MANY", 2)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("livegen.cli.generate._make_one", None)  # nothing is made in this process
    many = CliRunner().invoke(main, [*asked, str(tmp_path / "b")])
    assert many.exit_code == 0 and many.output == one.output.replace(str(tmp_path / "a"), str(tmp_path / "b"))
    whole = sorted((tmp_path / "a").iterdir())
    assert len(whole) == 6
    assert all(path.read_bytes() == (tmp_path / "b" / path.name).read_bytes() for path in whole)


def test_dice_are_thrown_for_what_there_is_if_nothing_is_asked_for(tmp_path: Path) -> None:
    """The books' metres and keys but one are missing here: that one is found, and others are refused."""
    texts = (f"X:{n}\nT:t\nM:4/4\nL:1/8\nK:D\n{'DEF'[n]}{ROWS[0][1:]}{ROWS[1]}\n" for n in range(3))
    (tmp_path / "book.abc").write_text("\n".join(texts))
    asked = ["generate", "dice", "--data", str(tmp_path), "--out", str(tmp_path), "--bars", "4", "--seed", "2"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0 and result.output.count("4/4") == 5, result.output
    refused = CliRunner().invoke(main, [*asked, "--type", "jig"])
    assert refused.exit_code == 2 and "0 tunes" in refused.output


def test_a_wish_that_cannot_be_met_is_the_users_mistake(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["generate", "abc", "--key", "H", "--out", str(tmp_path)])
    assert result.exit_code == 2 and "no key" in result.output
