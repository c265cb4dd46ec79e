"""Builds a component that plays with livegen. In TouchDesigner: paste this into a Text DAT and choose Run Script."""

from typing import Any

import td  # type: ignore[import-not-found]

Node = Any  # TouchDesigner's operators have no types here

SEND = 7331  # where livegen hears
HEAR = 7332  # where livegen sends from the start: notes, as a table and for Python
CHANNELS = 7333  # asked for: the same as the channels of a CHOP
# The parameters of the component: setting, lowest, highest, first value.
SETTINGS = (
    ("temperature", 0.1, 2.0, 1.0),
    ("memory", 0.0, 1.0, 1.0),
    ("touch", 0.0, 1.0, 1.0),
    ("follow", 0.0, 1.0, 0.5),
)
MODES = ("call_and_response", "continuation", "duet", "autonomous", "harmonise", "accompany", "trade")

PLAY = """# op('livegen/play').module.note(60, 90) from anywhere; velocity 0 releases the note
def send(address, *args):
    op('to_livegen').sendOSC(address, list(args))

def note(pitch, velocity):
    send('/livegen/note', int(pitch), int(velocity))

def panic():
    send('/livegen/panic')
"""

LISTEN = f"""# Asks livegen every half minute to send here too, so you may start it before or after TouchDesigner.
def listen():
    for port in ({HEAR}, {CHANNELS}):
        op('to_livegen').sendOSC('/livegen/listen', [port])

def onStart():
    listen()

def onCreate():
    listen()

def onFrameStart(frame):
    if absTime.frame % int(30 * project.cookRate) == 0:
        listen()
"""

HEARD = """# The table 'sounding' has a row for each of livegen's notes while it sounds: instance geometry from it.
def onReceiveOSC(dat, rowIndex, message, byteData, timeStamp, address, args, peer):
    sounding = op('sounding')
    if address == '/livegen/out/note':
        id, pitch, velocity, seconds, channel = args
        sounding.appendRow([id, pitch, velocity, seconds])
    elif address == '/livegen/out/off' and sounding.row(str(args[0])) is not None:
        sounding.deleteRow(str(args[0]))
    elif address == '/livegen/out/turn':
        parent().store('turn', args[0])
    elif address == '/livegen/error':
        print('livegen:', args[1])
"""

STEERED = """# The page of parameters of this component.
def onValueChange(par, prev):
    op('to_livegen').sendOSC('/livegen/' + par.name.lower(), [par.eval()])

def onPulse(par):
    op('to_livegen').sendOSC('/livegen/' + par.name.lower(), [])
"""


def made(parent: Node, kind: Node, name: str, place: tuple[int, int] = (0, 0), text: str = "", **pars: object) -> Node:
    """A new operator at a place of the grid, with its text and parameters."""
    node = parent.create(kind, name)
    node.nodeX, node.nodeY = 250 * place[0], -150 * place[1]
    if text:
        node.text = text
    for key, value in pars.items():
        setattr(node.par, key, value)
    return node


def add_page(component: Node) -> None:
    """The settings, the modes and two buttons as parameters of the component."""
    page = component.appendCustomPage("livegen")
    for name, low, high, at_first in SETTINGS:
        par = page.appendFloat(name.capitalize(), label=name)[0]
        par.min = par.normMin = low
        par.max = par.normMax = high
        par.clampMin = par.clampMax = True
        par.default = par.val = at_first
    menu = page.appendMenu("Mode", label="mode")[0]
    menu.menuNames, menu.menuLabels = list(MODES), [name.replace("_", " ") for name in MODES]
    for name in ("Panic", "Forget"):
        page.appendPulse(name, label=name.lower())


def build(where: Node) -> Node:
    """Make the component; it replaces one made before."""
    if where.op("livegen") is not None:
        where.op("livegen").destroy()
    component = made(where, td.baseCOMP, "livegen", (0, 0))
    add_page(component)
    out = made(component, td.oscoutDAT, "to_livegen", (0, 0), port=SEND)
    # The parameter has another name in some versions.
    setattr(out.par, "address" if hasattr(out.par, "address") else "netaddress", "127.0.0.1")
    made(component, td.textDAT, "play", (0, 1), PLAY)
    sounding = made(component, td.tableDAT, "sounding", (1, 1))
    sounding.clear()
    sounding.appendRow(["id", "pitch", "velocity", "seconds"])
    heard = made(component, td.textDAT, "heard", (1, 2), HEARD)
    made(component, td.oscinDAT, "from_livegen", (1, 0), port=HEAR, callbacks=heard, clamp=True, maxlines=50)
    made(component, td.oscinCHOP, "channels", (2, 0), port=CHANNELS, oscaddressscope="*livegen*out*")
    every = {"valuechange": True, "onpulse": True, "custom": True, "builtin": False}
    made(component, td.parameterexecuteDAT, "steered", (2, 1), STEERED, op=component.path, pars="*", **every)
    listen = made(component, td.executeDAT, "listen", (2, 2), LISTEN, start=True, create=True, framestart=True)
    listen.module.listen()
    return component


build(td.op("/project1") or td.root)
