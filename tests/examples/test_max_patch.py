"""The patch for Max: its cords connect, and livegen takes its messages. Max itself is not run here."""

import json
import re
from collections import defaultdict
from typing import Any

from livegen.control.addresses import BY_ADDRESS
from livegen.control.arguments import check
from livegen.osc.packets import Message
from livegen.player.modes import MODES
from livegen.settings import spec
from tests.support.places import EXAMPLES

PATCHER = json.loads((EXAMPLES / "max" / "livegen.maxpat").read_text())["patcher"]
BOXES: dict[str, dict[str, Any]] = {each["box"]["id"]: each["box"] for each in PATCHER["boxes"]}
CORDS = [(*each["patchline"]["source"], *each["patchline"]["destination"]) for each in PATCHER["lines"]]
AFTER: dict[str, set[str]] = defaultdict(set)
for source, _, destination, _ in CORDS:
    AFTER[source].add(destination)


def box(text: str) -> dict[str, Any]:
    """The one box whose text begins so."""
    (found,) = [each for each in BOXES.values() if each.get("text", "").startswith(text)]
    return found


def reaches(start: str, end: str) -> bool:
    seen, ahead = set[str](), {start}
    while ahead:
        seen |= ahead
        ahead = set().union(*(AFTER[id] for id in ahead)) - seen
    return end in seen


def test_it_is_a_patcher_of_max_8() -> None:
    assert PATCHER["fileversion"] == 1
    assert PATCHER["appversion"]["major"] == 8
    assert len(BOXES) == len(PATCHER["boxes"])
    for one in BOXES.values():
        assert len(one["patching_rect"]) == 4
        assert len(one.get("outlettype", [])) == one["numoutlets"]
        assert ("text" in one) == (one["maxclass"] in ("newobj", "message", "comment"))
    for name, outlets in (("route", 1), ("unpack", 0)):  # route has one more, for what it does not know
        assert box(name)["numoutlets"] == len(box(name)["text"].split()) - 1 + outlets


def test_every_cord_joins_an_outlet_to_an_inlet_and_none_is_there_twice() -> None:
    assert len(CORDS) == len(set(CORDS))
    for source, output, destination, inlet in CORDS:
        assert 0 <= output < BOXES[source]["numoutlets"]
        assert 0 <= inlet < BOXES[destination]["numinlets"]


def test_every_box_that_does_something_is_joined() -> None:
    joined = {cord[0] for cord in CORDS} | {cord[2] for cord in CORDS}
    assert {one["id"] for one in BOXES.values() if one["maxclass"] != "comment"} == joined


def test_what_is_sent_is_what_livegen_takes() -> None:
    sender = box("udpsend 127.0.0.1 7331")["id"]
    said = set()
    for one in BOXES.values():
        text = one.get("text", "").removeprefix("prepend ")
        if not text.startswith("/livegen/"):
            continue
        assert reaches(one["id"], sender)
        address, *words = text.split()
        arguments = [60 if word.startswith("$") else int(word) for word in words]
        if one["maxclass"] == "newobj":
            (source,) = [BOXES[cord[0]] for cord in CORDS if cord[2] == one["id"]]
            for value in given(source, address):
                check(Message(address, (value,)))
        else:
            check(Message(address, tuple(arguments)))
        said.add(address)
    assert {"/livegen/note", "/livegen/listen", "/livegen/panic", "/livegen/mode", "/livegen/temperature"} <= said


def given(source: dict[str, Any], address: str) -> list[Any]:
    """The message of a dial or a menu, which must have the setting's range or names."""
    if source["maxclass"] == "umenu":
        names = [item for item in source["items"] if item != ","]
        assert names == list(MODES)
        return names
    dial = source["saved_attribute_attributes"]["valueof"]
    setting = spec(address.rpartition("/")[2])
    assert (dial["parameter_mmin"], dial["parameter_mmax"]) == (setting.low, setting.high)
    assert dial["parameter_initial"] == [setting.default]
    assert dial["parameter_longname"] == setting.name
    return [setting.low, setting.high]


def test_what_is_heard_is_what_livegen_says() -> None:
    """Each $ of the messages behind the route is an argument that livegen sends."""
    route = box("route")
    addresses = route["text"].split()[1:]
    for output, address in enumerate(addresses):
        method = BY_ADDRESS[address]
        assert method.access == "out"
        behind = [cord[2] for cord in CORDS if cord[:2] == (route["id"], output)]
        assert behind, f"{address} goes nowhere"
        for id in behind:
            for number in re.findall(r"\$(\d)", BOXES[id].get("text", "")):
                assert int(number) <= len(method.parameters)
    names = {address: [each.name for each in BY_ADDRESS[address].parameters] for address in addresses}
    assert [names["/livegen/out/note"][n - 1] for n in (2, 3, 5)] == ["pitch", "velocity", "channel"]
    assert [names["/livegen/out/off"][n - 1] for n in (2, 3)] == ["pitch", "channel"]
    assert box("$2 $3 $5") and box("$2 0 $3")
    assert reaches(route["id"], box("noteout")["id"])
