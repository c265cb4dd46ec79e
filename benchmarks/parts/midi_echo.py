"""The floor over JACK: bare python-rtmidi sends each MIDI message back, and each note-on over UDP to its last sender.

``python -m benchmarks.parts.midi_echo PORT``
"""

import socket
import sys
from typing import Any

import rtmidi

from benchmarks.parts import scheduling
from benchmarks.parts.client import LOOPBACK, note

CLIENT_IN, CLIENT_OUT = "floor", "floor-out"


def main(port: int) -> None:
    """Answer until the process is ended."""
    out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=CLIENT_OUT)
    out.open_virtual_port("out")
    heard = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=CLIENT_IN)
    talk = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    talk.bind((LOOPBACK, port))
    who = [(LOOPBACK, port)]

    def answer(got: Any, _: object) -> None:  # noqa: ANN401 (rtmidi has no types)
        message = got[0]
        if message[0] & 0xF0 == 0x90 and message[2]:
            talk.sendto(note(message[1], message[2], 1), who[0])
        out.send_message(message)

    heard.set_callback(answer)
    heard.open_virtual_port("in")
    while True:
        datagram, who[0] = talk.recvfrom(8192)
        talk.sendto(datagram, who[0])


if __name__ == "__main__":
    scheduling.begin()
    main(int(sys.argv[1]))
