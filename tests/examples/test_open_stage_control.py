"""The layout for Open Stage Control: it agrees with the tables, and livegen takes the messages of its widgets.

Open Stage Control itself is not run here.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from examples.openstagecontrol import make_layout
from livegen.control.addresses import BY_ADDRESS
from livegen.control.arguments import check
from livegen.osc.packets import Message
from livegen.player.modes import MODES
from livegen.settings import Settings, specs

LAYOUT = json.loads(make_layout.FILE.read_text(encoding="utf-8"))
LIVE = [spec for spec in specs() if spec.live]


def widgets(of: dict[str, Any] = LAYOUT["content"]) -> Iterator[dict[str, Any]]:
    yield of
    for child in (*of.get("tabs", ()), *of.get("widgets", ())):
        yield from widgets(child)


BY_ID = {widget["id"]: widget for widget in widgets()}


def test_every_id_is_used_once_and_every_sender_has_an_address_of_livegens() -> None:
    assert len(BY_ID) == len(list(widgets()))
    for widget in widgets():
        assert widget.get("bypass") or widget["address"] in BY_ADDRESS, widget["id"]


@pytest.mark.parametrize("spec", LIVE, ids=lambda spec: spec.name)
def test_each_live_setting_has_a_widget_that_sends_what_it_takes(spec: Any) -> None:
    widget = BY_ID[spec.name]
    assert widget["address"] == f"/livegen/{spec.name}"
    if widget["type"] == "fader":
        assert (widget["range"]["min"], widget["range"]["max"]) == (spec.low, spec.high)
        given = list(widget["range"].values())
    elif widget["type"] == "button":
        given = [widget["on"], widget["off"]]
    else:
        given = widget.get("values", [widget["default"]])
    for value in given:
        Settings().set(spec.name, value)
        check(Message(widget["address"], (value,)))


def test_the_buttons_send_what_their_verbs_take() -> None:
    sent = {
        (widget["address"], widget.get("on") if widget["mode"] == "tap" else None)
        for widget in widgets()
        if widget["type"] == "button" and widget["mode"] != "toggle"
    }
    for address, value in sent:
        check(Message(address, () if value is None else (value,)))
    assert {("/livegen/panic", None), ("/livegen/cue", "next"), ("/livegen/save", 1), ("/livegen/recall", 8)} <= sent
    assert list(BY_ID["modes"]["values"]) == list(MODES)
