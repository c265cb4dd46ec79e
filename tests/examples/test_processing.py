"""The sketch for Processing: livegen takes the messages that it sends. Processing itself is not run here."""

import re

from livegen.control.addresses import BY_ADDRESS
from livegen.control.arguments import check
from livegen.osc.packets import Message
from livegen.player.modes import MODES
from tests.support.places import EXAMPLES

SKETCH = (EXAMPLES / "processing" / "livegen" / "livegen.pde").read_text()


def test_its_messages_have_the_arguments_that_livegen_takes() -> None:
    sent = re.findall(r'new OscMessage\("([^"]+)"\)((?:\.add\([^()]*\))*)', SKETCH)
    assert len(sent) == SKETCH.count("new OscMessage") == 4
    for address, adds in sent:
        check(Message(address, (1,) * adds.count(".add(")))
    assert len(MODES) == 7 and "key <= '7'" in SKETCH


def test_it_reads_what_livegen_says() -> None:
    """Each argument is read as the type that livegen sends."""
    read = {"i": "intValue", "f": "floatValue", "s": "stringValue"}
    blocks = re.split(r'checkAddrPattern\("([^"]+)"\)', SKETCH)[1:]
    assert blocks[::2] == ["/livegen/out/note", "/livegen/out/turn", "/livegen/error"]
    for address, block in zip(blocks[::2], blocks[1::2], strict=True):
        method = BY_ADDRESS[address]
        found = re.findall(r"message\.get\((\d)\)\.(\w+)\(\)", block)
        assert found
        for number, value in found:
            assert read[method.parameters[int(number)].tag] == value
    names = [each.name for each in BY_ADDRESS["/livegen/out/note"].parameters]
    assert [names[n] for n in (1, 2, 3)] == ["pitch", "velocity", "duration"]


def test_its_brackets_close() -> None:
    for opening, closing in ("()", "{}", "[]"):
        assert SKETCH.count(opening) == SKETCH.count(closing)
