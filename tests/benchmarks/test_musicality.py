"""Each criterion gives the known value on a tiny exchange; the benchmark tells real music from chance."""

import json
import math
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.musicality import (
    cast,
    criteria,
    exchange,
    folk,
    handmade,
    harmony,
    jazz,
    lead_sheets,
    lines,
    phrase_ends,
    phrases,
    pianists,
    references,
    rolls,
    scoring,
)
from benchmarks.musicality.__main__ import main
from benchmarks.musicality.exchange import AGAIN, DUET, HARMONISE, POLITE, TRADE, Exchange
from benchmarks.musicality.measures import MEASURES
from benchmarks.musicality.performance import DOTTED, DRUMS, LOWER, UPPER, Chord, Grid, Performer
from benchmarks.musicality.simulators import Style, in_odd_metre, perform
from livegen.events import ControlChange, Note, NoteOff, NoteOn
from livegen.predictors.models import Untrained
from livegen.settings import Settings

BEATS = Grid(tuple(0.5 * number for number in range(80)))
C_MAJOR = Chord(0.0, 40.0, frozenset((0, 4, 7)))


def melody(
    *pitches: int, at: float = 0.0, step: float = 0.5, length: float = 0.4, velocity: int = 80
) -> tuple[Note, ...]:
    return tuple(Note(at + step * number, length, pitch, velocity) for number, pitch in enumerate(pitches))


CALL = melody(60, 62, 64, 65, 67, 65, 64, 60)  # its last note begins at 3.5 and is let go at 3.9


def performer(kind: str = "folk", notes: tuple[Note, ...] = CALL) -> Performer:
    return Performer(kind, kind, kind, notes, BEATS, (0.0, 4.0, 8.0), (C_MAJOR,), (0, False))


def exchanged(
    sounded: tuple[Note, ...], call: tuple[Note, ...] = CALL, setting: str = POLITE, kind: str = "folk"
) -> Exchange:
    return Exchange(performer(kind, call), setting, call, sounded, (), 12.0, BEATS, (C_MAJOR,), call)


def test_lets_me_finish() -> None:
    assert criteria.broken_into(exchanged(melody(60, at=4.5))) == 0.0
    assert criteria.broken_into(exchanged(melody(60, at=2.2))) == 1.0
    # The last note is let go at 3.9; half a beat (0.25 s) before that is a cut, less is a real musician's overlap.
    held = (*CALL[:-1], replace(CALL[-1], duration=2.0))  # until 5.5
    assert criteria.broken_into(exchanged(melody(60, at=5.0), held)) == 1.0
    assert criteria.broken_into(exchanged(melody(60, at=5.3), held)) == 0.0
    assert criteria.broken_into(exchanged(())) == 0.0


def test_comes_in() -> None:
    assert criteria.comes_in(exchanged(melody(60, at=4.4))) == pytest.approx(1.0)
    assert criteria.comes_in(exchanged(())) == pytest.approx((12.0 - 3.9) / 0.5)
    held = (*CALL[:-1], replace(CALL[-1], duration=2.0))
    assert criteria.comes_in(exchanged(melody(60, at=4.0), held)) == -0.5
    assert criteria.comes_in(exchanged((), kind="drummer")) is None


def test_on_the_beat_and_in_time() -> None:
    assert criteria.on_half_beats(exchanged(melody(60, at=4.25))) == 1.0
    assert criteria.on_half_beats(exchanged(melody(60, at=4.125))) == 0.0
    assert criteria.on_eighths(exchanged((*melody(60, 62, at=4.5), *melody(60, 62, at=6.125)))) == 0.5
    free = Performer("free", "folk", "free", CALL, Grid((0.0, 0.5, 0.9, 1.6, 2.0)), (0.0, 4.0))
    assert criteria.on_half_beats(replace(exchanged(melody(60, at=4.5)), performer=free)) is None


def test_eighths_of_a_dotted_beat_are_thirds() -> None:
    dotted = Grid(BEATS.times, 2.0, DOTTED)
    assert dotted.off_eighth(0.5 / 3) == pytest.approx(0.0, abs=1e-9)
    assert dotted.off_eighth(0.25) == pytest.approx(0.5)
    assert BEATS.off_eighth(0.25) == 0.0
    # Chance: an onset at a random time is on an eighth about as often in either.
    for grid in (BEATS, dotted):
        on = sum(grid.off_eighth(0.001 * number) <= 0.24 for number in range(5000))
        assert on / 5000 == pytest.approx(0.48, abs=0.02)


def test_in_my_notes() -> None:
    assert criteria.among_my_pitches(exchanged(melody(60, 61, 74, 66, at=4.5))) == 0.5


def test_rhythm() -> None:
    assert criteria.rhythm_bits(exchanged(melody(60, 60, 60, 60, 60, at=4.5))) == 0.0
    two_values = tuple(Note(at, 0.1, 60) for at in (4.5, 5.0, 5.25, 5.75, 6.0))
    assert criteria.rhythm_bits(exchanged(two_values)) == pytest.approx(1.0)
    assert criteria.rhythm_bits(exchanged(melody(60, 60, 60, 60, at=4.5))) is None


def test_breathes() -> None:
    # Eight beats, 4 s: two notes, silence of a beat and more in between, once.
    assert criteria.breathes(exchanged((Note(4.0, 1.0, 60), Note(7.0, 1.0, 62)))) == pytest.approx(1.0)
    assert criteria.breathes(exchanged((Note(4.0, 2.0, 60), Note(6.0, 2.0, 62)))) == 0.0


def test_ends() -> None:
    middle = melody(62, 65, 69, at=4.5)
    assert criteria.ends(exchanged((*middle, Note(6.0, 1.0, 64)))) == 1.0
    assert criteria.ends(exchanged((*middle, Note(6.25, 0.2, 65)))) == 0.0
    assert criteria.ends(exchanged((*middle, Note(6.25, 0.2, 67)))) == pytest.approx(1 / 3)
    assert criteria.ends(exchanged(middle)) is None


def test_takes_up_and_no_parrot() -> None:
    transposed = melody(67, 69, 71, 72, at=4.5)  # 2 2 1, the call's first motif
    assert criteria.takes_up(exchanged(transposed)) == 1.0
    assert criteria.takes_up(exchanged(melody(67, 66, 65, 64, 62, at=4.5))) == 0.0
    assert criteria.copied(exchanged(melody(62, 64, 66, 67, 69, 81, 62, 62, 60, at=4.5))) == 0.5
    assert criteria.copied(exchanged(transposed)) is None


def test_same_call_again() -> None:
    answer = melody(60, 62, 64, 65, at=4.5)
    assert criteria.changes(exchanged(answer)) is None
    assert criteria.changes(replace(exchanged(answer), former=(answer,))) == 0.0
    assert criteria.changes(replace(exchanged(answer), former=(melody(60, 62, 64, 67),))) == 0.25
    assert criteria.still_takes_up(replace(exchanged(answer), former=(answer,) * 3)) is None
    assert criteria.still_takes_up(replace(exchanged(answer), former=(answer,) * 4)) == 1.0


def test_duet() -> None:
    # Over the call's C for half of it a minor second, over its D a third.
    sounded = (Note(0.0, 0.2, 61), Note(0.5, 0.4, 65))
    assert criteria.dissonant(exchanged(sounded, setting=DUET)) == pytest.approx(0.2 / 0.6)
    assert criteria.dissonant(exchanged((Note(20.0, 1.0, 61),), setting=DUET)) is None
    assert criteria.in_my_chord(exchanged(sounded, setting=DUET)) == 0.0
    assert criteria.in_my_chord(exchanged(melody(48, 50, 55, 55), setting=DUET)) == 0.75


def test_harmonise() -> None:
    # All of the call is in C major; five of its eight notes are in the chord.
    assert criteria.harmonised_in_key(exchanged(melody(57, 58, 60, 61), setting=HARMONISE)) == 0.5
    assert criteria.harmonised_in_chord(exchanged(melody(60, 61), setting=HARMONISE)) == pytest.approx(0.5 / (5 / 8))


def test_two_hands() -> None:
    left = [Note(0.0, 2.0, pitch, 60, LOWER) for pitch in (48, 52, 55)]
    chord = (*left, Note(0.0, 2.0, 72, 80, UPPER))
    judged = exchanged((), chord, kind="two hands")
    triad = tuple(Note(4.0, 1.0, pitch) for pitch in (60, 64, 67))
    cluster = tuple(Note(5.0, 1.0, pitch) for pitch in (60, 61, 62))
    both = replace(judged, sounded=triad + cluster)
    assert criteria.thickness(both) == pytest.approx(3 / 4)
    assert criteria.chordal(both) == pytest.approx(0.5)
    assert criteria.in_two_layers(both) == 0.0
    assert criteria.in_two_layers(replace(judged, sounded=(*triad, Note(4.0, 0.5, 48)))) == pytest.approx(0.5)
    assert criteria.thickness(exchanged(triad)) is None


def test_drummer() -> None:
    call = tuple(Note(0.5 * number, 0.1, (36, 38)[number % 2], 80, DRUMS) for number in range(8))
    judged = exchanged((), call, kind="drummer")
    assert criteria.on_the_kit(judged) == 0.0
    answer = (Note(4.5, 0.1, 36, 80, DRUMS), Note(5.0, 0.1, 51, 80, DRUMS), Note(5.5, 0.1, 38, 80, 1))
    assert criteria.on_the_kit(replace(judged, sounded=answer)) == pytest.approx(1 / 3)
    assert criteria.on_the_kit(exchanged(())) is None


def test_dynamics() -> None:
    call = tuple(replace(note, velocity=60 + 20 * (number % 2)) for number, note in enumerate(CALL))
    answer = tuple(
        replace(note, velocity=70 + 10 * (number % 2)) for number, note in enumerate(melody(60, 62, 64, 65, at=4.5))
    )
    assert criteria.dynamics(exchanged(answer, call)) == pytest.approx(0.5)
    assert criteria.dynamics(exchanged(answer)) is None


def test_the_lines_and_chords_that_criteria_rest_on() -> None:
    two_hands = (Note(0.0, 1.0, 72), Note(0.01, 0.5, 48), Note(0.5, 0.5, 50), Note(1.0, 0.5, 74))
    assert [note.pitch for note in lines.top_line(two_hands)] == [72, 74]
    assert lines.distance(b"kitten", b"sitting") == pytest.approx(3 / 7)
    assert harmony.key_of([Note(0.0, 1.0, pitch) for pitch in (57, 60, 64, 69, 68, 71, 69)]) == (9, True)
    assert jazz.chord("Fj7") == {5, 9, 0, 4}
    assert jazz.chord("NC") == frozenset()
    assert phrases.cuts([Note(float(at), 1.0, 60) for at in (*range(14), *range(16, 32))], 4.0) == (0.0, 16.0, 32.0)


def test_a_score_is_that_of_the_findings() -> None:
    """The zero of each measure follows from the figures of the findings: value, target and score there."""
    known = {"1": (0.132, 0.67), "2": (1.447, 0.60), "3": (0.645, 0.52), "7": (0.33, 0.32), "8": (0.128, 0.77)}
    by_number = {measure.number: measure for measure in MEASURES}
    for number, (value, score) in known.items():
        assert by_number[number].score(value) == pytest.approx(score, abs=0.01)
    assert {measure.of for measure in MEASURES} == set(range(1, 15))
    assert by_number["1"].met(0.05) and not by_number["1"].met(0.06) and by_number["3"].met(0.8)


@pytest.fixture(scope="module")
def tune() -> Performer:
    return perform(handmade.tune(), Style(), "lead sheet", 1)


def test_calls_are_every_second_unit_and_real_is_what_came_next(tune: Performer) -> None:
    length = {}
    for setting in (TRADE, POLITE):
        calls, events, grid = exchange.arrange(tune, setting)
        assert len(calls) == 5
        assert [note.pitch for note in calls[1].notes] == [note.pitch for note in tune.units[2].notes]
        assert [note.pitch for note in calls[1].real] == [note.pitch for note in tune.units[3].notes]
        assert all(calls[0].notes[-1].onset < note.onset < calls[1].notes[0].onset for note in calls[0].real)
        assert sum(isinstance(event, NoteOn) for event in events) == sum(len(call.notes) for call in calls)
        length[setting] = grid.beat(calls[4].notes[0].onset) - grid.beat(calls[0].notes[0].onset)
    # Four times eight bars, and a bar more for each where the performer is polite.
    assert length[TRADE] == pytest.approx(128, abs=0.1)
    assert length[POLITE] == pytest.approx(144, abs=0.1)


def test_the_same_call_comes_eight_times_on_the_same_place_of_the_beat(tune: Performer) -> None:
    calls, _, grid = exchange.arrange(tune, AGAIN)
    assert len({tuple(note.pitch for note in call.notes) for call in calls}) == 1
    places = [grid.beat(call.notes[0].onset) % 1.0 for call in calls]
    assert len(calls) == 8
    assert max(min(abs(place - places[0]), 1 - abs(place - places[0])) for place in places) < 0.1


def test_what_livegen_hears_lets_every_key_go() -> None:
    for performer in handmade.performers(1):
        _, events, _ = exchange.arrange(performer, POLITE)
        held: set[int] = set()
        for event in events:
            if isinstance(event, ControlChange):
                continue
            assert (event.pitch in held) == isinstance(event, NoteOff)
            held ^= {event.pitch}
        assert not held
        assert [event.at for event in events] == sorted(event.at for event in events)


def test_odd_metres_bend_the_bars() -> None:
    five, seven = (in_odd_metre(handmade.tune(), beats) for beats in (5, 3.5))
    assert (five.bar, five.pulse, five.cuts[1]) == (5.0, 1.0, handmade.tune().cuts[1] * 5 / 4)
    assert (seven.bar, seven.pulse) == (3.5, 0.5)
    assert len(five.notes) == len(seven.notes) == len(handmade.tune().notes)


def test_real_music_scores_well_and_chance_badly() -> None:
    """In every measure but those that guard against dullness, which chance is not."""
    settings = Settings(prompt=False)  # chance has as many notes as livegen's, and of few performers it is chance
    samples = []
    for performer in handmade.performers(1):
        for setting in (POLITE, TRADE, *(() if performer.drums else (AGAIN, DUET, HARMONISE))):
            played = exchange.play(performer, setting, Untrained(), settings, 1)
            samples.append(scoring.sample(played, 1))
    figures = scoring.figures(samples)
    scores = {side: scoring.score_of(figures, side) or 0.0 for side in scoring.SIDES}
    assert scores["real"] > 80 > 50 > scores["chance"]
    assert scores["real"] > scores["repeated"]
    for figure in figures:
        other = figure.values["real"] if figure.measure.number != "9b" else figure.values["repeated"]
        chance = figure.values["chance"]
        if not figure.measure.guard:
            assert other is not None and chance is not None
            assert figure.measure.better(other, chance), figure.measure.text


def test_references_answer_in_the_same_place(tune: Performer) -> None:
    played = exchange.play(tune, POLITE, Untrained(), Settings(), 1)
    for made in (references.real(played), references.repeated(played), references.chance(played, 1)):
        assert len(made) == len(played)
        assert all(one.answer for one in made)
    assert references.chance(played, 1) == references.chance(played, 1) != references.chance(played, 2)
    assert [criteria.changes(one) for one in references.repeated(played)][1:] != [None] * 4


def test_phrase_ends_are_counted_by_gaps() -> None:
    notes = melody(60, 62, 64, 65, 67, 69)
    played = phrase_ends.Performance("group", "player", (), notes, frozenset((1.0, 2.0)), BEATS, 2.5)
    count = phrase_ends.count(played, [1.45, 0.3, 0.4, 3.0])
    assert (count.notes, count.hits, count.missed, count.cut_ins) == (6, 1, 1, 1)
    assert (count.precision, count.recall, count.f1) == (0.5, 0.5, 0.5)
    assert count.cut_ins_per_100 == pytest.approx(100 / 6)
    assert count.wait == pytest.approx((1.45 - 1.4) / 0.5)
    assert phrase_ends.total([count, count]).hits == 2


def test_the_halves_share_no_source() -> None:
    assert {cast.part(f"solo {number}") for number in range(20)} == {cast.TUNE, cast.REPORT}
    assert cast.part("Danny Boy") == cast.part("Danny Boy")


def test_a_roll_shows_both(tune: Performer) -> None:
    played = exchange.play(tune, POLITE, Untrained(), Settings(), 1)
    picture = rolls.draw(played)
    ElementTree.fromstring(picture)
    assert picture.count(rolls.CALL) == sum(len(one.call) for one in played[:2])
    assert picture.count(rolls.ANSWER) == sum(len(one.sounded) for one in played[:2])


def test_the_command_goes_on_with_what_there_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target, card = tmp_path / "figures.json", tmp_path / "card.md"
    asked = ["--quick", "--jobs", "1", "--data", str(tmp_path), "--set", "model=untrained"]
    assert main([*asked, "--json", str(target), "--write", str(card)]) == 0
    said = capsys.readouterr()
    assert said.err.count("is missing") == 5
    assert "of 14 criteria met; score" in said.out
    assert said.out.split("\n\n")[0] in card.read_text("utf-8")
    figures = json.loads(target.read_text("utf-8"))
    assert [measure["number"] for measure in figures["measures"]] == [measure.number for measure in MEASURES]
    assert math.isfinite(figures["score"]["livegen"])


def test_a_setting_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--set", "patiens=2", "--data", "/nowhere"]) == 2
    assert "patience" in capsys.readouterr().err


def test_a_lead_sheet_is_read(tmp_path: Path) -> None:
    def note(step: str, length: int, more: str = "") -> str:
        return f"<note>{more}<pitch><step>{step}</step><octave>4</octave></pitch><duration>{length}</duration></note>"

    chord = "<harmony><root><root-step>F</root-step></root><kind>dominant</kind></harmony>"
    first = (
        "<attributes><divisions>2</divisions><key><fifths>-1</fifths><mode>major</mode></key>"
        "<time><beats>4</beats><beat-type>4</beat-type></time></attributes>" + chord + note("C", 8)
    )
    tied = (
        note("C", 2, '<tie type="stop"/>') + note("D", 2) + note("E", 2) + "<note><rest/><duration>2</duration></note>"
    )
    last = note("F", 8)
    measures = "".join(f"<measure>{inside}</measure>" for inside in (first, *([tied] * 14), last))
    with zipfile.ZipFile(tmp_path / "song.mxl", "w") as archive:
        archive.writestr("song.xml", f"<score-partwise><part>{measures}</part></score-partwise>")
    score = lead_sheets.read(tmp_path / "song.mxl")
    assert score is not None
    assert score.notes[0] == Note(0.0, 5.0, 60)
    assert (score.bar, score.pulse, score.key, score.down) == (4.0, 1.0, (5, False), 0.0)
    assert score.chords == (Chord(0.0, 64.0, frozenset((5, 9, 0, 3)), 5),)
    assert (score.cuts[0], score.cuts[-1]) == (0.0, 64.0)


def test_a_match_file_is_read(tmp_path: Path) -> None:
    lines_of = ["scoreprop(timeSignature,3/4,0:1,0,0.0000)."]
    for number in range(36):
        hand = "staff2" if number % 3 == 0 else "staff1"
        lines_of.append(
            f"snote(n{number},[C,n],4,{number // 3}:1,0,1/4,{number}.0000,{number + 1}.0000,[v1,{hand}])"
            f"-note(n{number},{60 + number % 3},{480 * number + 960},{480 * number + 1400},70,0,0)."
        )
    lines_of += [
        "snote(x,[C,n],4,1:1,0,1/4,1.0000,2.0000,[v1,staff1])-deletion.",
        "sustain(960,100).",
        "sustain(1900,3).",
    ]
    (tmp_path / "Piece_p07.match").write_text("\n".join(lines_of), "utf-8")
    played = pianists.performer(tmp_path / "Piece_p07.match")
    assert (played.name, played.source, len(played.notes)) == ("Piece, pianist p07", "pianist p07", 36)
    assert played.notes[0] == Note(1.0, 440 / 960, 60, 70, LOWER)
    assert played.grid.bar == 3.0 and played.grid.length(5.0) == pytest.approx(0.5, abs=0.01)
    assert played.pedals == ((1.0, 127), (1900 / 960, 0))
    assert played.layered


def test_a_folk_tune_is_read(tmp_path: Path) -> None:
    bars = "|".join(["GAB GAB", "d3 d3"] * 10)
    (tmp_path / "book.abc").write_text(f"X:1\nT:A jig\nM:6/8\nL:1/8\nK:Am\n{bars}|\n", "utf-8")
    [(title, text)] = folk.texts(tmp_path)
    score = folk.read(title, text)
    assert score is not None
    assert (score.name, score.bar, score.pulse, score.key, len(score.notes)) == ("A jig", 3.0, 1.5, (9, True), 80)
    assert folk.read("none", "X:1\nT:t\nK:C\nCDE|\n") is None
