"""Writes livegen.json, a session for Open Stage Control, from livegen's own tables: python make_layout.py"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from livegen import spec as declared
from livegen.control.addresses import BY_ADDRESS
from livegen.player.modes import MODES
from livegen.settings import specs
from livegen.spec import SLOTS, Spec

Widget = dict[str, Any]
FILE = Path(__file__).parent / "livegen.json"
VERSION = "1.25.0"  # of Open Stage Control; the names are this version's, and a later one converts those that changed
COLUMNS = 3  # of settings
ROW = 44  # pixels
FEW = 33  # whole numbers that a fader can tell apart by steps
MENU = 20  # words that a menu can hold; where there are more, they are typed
LISTS = {declared.MODES: tuple(MODES)}


def at(address: str) -> str:
    """The address. Raises KeyError if livegen does not have it."""
    return BY_ADDRESS[address].address


def control(spec: Spec) -> Widget:
    """The widget that moves one setting and shows its changes."""
    own: Widget = {"id": spec.name, "address": at("/livegen/" + spec.name), "expand": True, "comments": spec.help}
    if spec.kind is bool:
        return {"type": "button", **own, "mode": "toggle", "on": 1, "off": 0, "label": "on", "typeTags": "i"}
    words = spec.choices or LISTS.get(spec.listed, ())
    if 0 < len(words) <= MENU:
        return {"type": "dropdown", **own, "values": list(words), "typeTags": "s", "default": spec.default}
    if spec.low is None or spec.high is None:
        return {"type": "input", **own, "typeTags": "s", "default": spec.default}
    # Breakpoints give the fader the same curve as a knob, whatever the curve is.
    scale = {"min": spec.at(0.0)} | {f"{part}%": spec.at(part / 100) for part in (25, 50, 75)} | {"max": spec.at(1.0)}
    fader = {"type": "fader", **own, "horizontal": True, "design": "compact", "range": scale, "default": spec.default}
    if spec.kind is not int:
        return {**fader, "decimals": 3, "typeTags": "f"}
    count = int(spec.high - spec.low) + 1
    even = {"min": spec.low, "max": spec.high}
    return {**fader, "range": even, "decimals": 0, "typeTags": "i", **({"steps": count} if count <= FEW else {})}


def row(spec: Spec) -> Widget:
    """A setting's name, its control and, for a number, its figure, to be typed too."""
    name = {"type": "text", "id": f"{spec.name}_name", "default": spec.name, "width": 130, "align": "left"}
    widgets = [{**name, "bypass": True}, control(spec)]
    if widgets[-1]["type"] == "fader":
        same = {key: widgets[-1][key] for key in ("address", "decimals", "typeTags", "default")}
        widgets.append({"type": "input", "id": f"{spec.name}_value", "numeric": True, "width": 80, **same})
        widgets[-1]["unit"] = spec.unit
    return panel(f"{spec.name}_row", "horizontal", widgets, height=ROW, alphaStroke=0)


def panel(id: str, layout: str, widgets: Iterable[Widget], **how: object) -> Widget:
    """Widgets side by side or one above the other. The panel itself sends nothing, not even its scroll position."""
    return {"type": "panel", "id": id, "bypass": True, "layout": layout, **how, "widgets": list(widgets)}


def button(id: str, address: str, label: str, *args: object, **how: object) -> Widget:
    """A button that sends its message once when it is pressed."""
    given = {"mode": "tap", "on": args[0], "preArgs": []} if args else {"mode": "momentary"}
    return {"type": "button", "id": id, "address": at(address), "label": label, "expand": True, **given, **how}


def shown(id: str, address: str, title: str) -> Widget:
    """A widget that shows livegen's messages at an address."""
    words = {"type": "text", "id": id, "address": at(address), "default": "", "wrap": True, "expand": True}
    name = {"type": "text", "id": f"{id}_name", "default": title, "bypass": True, "width": 90, "align": "left"}
    return panel(f"{id}_row", "horizontal", [name, words], height=ROW, alphaStroke=0)


def play() -> Widget:
    """The tab for the stage: modes, panic, cues, slots, keys, and livegen's messages."""
    modes: Widget = {"type": "switch", "id": "modes", "address": at("/livegen/mode"), "values": list(MODES)}
    verbs = [
        button("panic", "/livegen/panic", "PANIC", colorWidget="#e0403c", alphaFillOff=0.6),
        button("forget", "/livegen/forget", "forget"),
        button("reset", "/livegen/reset", "reset", doubleTap=True),
        button("tap", "/livegen/tap", "tap the beat"),
        button("cue_back", "/livegen/cue", "cue back", "back", typeTags="s"),
        button("cue_next", "/livegen/cue", "CUE NEXT", "next", typeTags="s", colorWidget="#37a060"),
    ]
    keys = {"type": "keyboard", "id": "keys", "address": at("/livegen/note"), "keys": 37, "start": 48, "expand": True}
    slots = [button(f"save_{slot}", "/livegen/save", f"save {slot}", slot, typeTags="i") for slot in numbers()]
    back = [button(f"recall_{slot}", "/livegen/recall", f"recall {slot}", slot, typeTags="i") for slot in numbers()]
    said = [
        shown("said_turn", "/livegen/out/turn", "plays now"),
        shown("said_line", "/livegen/out/line", "answer"),
        shown("said_place", "/livegen/out/cue", "show"),
        shown("said_late", "/livegen/out/lateness", "late, ms"),
        shown("said_error", "/livegen/error", "error"),
    ]
    rows = [
        {**modes, "layout": "horizontal", "typeTags": "s", "default": next(iter(MODES)), "height": 80},
        panel("verbs", "horizontal", verbs, height=100, alphaStroke=0),
        panel("saves", "horizontal", slots, height=60, alphaStroke=0),
        panel("recalls", "horizontal", back, height=60, alphaStroke=0),
        *said,
        {**keys, "on": 100, "off": 0, "velocity": True, "typeTags": "ii", "decimals": 0},
    ]
    return {"type": "tab", "id": "play", "label": "play", "bypass": True, "layout": "vertical", "widgets": rows}


def numbers() -> range:
    """The numbers of the slots."""
    return range(1, SLOTS + 1)


def settings() -> Widget:
    """The tab with a control for each setting that may change while playing."""
    rows = [row(spec) for spec in specs() if spec.live]
    length = -(-len(rows) // COLUMNS)
    columns = [
        panel(f"column_{n + 1}", "vertical", rows[n * length : (n + 1) * length], expand=True, contain=False)
        for n in range(COLUMNS)
    ]
    tab = {"type": "tab", "id": "settings", "label": "settings", "bypass": True, "layout": "horizontal"}
    return {**tab, "widgets": columns}


def layout() -> Widget:
    """The whole session. When it opens it asks for every setting, so that the controls show the current values."""
    asked = [at("/livegen/" + spec.name) for spec in specs() if spec.live]
    ask = "".join(f"send('{address}')\n" for address in asked)
    root = {"type": "root", "id": "root", "bypass": True, "onCreate": ask, "tabs": [play(), settings()]}
    return {"createdWith": "Open Stage Control", "version": VERSION, "type": "session", "content": root}


def text() -> str:
    """The file's text."""
    return json.dumps(layout(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    print(f"Written: {FILE}")
