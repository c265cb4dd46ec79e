"""Every setting, declared once; flags, TOML keys, OSC, OSCQuery, the page and the tables of docs/ are made from this.

To add a setting, add one line to ``Settings``: its group, default, range or choices, and help. Use it where it acts.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Self

import pydantic
from pydantic import AfterValidator, BaseModel, ConfigDict

from livegen.beat import delays as late_outputs
from livegen.beat import rhythm, transport
from livegen.errors import SettingsError, meant, nearest
from livegen.music import chords, ensemble, harmony, raga, sargam, scales
from livegen.music import drums as kits
from livegen.music.pitch import PITCH_CLASSES
from livegen.spec import (
    CHOICE,
    DRUMS,
    FEEL,
    HARMONY,
    MEMORY,
    MODELS,
    MODES,
    NOTES,
    SLOTS,
    START,
    TIME,
    WIRES,
    Spec,
    as_kind,
    number,
    read,
    setting,
)

_Scale = Annotated[str, AfterValidator(scales.named)]
_Key = Annotated[str, AfterValidator(scales.keyed)]
_Harmony = Annotated[str, AfterValidator(harmony.named)]
_Harmonised = Annotated[str, AfterValidator(harmony.harmonised)]
_Chord = Annotated[str, AfterValidator(chords.named)]
_Raga = Annotated[str, AfterValidator(raga.named)]
_Tonic = Annotated[str, AfterValidator(raga.sa)]
_Begin = Annotated[str, AfterValidator(transport.begun)]
_End = Annotated[str, AfterValidator(transport.ended)]
_Ending = Annotated[str, AfterValidator(transport.ending)]
_Turn = Annotated[str, AfterValidator(transport.turned)]
_Delays = Annotated[str, AfterValidator(late_outputs.named)]
_Sync = Annotated[str, AfterValidator(transport.synced)]
_Style = Annotated[str, AfterValidator(kits.style)]
_Part = Annotated[str, AfterValidator(ensemble.named)]
_Kit = Annotated[str, AfterValidator(kits.named)]
_Pulse = Annotated[str, AfterValidator(rhythm.named)]
_Tala = Annotated[str, AfterValidator(sargam.tala_named)]


class Settings(BaseModel):
    """The performer's settings. Assigning checks the value; ``set`` also takes text and raises SettingsError."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    mode: str = setting(
        CHOICE, "call_and_response", "who plays when: a mode's name, or package.module:function", listed=MODES
    )
    model: str = setting(
        CHOICE, "folk", "the model that answers: a name that `livegen models` lists, or a model file", listed=MODELS
    )

    temperature: float = number(FEEL, 1.0, 0.1, 2.0, "how adventurous the choice of notes is", control=20)
    memory: float = number(
        FEEL, 1.0, 0.0, 1.0, "how far livegen is led by what was played before; 0 is off", control=21
    )
    follow: float = number(FEEL, 0.5, 0.0, 1.0, "how closely livegen follows your onset density", control=23)
    touch: float = number(
        FEEL,
        1.0,
        0.0,
        1.0,
        "how closely livegen follows your swing, dynamics, articulation and chords",
        control=22,
    )
    own_touch: float = number(
        FEEL,
        1.0,
        0.0,
        1.0,
        "how far livegen plays as pianists do where your touch says nothing: alone, or if your notes are equally loud",
        formerly=0.0,
    )
    answer: float = number(
        FEEL, 1.0, 0.25, 4.0, "length of an answer, in multiples of your phrase's length", curve="log", control=24
    )
    patience: float = number(
        FEEL,
        2.0,
        1.0,
        8.0,
        "how long a silence ends your phrase: 1 is eager, 4 waits twice as long as 2",
        curve="log",
        control=25,
    )
    turn: _Turn = setting(
        FEEL,
        "auto",
        "who says when livegen answers: auto is your silence, pedal is turn_pedal or /livegen/reply alone",
        choices=transport.TURNS,
    )
    trades: int = number(FEEL, 4, 1, 32, "in the mode trade, how many bars each of you has", unit="bars")
    turn_pedal: int = number(
        FEEL,
        66,
        0,
        119,
        "with turn pedal, the pedal (MIDI control) that says: your turn; while livegen plays, finish",
    )
    phrase_cues: bool = setting(
        FEEL,
        True,
        "hear that your phrase ends by its last note and its length too; off: by your pace alone",
        formerly=False,
    )
    prompt: bool = setting(
        FEEL,
        True,
        "come in sooner: where your phrase is as long as those before it, and on a half beat that you leave empty",
        formerly=False,
    )
    at_once: bool = setting(
        FEEL,
        False,
        "where your beat is not sure, begin as soon as your phrase is over; off, on a half beat that is guessed",
    )
    habits: bool = setting(
        FEEL,
        True,
        "foresee the end of your phrase by your habits: how long your phrases are, how you rest within them",
        formerly=False,
    )
    stretches: bool = setting(
        FEEL,
        True,
        "with habits: foresee the end of your phrase by how many notes you play from rest to rest, too",
        formerly=False,
    )
    free_entry: bool = setting(
        FEEL,
        True,
        "come in at once, on no half beat, where your own notes do not lie on the half beats that livegen hears",
        formerly=False,
    )
    density: float = number(
        FEEL,
        1.0,
        0.25,
        4.0,
        "how many notes livegen plays: at 0.5 about half as many, at 2 twice as many",
        curve="log",
        control=31,
    )
    ending: _Ending = setting(
        FEEL,
        "cadence",
        "how answers end: cadence leads to a long, stable note on a beat, cut stops when the time is over",
        choices=transport.ENDINGS,
        formerly="cut",
    )
    full_answers: bool = setting(
        FEEL,
        True,
        "answer a short phrase at its full length: end later, on a last note that is shorter; off: end sooner",
        formerly=False,
    )
    exchange: bool = setting(
        FEEL,
        True,
        "trade phrases evenly: come in on your half beat, end when you are due back",
        formerly=False,
    )
    candidates: int = number(
        FEEL,
        8,
        1,
        32,
        "among how many answers livegen chooses, most of them developed from your motifs; 1: as it comes",
        formerly=1,
    )
    riffs: bool = setting(
        FEEL,
        True,
        "when you play the same riff again, another answer in its rhythm; needs candidates",
        formerly=False,
    )
    consonance: float = number(
        FEEL,
        1.0,
        0.0,
        1.0,
        "while you both play, how far livegen fits its notes to what you hold, your chord and your place",
        formerly=0.0,
        control=114,
    )
    counterpoint: bool = setting(
        FEEL,
        True,
        "in duet, leave you room: fewer notes and longer ones, faster where you hold a note, against your direction",
        formerly=False,
    )
    layers: bool = setting(
        FEEL,
        True,
        "answer two hands with two: your left hand goes on under livegen's melody",
        formerly=False,
    )
    hands: bool = setting(
        FEEL,
        True,
        "know your two hands after a few notes where they are far apart, and fit livegen's melody to its own left hand",
        formerly=False,
    )
    in_register: float = number(FEEL, 0.5, 0.0, 1.0, "how closely livegen keeps to your register", control=26)

    morph: float = number(MEMORY, 0.0, 0.0, 1.0, "continue from between two saved slots", control=112)
    morph_from: int = number(MEMORY, 1, 1, SLOTS, "slot that the morph fader stands for at 0")
    morph_to: int = number(MEMORY, 2, 1, SLOTS, "slot that the morph fader stands for at 1")
    listen_to: float = number(
        MEMORY,
        0.5,
        0.0,
        1.0,
        "whose notes in the memory lead: 1 only yours, 0 only livegen's own, 0.5 both alike",
        control=111,
    )
    call_leads: bool = setting(
        MEMORY,
        True,
        "in call and response listen_to counts twice, so that at 0.5 only the notes of your call lead",
        formerly=False,
    )
    same_phrase: bool = setting(
        MEMORY,
        True,
        "another answer is to your own phrase, also where livegen has played on by itself since; off, to its own notes",
        formerly=False,
    )

    top_p: float = number(NOTES, 1.0, 0.05, 1.0, "keep only the likeliest notes that make up this share", control=27)
    guard: bool = setting(
        NOTES, True, "never quote 16 notes or more of the music that the model was trained on", control=109
    )
    lowest: int = number(NOTES, 36, 0, 127, "lowest pitch that livegen uses", control=28)
    highest: int = number(NOTES, 96, 0, 127, "highest pitch that livegen uses", control=29)
    polyphony: int = number(NOTES, 6, 1, 16, "most notes that livegen starts at once", control=30)
    quietest: int = number(NOTES, 1, 1, 127, "no note of livegen's is softer than this velocity", control=107)
    loudest: int = number(NOTES, 127, 1, 127, "no note of livegen's is louder than this velocity", control=108)
    longest: float = number(
        NOTES, 8.0, 0.1, 10.0, "no note of livegen's lasts longer than this", unit="s", curve="log", control=103
    )
    loops: int = number(
        NOTES,
        4,
        0,
        16,
        "most times that a note, or a figure of up to 8 notes, is played in a row; 0 is no limit",
        control=106,
    )
    harmonises: _Harmonised = setting(
        NOTES,
        harmony.TOP,
        "in the mode harmonise, which of your notes get a harmony: top, the melody, no inner voice or bass; or every",
        choices=harmony.HARMONISED,
        formerly=harmony.EVERY,
    )
    harmony: _Harmony = setting(
        NOTES,
        harmony.FITTING,
        "in the mode harmonise, what sounds under your notes",
        choices=harmony.HARMONIES,
        takes=harmony.TAKES,
        formerly=harmony.THIRD,
    )
    likely: int = number(
        NOTES, 5, 0, 16, "how many of the likeliest next pitches are sent after each note of yours; 0 sends none"
    )

    scale: _Scale = setting(
        HARMONY, "off", "the scale that livegen keeps to", choices=(scales.OFF, *scales.SCALES), takes=scales.TAKES
    )
    key: _Key = setting(
        HARMONY, "C", "the key of the scale", choices=(scales.AUTO, *PITCH_CLASSES), takes=scales.KEY_TAKES
    )
    strictness: float = number(
        HARMONY,
        100.0,
        0.0,
        100.0,
        "how strictly scale or raga are kept: at 80, by four notes in five",
        unit="%",
        control=104,
    )
    in_key: float = number(
        HARMONY,
        1.0,
        0.0,
        1.0,
        "with no scale or chord set: how far a model of chords keeps to your key, and between beats to its chord",
        formerly=0.0,
    )
    chord: _Chord = setting(HARMONY, "off", "the chord whose notes livegen keeps to", takes=chords.TAKES)
    chord_strictness: float = number(
        HARMONY, 100.0, 0.0, 100.0, "how strictly the chord is kept", unit="%", control=105
    )
    chord_tones: float = number(
        HARMONY,
        1.0,
        0.0,
        1.0,
        "over a chart, or with chord auto: how far livegen's notes are drawn to the chord",
        formerly=0.0,
    )
    chord_lines: bool = setting(
        HARMONY,
        True,
        "draw notes to the chord as the melodies of songs do, on and off the beat; off: on beats alone, all alike",
        formerly=False,
    )
    safe_chords: bool = setting(
        HARMONY,
        True,
        "without a chart, where the chord is a guess, bass and chords play the one that is least wrong to be expected",
        formerly=False,
    )
    strong_beats: bool = setting(
        HARMONY,
        True,
        "with chord_lines: a note a little before a beat belongs to the chord of that beat, so strong beats are on it",
        formerly=False,
    )
    zone: int = number(
        HARMONY,
        54,
        0,
        127,
        "with chord left-hand: keys below this pitch set the chord, and are not heard as melody",
        control=110,
    )
    raga: _Raga = setting(
        HARMONY,
        "off",
        "the raga that livegen keeps to",
        choices=(raga.OFF, *raga.NAMES, *raga.JANYA),
        takes="off, or a raga of `livegen generate carnatic --ragas`",
    )
    tonic: _Tonic = setting(
        HARMONY, "C4", "the raga's middle Sa", takes="a note such as D3 (C4 is middle C), or its pitch"
    )
    tala: _Tala = setting(
        HARMONY, "adi", "in a raga, answers end on the first beat of this tala", choices=("off", *sargam.TALAS)
    )

    tempo: float = number(
        TIME,
        120.0,
        50.0,
        240.0,
        "tempo until yours is heard",
        unit="bpm",
        curve="log",
        control=102,
        shared=True,
    )
    metre: int = number(TIME, 4, 1, 16, "beats in a bar", unit="beats", shared=True)
    begin: _Begin = setting(
        TIME,
        "auto",
        "where answers begin; auto is on a beat where a clock leads",
        choices=transport.BEGINNINGS,
        takes="auto, freely, beat or bar",
    )
    end: _End = setting(TIME, "freely", "where answers end", choices=transport.ENDS, takes="freely, beat or bar")
    quantise: float = number(
        TIME, 0.0, 0.0, 100.0, "how far livegen's notes are drawn to the grid of the beat", unit="%", control=113
    )
    sync: _Sync = setting(
        TIME,
        "auto",
        "whose beat is kept",
        choices=transport.SYNCS,
        takes=transport.SYNC_TAKES,
        shared=True,
    )
    pulse: _Pulse = setting(
        TIME,
        "learnt",
        "how your beat is found: by plain rhythms at 50 to 240 bpm, or learnt from jazz, drummers and songs, 30 to 300",
        choices=rhythm.RHYTHMS,
        shared=True,
        formerly="plain",
    )
    send_clock: bool = setting(TIME, False, "send MIDI clock to every output", shared=True)
    link: bool = setting(
        TIME, False, "join the Ableton Link session of the network; needs the package aalink", live=False, shared=True
    )
    position_in_ticks: bool = setting(
        TIME, False, "a clock's song position counts ticks, as Ardour 7's does, instead of sixteenths", shared=True
    )
    offset: float = number(TIME, 0.0, -200.0, 200.0, "keep the beat of a clock this much later", unit="ms", shared=True)

    part: _Part = setting(
        DRUMS, "drums", "what this voice plays in the mode accompany", choices=ensemble.PARTS, formerly="drums"
    )
    learnt_rhythms: bool = setting(
        DRUMS,
        True,
        "where the music is plain, chords come as in accompaniments of songs; off: in bars that methods teach",
        formerly=False,
    )
    stays: int = number(
        DRUMS,
        4,
        1,
        64,
        "over a chart, how many bars an accompaniment plays on while you rest; without one it is a bar",
        unit="bars",
        formerly=1,
    )
    ensemble: bool = setting(
        DRUMS,
        True,
        "voices that accompany are one band: they keep one beat, and play on while a voice that they hear plays",
        formerly=False,
    )
    drums: str = setting(
        DRUMS,
        "drums",
        "the drummer of the mode accompany, who answers drums too: a drum model's name or file, or off",
        formerly=kits.OFF,
    )
    style: _Style = setting(
        DRUMS, "any", "the style that the drummer plays in", choices=(kits.ANY, *kits.STYLES), takes="any or a style"
    )
    intensity: float = number(DRUMS, 0.5, 0.0, 1.0, "how hard the drummer plays, beside how hard you do")
    complexity: float = number(DRUMS, 0.5, 0.0, 1.0, "how busy and how adventurous the drummer is")
    groove: float = number(
        DRUMS,
        0.5,
        0.0,
        1.0,
        "how closely the drummer keeps to a pattern of a bar or two; 0 makes up each bar anew",
        formerly=0.0,
    )
    fills: float = number(DRUMS, 0.5, 0.0, 1.0, "how often the drummer plays a fill where a phrase ends; 0 is never")
    humanise: float = number(DRUMS, 0.6, 0.0, 1.0, "the drummer's timing: 0 is on the grid, 1 as drummers played")
    attentive: bool = setting(
        DRUMS,
        True,
        "the drummer keeps close to your beat and divides it as you do; off, it is steadier and keeps to its own",
        formerly=False,
    )
    alert: bool = setting(
        DRUMS,
        True,
        "who accompanies you comes in within a bar or two, goes by the metre that you set, and is nearer to your beat",
        formerly=False,
    )
    stops_together: bool = setting(
        DRUMS,
        True,
        "the drummer comes down plainly when you stop, and ends within your bar with a hit on the beat",
        formerly=False,
    )
    ends_on_beat: bool = setting(
        DRUMS,
        True,
        "the drummer ends with a hit only if your last note is on the beat, otherwise it just stops",
        formerly=False,
    )
    punctual: bool = setting(
        DRUMS,
        True,
        "what the drummer, the bass or the chords play within 5 ms is moved no more, so that it is sent on time",
        formerly=False,
    )
    exact: bool = setting(
        DRUMS,
        True,
        "a drummer is answered at the tempo of their whole phrase, from a half beat on; off, by the beat of its end",
        formerly=False,
    )
    kit: _Kit = setting(DRUMS, "gm", "the kit whose keys the drummer plays", choices=tuple(kits.KITS), takes=kits.TAKES)

    channel_in: int = number(WIRES, 0, 0, 16, "hear this MIDI channel alone; 0 hears all, channel 10 as drums")
    count_strokes: bool = setting(
        WIRES,
        True,
        "count the strokes of each key, hear a key that arrives twice once, and follow pedals and mode messages as MIDI"
        " has them; off: any release ends its key",
        live=False,
        formerly=False,
    )
    channel_out: int = number(WIRES, 1, 1, 16, "MIDI channel that livegen sends on")
    program_out: int = number(
        WIRES, 0, 0, 128, "MIDI program that livegen chooses on its channel, such as 33 for a bass; 0 chooses none"
    )
    thru: bool = setting(WIRES, False, "send what you play to the MIDI outputs, at once", shared=True)
    echo: float = number(
        WIRES, 0.02, 0.0, 0.5, "ignore a note that comes back this soon after it was sent", unit="s", shared=True
    )
    late: float = number(WIRES, 0.1, 0.01, 2.0, "drop a note that is later than this", unit="s", shared=True)
    deadline: float = number(
        WIRES,
        0.02,
        0.001,
        2.0,
        "a model that takes longer than this for a note, three times in a row, gives way to a chain of what was played",
        unit="s",
        shared=True,
    )
    controls: bool = setting(
        WIRES, False, "let the control changes of the chart in docs/controls.md move settings", shared=True
    )
    pickup: bool = setting(WIRES, True, "a knob moves nothing until it passes where its setting is", shared=True)
    dead_band: int = number(WIRES, 2, 1, 16, "a knob turned back by fewer steps than this is jitter", shared=True)
    inputs: str = setting(
        WIRES,
        "auto",
        "MIDI inputs in addition to our own: auto (every keyboard found), none, or names separated by commas",
        live=False,
    )
    outputs: str = setting(
        WIRES,
        "auto",
        "MIDI outputs in addition to our own: auto (a software synth found), none, or names separated by commas",
        live=False,
    )
    delays: _Delays = setting(
        WIRES,
        "",
        "send to these outputs later by this much, to be in time with slower ones",
        takes=late_outputs.TAKES,
        live=False,
    )

    seed: int = number(START, 0, 0, 2**31 - 1, "same seed and same input, same answer; 0 draws a new one", live=False)
    osc_port: int = number(START, 7331, 0, 65535, "UDP port that hears OSC; 0 takes a free one", live=False)
    osc_target: str = setting(START, "127.0.0.1:7332", "where OSC is sent to: host:port, or none", live=False)
    page: bool = setting(START, True, "serve the page, OSCQuery and WebSocket", live=False)
    http_port: int = number(START, 7330, 0, 65535, "TCP port of the page; 0 takes a free one", live=False)
    lan: bool = setting(
        START, False, "let other machines on the network send OSC, listen and, with the token, see the page", live=False
    )
    token: str = setting(START, "", "the word that opens the page to other machines; empty draws one", live=False)
    announce: bool = setting(
        START, False, "announce OSCQuery and OSC by zeroconf, for programs that look for it", live=False
    )
    realtime: bool = setting(START, True, "ask the system to run livegen before other programs, if it may", live=False)
    note_guard: bool = setting(
        START, True, "send MIDI from a small process of its own, which ends all notes if livegen dies", live=False
    )
    journal: str = setting(START, "", "folder for the journals; empty is the user's data folder", live=False)

    def set(self, name: str, value: object) -> None:
        """Change one setting, from text or a number. Raises SettingsError that names the allowed range."""
        if name not in Settings.model_fields:
            near = nearest(name, Settings.model_fields)
            hint = f"; did you mean {near}?" if near else "; `livegen jam --help` lists them."
            raise SettingsError(f"There is no setting {name!r:.40}{hint}")
        try:
            if spec(name).takes and type(value) in (int, float):  # a melakarta's number, a tonic's pitch
                value = f"{value:g}"
            setattr(self, name, as_kind(Settings.model_fields[name].annotation, value))
        except SettingsError as error:
            raise SettingsError(f"{error}{meant(value, spec(name).choices)}") from None
        except (pydantic.ValidationError, ValueError, OverflowError):
            shown = str(value)[:40]
            raise SettingsError(
                f"{name} cannot be {shown!r}; it takes {spec(name).range}.{meant(value, spec(name).choices)}"
            ) from None

    @classmethod
    def from_table(cls, table: dict[str, Any], source: str = "the settings") -> Self:
        """Settings from a TOML table. Raises SettingsError naming the first key that is wrong."""
        settings = cls()
        for name, value in table.items():
            try:
                settings.set(name, value)
            except SettingsError as error:
                raise SettingsError(f"In {source}: {error}") from None
        return settings


def spec(name: str) -> Spec:
    """The declaration of one setting."""
    return read(name, Settings.model_fields[name])


def specs() -> Iterator[Spec]:
    """The declarations of all settings, in order."""
    for name in Settings.model_fields:
        yield spec(name)
