"""Fits the weights of notes over chords to the melodies of lead sheets, for `livegen train over-chords`.

First by maximum likelihood. But a forecast of a real melody knows from its notes where the harmony is; one of a line
that a model makes up does not, and such a line strays from the chords. So the weights of belonging and of the degrees
are then corrected by what the models play with them: each round moves them by a share of the logarithm of how much more
often the songs have a kind of note there (iterative scaling, on samples).
"""

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from livegen.listening.chord_filter import Sounding
from livegen.music.chord_symbol import FAMILIES
from livegen.predictors import models
from livegen.predictors.over_chords import (
    BETWEEN,
    MASSES,
    ON_BEAT,
    SIZE,
    OverChords,
    inside,
    mass_class,
    moment,
    rows,
)
from livegen.predictors.sampling import Logits
from livegen.training.changes.melodies import Melody, foreseen, line_of
from livegen.training.changes.solos import Soloist, chosen
from livegen.training.changes.songs import Song, fingerprint, is_learnt, read_songs
from livegen.training.ngrams.tables import Floats

BASE = "folk"  # it learnt from no lead sheet, so what it foresees of one is what it foresees of any
PLAYERS = ("folk", "songs")  # by whose solos the weights are corrected
# How much the weights' squares cost, of the nats of a note; by cross-validation within the half that is learnt from.
_DECAY = 0.001
_STEPS = 150
ASTRAY = 0.25  # of the notes, in the second half of what is fitted to
_SONGS, _ROUNDS, _MEAN = 20, 12, 6  # of the correction; the mean of the last rounds is kept
_SHARE = 0.4  # of the difference that the first round corrects; less in each
_PRIOR = 12.0  # notes of no degree in particular
_PLACES = BETWEEN + 1


def fit(melodies: Sequence[Melody]) -> OverChords:
    """The weights under which these melodies, foreseen by a model that is not told the chords, are the likeliest."""
    torch.set_num_threads(1)
    known = [
        (forecast, int(pitch), at)
        for melody in melodies
        for forecast, pitch, at in zip(melody.logits, melody.pitches, melody.moments, strict=True)
        if at is not None
    ]
    masses = [mass_class(forecast, inside(at.chord)) for forecast, _, at in known]
    forecasts = torch.from_numpy(np.array([forecast for forecast, _, _ in known]))
    pitches, classes = torch.tensor([pitch for _, pitch, _ in known]), torch.tensor(masses)
    places = torch.from_numpy(np.array([rows(at, mass) for (_, _, at), mass in zip(known, masses, strict=True)]))
    weights, trust = torch.zeros(SIZE, requires_grad=True), torch.ones(MASSES, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights, trust], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def lost() -> torch.Tensor:
        optimiser.zero_grad()
        added = torch.cat((weights, torch.zeros(1)))[places].sum(dim=1)
        logits = forecasts * trust[classes].unsqueeze(1) + added
        loss = torch.nn.functional.cross_entropy(logits, pitches) + _DECAY * weights.square().sum()
        loss.backward()
        return loss

    optimiser.step(lost)
    return OverChords(weights.detach().numpy(), trust.detach().numpy())


class _Kinds(NamedTuple):
    """Numbers of notes of each kind: ``belongs`` [places, 2], and ``degrees`` [12, families, on or off]."""

    belongs: Floats
    degrees: Floats

    def apart(self, other: "_Kinds") -> tuple[Floats, Floats]:
        """The logarithms of how much oftener each kind is here than there."""
        odds = [np.log((each.belongs[:, 1] + 2.0) / (each.belongs[:, 0] + 2.0)) for each in (self, other)]
        shares = [_shares(each.degrees) for each in (self, other)]
        return odds[0] - odds[1], np.clip(np.log(shares[0] / shares[1]), -1.0, 1.0)


def _shares(degrees: Floats) -> Floats:
    general = (degrees.sum(axis=(1, 2), keepdims=True) + 1.0) / (degrees.sum() + 12.0)
    found: Floats = (degrees + _PRIOR * general) / (degrees.sum(axis=0, keepdims=True) + _PRIOR)
    return found


def _kinds(lines: Iterable[tuple[Song, Sequence[Sounding]]]) -> _Kinds:
    """The kinds of the notes of lines over the chords of songs, which begin again where a line is longer."""
    found = _Kinds(np.zeros((_PLACES, 2)), np.zeros((12, len(FAMILIES), 2)))
    for song, line in lines:
        for note in line:
            beat = math.floor(note.begins + ON_BEAT)
            chord = song.chords[beat % len(song.chords)] if beat >= 0 else None
            if chord is not None:
                place = moment(chord, note.begins, song.beats_per_bar).place
                family = FAMILIES.index(chord.family)
                found.belongs[place, int(note.pitch % 12 in chord.classes)] += 1
                found.degrees[(note.pitch - chord.root) % 12, family, int(place == BETWEEN)] += 1
    return found


Play = Callable[[OverChords, int], Iterable[tuple[Song, Sequence[Sounding]]]]


def corrected(over: OverChords, songs: Sequence[Song], play: Play, rounds: int = _ROUNDS) -> OverChords:
    """The weights with which the lines that ``play`` makes, in each round others, have the kinds of the songs' own."""
    wanted = _kinds((song, line_of(song).notes) for song in songs)
    weights, kept = over.weights[:SIZE].copy(), list[Logits]()
    belongs = weights[: _PLACES * 2 * MASSES].reshape(_PLACES, 2, MASSES)
    degrees = weights[belongs.size : belongs.size + wanted.degrees.size].reshape(wanted.degrees.shape)
    for number in range(rounds):
        odds, oftener = wanted.apart(_kinds(play(OverChords(weights, over.trust), number)))
        share = _SHARE / (1.0 + number / 4.0)
        belongs += share / 2.0 * odds[:, None, None] * np.array([-1.0, 1.0])[:, None]
        degrees += share * oftener
        kept.append(weights.copy())
    return OverChords(np.mean(kept[-_MEAN:], axis=0, dtype=np.float32), over.trust)


def _solos(songs: Sequence[Song], solo: Soloist) -> Play:
    """Solos of the players over the charts of some songs."""
    players, some = [models.load(name) for name in PLAYERS], chosen(songs, _SONGS)

    def play(over: OverChords, number: int) -> Iterable[tuple[Song, Sequence[Sounding]]]:
        for at, model in enumerate(players):
            for song in some:
                yield song, solo(song, model, {}, seed=1 + number * len(players) + at, over=over)

    return play


def train(folder: Path, path: Path, solo: Soloist) -> Path:
    """Fit the weights to the half of a folder's lead sheets that is for learning, correct them by solos, and write
    them. Raises FileError."""
    songs = [song for song in read_songs(folder).songs if is_learnt(song.name)]
    model = models.load(BASE)
    melodies = [melody for astray in (0.0, ASTRAY) for melody in foreseen(songs, model, astray)]
    write(corrected(fit(melodies), songs, _solos(songs, solo)), [song.name for song in songs], path)
    return path


def write(over: OverChords, names: Sequence[str], path: Path) -> None:
    """Write the weights, with the fingerprints of the songs that they were fitted to."""
    with path.open("wb") as target:
        np.savez_compressed(
            target,
            weights=over.weights[:SIZE],
            trust=over.trust,
            songs=np.array(sorted(map(fingerprint, names))),
            base=np.array(BASE),
        )
