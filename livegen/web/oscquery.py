"""The address space as an OSCQuery tree, for JSON: the type, range, unit, group and value of each node.

After the OSCQuery proposal (github.com/Vidvox/OSCQueryProposal): required and optional attributes, HOST_INFO.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from livegen.control import addresses
from livegen.control.addresses import Method
from livegen.osc.packets import Argument
from livegen.spec import Parameter

Node = dict[str, Any]
Value = Callable[[Method], Sequence[Argument] | None]  # the current value of a method, if it has one
Lists = Mapping[str, Sequence[str]]  # those that only the running program can give, such as its models

HOST_INFO = "HOST_INFO"
ATTRIBUTES = frozenset(
    "FULL_PATH CONTENTS TYPE ACCESS VALUE RANGE DESCRIPTION EXTENDED_TYPE UNIT CRITICAL CLIPMODE OVERLOADS TAGS".split()
)
UNSUPPORTED = frozenset(("HTML",))  # the proposal's other attribute
_EXTENSIONS = [*sorted(ATTRIBUTES - {"FULL_PATH", "CONTENTS", "TYPE"}), "LISTEN"]
_ACCESS = {"out": 1, "in": 2, "both": 3}
_CRITICAL = frozenset(("panic",))
_UNITS = {"s": "time.second", "seconds": "time.second", "milliseconds": "time.ms", "bpm": "time.bpm"}
_ABOUT = {"/": "livegen, a bandmate", "/livegen": "messages to livegen", "/livegen/out": "messages from livegen"}


def tree(value: Value, lists: Lists, methods: Sequence[Method] | None = None) -> Node:
    """The whole address space: a container with CONTENTS for each part of an address, a method at its end."""
    root = _container("/")
    for method in addresses.METHODS if methods is None else methods:
        node, path = root, ""
        *parts, last = method.address.strip("/").split("/")
        for part in parts:
            path += f"/{part}"
            node = _contents(node).setdefault(part, _container(path))
        # A method may be a container too: /livegen/out has methods below it, and another may have a value of its own.
        found = _contents(node).setdefault(last, {})
        found.update(_node(method, value(method), lists))
    return root


def find(root: Node, path: str) -> Node | None:
    """The node at a path such as /livegen/out."""
    node = root
    for part in path.strip("/").split("/") if path.strip("/") else ():
        contents = node.get("CONTENTS", {})
        if part not in contents:
            return None
        node = contents[part]
    return node


def attributes(node: Node, wanted: Sequence[str]) -> tuple[int, Node]:
    """The answer to a query for some attributes of a node: the HTTP status, and an object for 200.

    400: there is no such attribute. 204: there is, but not here. An empty object: the node has none, or none yet.
    """
    if not set(wanted) <= ATTRIBUTES | UNSUPPORTED:
        return 400, {}
    if not set(wanted) <= ATTRIBUTES or ("VALUE" in wanted and "TYPE" in node and not node["ACCESS"] & 1):
        return 204, {}
    return 200, {name: node[name] for name in wanted if name in node}


def host_info(osc_host: str, osc_port: int) -> Node:
    """The answer to HOST_INFO. WebSocket needs no entry: it is at the address that was asked."""
    return {
        "NAME": "livegen",
        "OSC_IP": osc_host,
        "OSC_PORT": osc_port,
        "OSC_TRANSPORT": "UDP",
        "EXTENSIONS": dict.fromkeys(_EXTENSIONS, True),
    }


def _container(path: str) -> Node:
    return {"FULL_PATH": path, "DESCRIPTION": _ABOUT.get(path, path), "ACCESS": 0, "CONTENTS": {}}


def _contents(node: Node) -> dict[str, Node]:
    contents: dict[str, Node] = node.setdefault("CONTENTS", {})
    return contents


def _node(method: Method, value: Sequence[Argument] | None, lists: Lists) -> Node:
    every = method.parameters
    needed = sum(not parameter.optional for parameter in every)
    if value is not None and every:  # a list, such as whom a voice hears, has its current length
        every = (*every, *[every[-1]] * (len(value) - len(every)))
    node: Node = {
        "FULL_PATH": method.address,
        "DESCRIPTION": method.help,
        "ACCESS": _ACCESS[method.access],
        **_typed(every, lists),
    }
    if method.group:
        node["TAGS"] = [method.group]
    if method.verb in _CRITICAL:
        node["CRITICAL"] = True
    if value is not None and method.access != "in":
        node["VALUE"] = [_json(parameter, one) for parameter, one in zip(every, value, strict=False)]
    if method.setting is None and needed < len(method.parameters):
        node["OVERLOADS"] = [_typed(every[:count], lists) for count in range(needed, len(method.parameters))]
    return node


def _typed(parameters: Sequence[Parameter], lists: Lists) -> Node:
    """The attributes that depend on the type tags, with one item for each tag."""
    node: Node = {"TYPE": "".join(parameter.tag for parameter in parameters)}
    if not parameters:
        return node
    ranges = [_range(parameter, lists) for parameter in parameters]
    units = [_UNITS.get(one.unit, one.unit) if one.tag != "s" and one.unit else None for one in parameters]
    node["EXTENDED_TYPE"] = [parameter.name for parameter in parameters]
    if any(ranges):
        node["RANGE"] = ranges
        node["CLIPMODE"] = ["none"] * len(parameters)  # a value outside the range is refused with an error
    if any(units):
        node["UNIT"] = units
    return node


def _range(parameter: Parameter, lists: Lists) -> Node | None:
    if names := parameter.choices or lists.get(parameter.listed):
        return {"VALS": list(names)}
    limits = {"MIN": parameter.low, "MAX": parameter.high}
    known = {key: _whole(parameter, limit) for key, limit in limits.items() if limit is not None}
    return known if parameter.tag in "if" and known else None


def _whole(parameter: Parameter, number: float) -> float:
    return int(number) if parameter.tag == "i" else float(number)


def _json(parameter: Parameter, value: Argument) -> object:
    """A value for JSON: bytes have no JSON form, and a switch is declared as a whole number."""
    if isinstance(value, bytes):
        return None
    return int(value) if parameter.tag == "i" and isinstance(value, bool) else value
