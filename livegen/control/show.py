"""A prepared show: presets, a set list of songs, and their cues, read from TOML. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args

from livegen.control.arguments import check
from livegen.control.bindings import Binding, Trigger, bindings, message
from livegen.control.ramps import ramp
from livegen.errors import LivegenError, SettingsError, meant, unknown
from livegen.osc.packets import Message
from livegen.settings import Settings, specs

When = Literal["now", "beat", "bar"]
TABLES = ("bind", "preset", "cue", "song")  # in a TOML file, next to the settings
MOST = 1000  # cues, presets
_LIVE = frozenset(spec.name for spec in specs() if spec.live)
_LONGEST_NAME = 64


class Preset(NamedTuple):
    """Settings under one name, taken up together; ``program`` (1-128) chooses it from a keyboard."""

    name: str
    settings: dict[str, Any]
    program: int | None = None


class Cue(NamedTuple):
    """The actions at one place of a show, in this order: messages, settings, ramps (first value, last, beats)."""

    name: str
    settings: dict[str, Any]
    ramps: dict[str, tuple[float | None, float, float]]
    messages: tuple[Message, ...] = ()
    at: When = "now"


class Song(NamedTuple):
    """A song of the set list, with its cues."""

    name: str
    cues: tuple[Cue, ...]


class SongPosition(NamedTuple):
    """A place in a show: the numbers of the song and of the cue in it, from 0."""

    song: int
    cue: int


@dataclass
class Show:
    """The whole show and the current place in it. A file without one gives an empty show."""

    presets: dict[str, Preset] = field(default_factory=dict)
    songs: tuple[Song, ...] = ()
    bindings: dict[Trigger, Binding] = field(default_factory=dict)
    place: SongPosition | None = None

    def preset(self, wanted: str) -> Preset:
        """A preset by its name or the number of its program. Raises SettingsError."""
        found = self.presets.get(wanted) or self._programs().get(wanted)
        if found is None:
            if not self.presets:
                raise SettingsError(f"There is no preset {wanted!r:.40}; write [preset.NAME] in your file.")
            raise SettingsError(f"{unknown('preset', wanted, self.presets):.250}")
        return found

    def has_program(self, program: int) -> bool:
        """Whether a program (1-128) chooses a preset."""
        return str(program) in self._programs()

    def _programs(self) -> dict[str, Preset]:
        return {str(one.program): one for one in self.presets.values() if one.program is not None}

    def cue(self, wanted: str) -> SongPosition:
        """The place that "next", "back", a number or a name means; cues of this song first. Raises SettingsError."""
        order = [SongPosition(song, cue) for song, one in enumerate(self.songs) for cue in range(len(one.cues))]
        if not order:
            raise SettingsError("There are no cues; write [[cue]] in your file of settings.")
        if wanted in ("next", "back"):
            return _step(order, self.place, wanted, "cue")
        here = 0 if self.place is None else self.place.song
        if wanted.isdecimal():
            if not 1 <= int(wanted) <= len(self.songs[here].cues):
                raise SettingsError(f"There is no cue {wanted:.10}; choose 1 to {len(self.songs[here].cues)}.")
            return SongPosition(here, int(wanted) - 1)
        for place in sorted(order, key=lambda place: place.song != here):
            if self.at(place).name.casefold() == wanted.casefold():
                return place
        raise SettingsError(
            f"There is no cue {wanted!r:.70}; choose a name or number of your file's, next or back."
            f"{meant(wanted, (self.at(place).name for place in order))}"
        )

    def song(self, wanted: str) -> SongPosition:
        """The first cue of the song that "next", "back", a number or a name means. Raises SettingsError."""
        order = [SongPosition(song, 0) for song in range(len(self.songs))]
        if not order:
            raise SettingsError("There are no songs; write [[song]] in your file of settings.")
        if wanted in ("next", "back"):
            return _step(order, self.place and SongPosition(self.place.song, 0), wanted, "song")
        if wanted.isdecimal() and 1 <= int(wanted) <= len(order):
            return order[int(wanted) - 1]
        for place in order:
            if self.songs[place.song].name.casefold() == wanted.casefold():
                return place
        raise SettingsError(
            f"There is no song {wanted!r:.70}; choose a name or number of your file's, next or back."
            f"{meant(wanted, (song.name for song in self.songs))}"
        )

    def at(self, place: SongPosition) -> Cue:
        """The cue at a place."""
        return self.songs[place.song].cues[place.cue]

    def told(self) -> tuple[str, str, int, int, str]:
        """The place in words: song, cue, its number from 1 (0: not begun), how many the song has, the next cue."""
        if not self.songs:
            return "", "", 0, 0, ""
        if self.place is None:
            first = self.songs[0]
            return first.name, "", 0, len(first.cues), first.cues[0].name
        song = self.songs[self.place.song]
        try:
            after = self.at(self.cue("next")).name
        except SettingsError:
            after = ""
        return song.name, self.at(self.place).name, self.place.cue + 1, len(song.cues), after


def _step(order: list[SongPosition], here: SongPosition | None, wanted: str, what: str) -> SongPosition:
    at = -1 if here is None else order.index(here)
    at += 1 if wanted == "next" else -1
    if at >= len(order):
        raise SettingsError(f"That was the last {what}.")
    return order[max(0, at)]


def split(table: dict[str, Any], source: str = "the settings") -> tuple[dict[str, Any], Show]:
    """A TOML file's settings, and the show in it. Raises SettingsError naming the first thing that is wrong."""
    settings = {key: value for key, value in table.items() if key not in TABLES}
    try:
        presets = _presets(table.get("preset", {}))
        songs = [_song(song, presets) for song in _list(table, "song")]
        if cues := _list(table, "cue"):
            songs.insert(0, _song({"name": "show", "cue": cues}, presets))
    except SettingsError as error:
        raise SettingsError(f"In {source}: {error}") from None
    return settings, Show(presets, tuple(songs), bindings(table.get("bind", {}), source))


def _list(table: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found) or len(found) > MOST:
        raise SettingsError(f"each {key} is a table that begins with [[{key}]], at most {MOST} of them.")
    return found


def _name(name: object, what: str) -> str:
    if isinstance(name, str) and name.isprintable() and 0 < len(name) <= _LONGEST_NAME:
        if name.isdecimal() or name.casefold() in ("next", "back"):
            raise SettingsError(
                f"a {what} cannot be called {name!r}, which means something else; give it another name."
            )
        return name
    raise SettingsError(f"the name of a {what} is text of 1 to {_LONGEST_NAME} characters; it is {name!r:.40}.")


def _presets(table: object) -> dict[str, Preset]:
    if not isinstance(table, Mapping) or len(table) > MOST:
        raise SettingsError("each preset is a table that begins with [preset.NAME].")
    presets: dict[str, Preset] = {}
    programs: set[int] = set()
    for name, row in table.items():
        _name(name, "preset")
        if not isinstance(row, Mapping):
            raise SettingsError(f"the preset {name:.40} is not a table of settings; begin it with [preset.{name:.40}].")
        program = row.get("program")
        if program is not None and (type(program) is not int or not 1 <= program <= 128 or program in programs):
            raise SettingsError(f"the preset {name:.40} needs a program of its own, 1 to 128; it has {program!r:.20}.")
        programs.add(program or 0)
        values = _settings({key: value for key, value in row.items() if key != "program"}, f"the preset {name:.40}")
        presets[name] = Preset(name, values, program)
    return presets


def _settings(row: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Checked values of live settings."""
    settings, voices = Settings(), {}
    for name, value in row.items():
        if name.startswith("voice/"):
            try:
                check(Message(f"/livegen/{name}", (value,)))
            except LivegenError as error:
                raise SettingsError(f"{what} is wrong: {error}") from None
            voices[name] = value
            continue
        if name not in _LIVE and name in Settings.model_fields:
            raise SettingsError(f"{what} sets {name}, which does not change while playing; leave it out.")
        try:
            settings.set(name, value)
        except SettingsError as error:
            raise SettingsError(f"{what} is wrong: {error}") from None
    return {name: voices[name] if name in voices else getattr(settings, name) for name in row}


def _song(row: Mapping[str, Any], presets: Mapping[str, Preset]) -> Song:
    name = _name(row.get("name"), "song")
    rows = _list(row, "cue")
    if not rows:
        raise SettingsError(f"the song {name} has no cues; write [[song.cue]] after it.")
    if strange := set(row) - {"name", "cue"}:
        raise SettingsError(f"the song {name} has {min(strange)!r:.40}, which belongs in one of its cues.")
    return Song(name, tuple(_cue(one, number, presets) for number, one in enumerate(rows, 1)))


def _cue(row: Mapping[str, Any], number: int, presets: Mapping[str, Preset]) -> Cue:
    name = _name(row.get("name", f"cue {number}"), "cue")
    what = f"the cue {name}"
    own = {key: value for key, value in row.items() if key not in ("name", "preset", "ramp", "recall", "do", "at")}
    settings = _settings(own, what)
    if (preset := row.get("preset")) is not None:
        if preset not in presets:
            raise SettingsError(f"{what} takes the preset {preset!r:.40}, which is not in the file.")
        settings = presets[preset].settings | settings
    words = row.get("do", [])
    if isinstance(words, str):
        words = [words]
    if not isinstance(words, list) or not all(isinstance(one, str) for one in words):
        raise SettingsError(f'{what} must write what it does as text, such as do = ["forget"].')
    if "recall" in row:
        words = [f"recall {row['recall']}", *words]
    at = row.get("at", "now")
    if at not in get_args(When):
        raise SettingsError(f"{what} begins at {at!r:.20}; choose now, beat or bar.")
    return Cue(name, settings, _ramps(row.get("ramp", {}), what), tuple(message(one) for one in words), at)


def _ramps(table: object, what: str) -> dict[str, tuple[float | None, float, float]]:
    """name = [first, last, beats], or [last, beats] from where the setting then is."""
    if not isinstance(table, Mapping):
        raise SettingsError(f"{what} must write a ramp as ramp = {{ temperature = [0.7, 1.2, 16] }}.")
    ramps: dict[str, tuple[float | None, float, float]] = {}
    for name, numbers in table.items():
        if not isinstance(numbers, list) or len(numbers) not in (2, 3):
            raise SettingsError(f"{what} must give the ramp of {name} as [from, to, beats] or [to, beats].")
        first = numbers[0] if len(numbers) == 3 else None
        last, beats = numbers[-2:]
        ramp(name, last if first is None else first, last, beats)
        ramps[name] = first, last, beats
    return ramps
