"""RtMidi as a ``Binding``, through the first of its Python libraries that is installed."""

import sys

from livegen.midi import python_rtmidi, supriya_rtmidi
from livegen.midi.binding import TROUBLE, Binding, Callback, InputDevice, Lister, OutputDevice

LIBRARIES: dict[str, Binding] = {"python-rtmidi": python_rtmidi, "supriya-midi": supriya_rtmidi}


class RtMidi:
    """Either library: they reach the same systems, by the same names. Which one, ``load`` decides each time."""

    def __init__(self) -> None:
        self._library: Binding = python_rtmidi

    def load(self) -> None:
        """Import one. Raises ImportError with the error of the one that this Python should have."""
        errors = {}
        for name, library in LIBRARIES.items():
            try:
                library.load()
            except (ImportError, *TROUBLE) as error:
                errors[name] = error
            else:
                self._library = library
                return
        name = wanted()
        raise ImportError(f"{name} does not load ({errors[name]}); install it with: pip install {name}")

    @property
    def __name__(self) -> str:
        """The module of the one that was imported, as that of a binding that is a module."""
        return str(getattr(self._library, "__name__", ""))

    def offers(self, api: str) -> bool:
        """Whether it was built for this system."""
        return self._library.offers(api)

    def works(self, api: str) -> bool:
        """Whether the system is here and takes a client."""
        return self._library.works(api)

    def list_with(self, api: str) -> Lister:
        """A client that lists the ports for as long as it is open."""
        return self._library.list_with(api)

    def open_input(self, api: str, name: str, virtual: bool, callback: Callback | None) -> InputDevice:
        """A virtual input of this name, or a connection to the input of this name."""
        return self._library.open_input(api, name, virtual, callback)

    def open_output(self, api: str, name: str, virtual: bool) -> OutputDevice:
        """A virtual output of this name, or a connection to the output of this name."""
        return self._library.open_output(api, name, virtual)


def wanted() -> str:
    """The library that livegen is installed with on this Python, by its name in the package index."""
    return "python-rtmidi" if sys.version_info < (3, 13) else "supriya-midi"


RTMIDI = RtMidi()
