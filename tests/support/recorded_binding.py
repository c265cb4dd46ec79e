"""A ``Binding`` whose outputs write what they send to a file, so that a test reads what another process sent.

``api`` is the path of the file. The output ``none such`` cannot be opened, ``cable out`` refuses messages, and
``hangs`` never returns from one.
"""

import os
import signal


def load() -> None: ...


class _Output:
    def __init__(self, path: str, name: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._name = name

    def send_message(self, message: bytes) -> None:
        if self._name == "cable out":
            raise OSError("the cable is out")
        while self._name == "hangs":
            signal.pause()
        os.write(self._file, f"{os.getpid()} {self._name}: {message.hex(' ')}\n".encode())

    def close_port(self) -> None: ...

    def delete(self) -> None: ...


def open_output(api: str, name: str, virtual: bool) -> _Output:
    if name == "none such":
        raise OSError("there is none")
    return _Output(api, name)
