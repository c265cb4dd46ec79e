"""The script for TouchDesigner, run against a stand-in for the few calls of its Python that the script makes.

TouchDesigner itself is not run here. The stand-in knows the operators and parameters that its documentation names,
refuses any other, and runs the callbacks' own text: it shows what the script builds and sends, not that TouchDesigner
agrees.
"""

import runpy
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from livegen.control.addresses import BY_ADDRESS
from livegen.control.arguments import check
from livegen.osc.packets import Message
from livegen.player.modes import MODES
from livegen.settings import spec
from tests.support.places import EXAMPLES

SCRIPT = EXAMPLES / "touchdesigner" / "build_livegen.py"
# Of each kind of operator, the parameters that the script may set (docs.derivative.ca).
KINDS = {
    "baseCOMP": {"x"},
    "oscoutDAT": {"active", "protocol", "address", "port"},
    "oscinDAT": {"active", "protocol", "address", "port", "callbacks", "clamp", "maxlines", "splitbundle"},
    "oscinCHOP": {"active", "protocol", "netaddress", "port", "oscaddressscope", "queued"},
    "textDAT": set[str](),
    "tableDAT": set[str](),
    "executeDAT": {"active", "start", "create", "framestart"},
    "parameterexecuteDAT": {"active", "op", "pars", "valuechange", "onpulse", "custom", "builtin"},
}


class Pars:
    """The parameters of one operator; one that its kind has not is refused."""

    def __init__(self, names: set[str]) -> None:
        self.__dict__.update(dict.fromkeys(names))

    def __setattr__(self, name: str, value: object) -> None:
        assert name in self.__dict__, f"There is no parameter {name}"
        self.__dict__[name] = value


class Operator:
    """A node of the network."""

    def __init__(self, kind: str, name: str, parent: "Operator | None", sent: list[Message]) -> None:
        self.kind, self.name, self.parent, self.sent = kind, name, parent, sent
        self.path: str = f"{parent.path if parent else ''}/{name}"
        self.par = Pars(KINDS[kind])
        self.children: dict[str, Operator] = {}
        self.rows: list[list[Any]] = [[""]]
        self.custom: dict[str, Any] = {}
        self.stored: dict[str, Any] = {}
        self.nodeX = self.nodeY = 0
        self.text = ""

    def create(self, kind: str, name: str) -> "Operator":
        assert self.kind == "baseCOMP" and name not in self.children
        self.children[name] = Operator(kind, name, self, self.sent)
        return self.children[name]

    def op(self, name: str) -> "Operator | None":
        return self.children.get(name)

    def destroy(self) -> None:
        assert self.parent is not None
        del self.parent.children[self.name]

    def sendOSC(self, address: str, args: list[Any]) -> None:
        assert self.kind == "oscoutDAT" and self.par.__dict__["address"] == "127.0.0.1"
        self.sent.append(Message(address, tuple(args)))

    def clear(self) -> None:
        self.rows.clear()

    def appendRow(self, row: list[Any]) -> None:
        assert self.kind == "tableDAT"
        self.rows.append(row)

    def row(self, name: str) -> list[Any] | None:
        return next((row for row in self.rows if str(row[0]) == name), None)

    def deleteRow(self, name: str) -> None:
        self.rows.remove(self.row(name) or [])

    def store(self, key: str, value: object) -> None:
        self.stored[key] = value

    def appendCustomPage(self, name: str) -> "Operator":
        assert self.kind == "baseCOMP"
        return self

    def _append(self, name: str, label: str) -> list[Any]:
        assert name[0].isupper() and name[1:].islower(), "TouchDesigner wants custom parameters named so"
        self.custom[name] = SimpleNamespace(name=name, label=label, eval=lambda: self.custom[name].val)
        return [self.custom[name]]

    def appendFloat(self, name: str, label: str) -> list[Any]:
        return self._append(name, label)

    def appendMenu(self, name: str, label: str) -> list[Any]:
        return self._append(name, label)

    def appendPulse(self, name: str, label: str) -> list[Any]:
        return self._append(name, label)

    @property
    def module(self) -> Any:
        """The text, run as TouchDesigner runs it: names of other operators are those beside it."""
        assert self.parent is not None
        around: dict[str, Any] = {"op": self.parent.op, "parent": lambda: self.parent}
        around |= {"absTime": SimpleNamespace(frame=1800), "project": SimpleNamespace(cookRate=60)}
        exec(compile(self.text, self.path, "exec"), around)
        return SimpleNamespace(**around)


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Iterator[Operator]:
    """The script, run twice, as a performer would run it again after a change."""
    root = Operator("baseCOMP", "project1", None, [])
    td = ModuleType("td")
    for kind in KINDS:
        setattr(td, kind, kind)
    td.op = lambda path: {"/project1": root}.get(path)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "td", td)
    for _ in range(2):
        root.sent.clear()
        runpy.run_path(str(SCRIPT))
    yield root


def node(project: Operator, name: str) -> Operator:
    return project.children["livegen"].children[name]


def test_the_network_hears_and_asks_to_be_told(project: Operator) -> None:
    assert list(project.children) == ["livegen"]
    assert node(project, "to_livegen").par.__dict__["port"] == 7331
    assert node(project, "from_livegen").par.__dict__["port"] == 7332
    assert node(project, "from_livegen").par.__dict__["callbacks"] is node(project, "heard")
    places = [(one.nodeX, one.nodeY) for one in project.children["livegen"].children.values()]
    assert len(places) == len(set(places))
    asked = [Message("/livegen/listen", (port,)) for port in (7332, node(project, "channels").par.__dict__["port"])]
    assert project.sent == asked
    node(project, "listen").module.onFrameStart(1)
    assert project.sent == asked * 2
    for message in asked:
        check(message)


def test_a_note_is_sent_and_the_answers_stand_in_the_table_while_they_sound(project: Operator) -> None:
    project.sent.clear()
    play = node(project, "play").module
    play.note(60.0, 90)
    play.note(60.0, 0)
    play.panic()
    assert [message.args for message in project.sent] == [(60, 90), (60, 0), ()]
    for message in project.sent:
        check(message)
    hear = node(project, "heard").module.onReceiveOSC
    table = node(project, "sounding")
    for address, args in (
        ("/livegen/out/turn", ["player"]),
        ("/livegen/out/note", [7, 64, 80, 0.5, 1]),
        ("/livegen/out/note", [8, 67, 80, 0.5, 1]),
        ("/livegen/out/off", [7, 64, 1]),
        ("/livegen/out/off", [3, 64, 1]),
    ):
        assert len(args) == sum(not parameter.optional for parameter in BY_ADDRESS[address].parameters)
        hear(None, 0, "", b"", 0.0, address, args, None)
    assert table.rows == [["id", "pitch", "velocity", "seconds"], [8, 67, 80, 0.5]]
    assert project.children["livegen"].stored == {"turn": "player"}


def test_the_page_of_parameters_has_the_settings_ranges_and_steers(project: Operator) -> None:
    project.sent.clear()
    custom = project.children["livegen"].custom
    steered = node(project, "steered").module
    assert custom["Mode"].menuNames == list(MODES)
    for name, par in custom.items():
        if hasattr(par, "min"):
            setting = spec(name.lower())
            assert (par.min, par.max, par.default) == (setting.low, setting.high, setting.default)
            steered.onValueChange(par, None)
    custom["Mode"].val = "duet"
    steered.onValueChange(custom["Mode"], None)
    steered.onPulse(custom["Panic"])
    steered.onPulse(custom["Forget"])
    assert [message.address for message in project.sent][-3:] == ["/livegen/mode", "/livegen/panic", "/livegen/forget"]
    assert len(project.sent) == 7
    for message in project.sent:
        check(message)
