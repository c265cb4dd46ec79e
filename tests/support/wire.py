"""A connection of the page that can go dead, as a network does: nothing arrives, no error is raised."""

import contextlib
import socket
import threading
from collections.abc import Iterator


class Wire:
    """Passes on what comes to its port, both ways. What was connected when it went dead stays so, and is silent."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._dead = threading.Event()
        self._ends: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}/"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """All connections of now go dead; later ones are well."""
        dead, self._dead = self._dead, threading.Event()
        dead.set()

    def close(self) -> None:
        """End all of it."""
        for end in (self._door, *self._ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the door has closed
            while True:
                near, _ = self._door.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._ends += near, far
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pass_on, args=(one, other, self._dead), daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket, dead: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(65536):
            if not dead.is_set():
                other.sendall(data)
        if not dead.is_set():
            other.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def wire(port: int) -> Iterator[Wire]:
    """One to livegen's page at this port."""
    made = Wire(port)
    try:
        yield made
    finally:
        made.close()
