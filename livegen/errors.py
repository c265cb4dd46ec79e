"""The errors that livegen reports, one class for each kind of person who can fix them.

The message is one sentence: what is wrong, and what to do.
"""

import difflib
from collections.abc import Iterable


class LivegenError(Exception):
    """An error that livegen reports in one sentence instead of a traceback."""

    @property
    def code(self) -> str:
        """The word that `/livegen/error` sends for it: settings, port, model, ...; a narrower class has its base's."""
        kinds = [kind for kind in type(self).__mro__ if LivegenError in kind.__bases__]
        return (kinds or [type(self)])[0].__name__.removesuffix("Error").lower()


class SettingsError(LivegenError):
    """A setting, flag, mode or file the user gave is wrong."""


class PortError(LivegenError):
    """A MIDI port, an OSC port or a device is missing, busy or gone."""


class ModelError(LivegenError):
    """A model file is missing, broken or of the wrong kind."""


class NoSuchModelError(ModelError):
    """The user named a model that there is not."""


class EncodingError(LivegenError):
    """A model and this version of livegen use different event encodings."""


class FileError(LivegenError):
    """A MIDI file, corpus or journal cannot be read or written."""


class NoSuchChartError(FileError):
    """The user named a chart that there is not."""


class PacketError(LivegenError):
    """A datagram is not valid OSC, or an address was given an argument that it cannot take."""


def unknown(kind: str, name: str, known: Iterable[str], more: str = "") -> str:
    """The sentence about a name that there is not: the nearest one, then all that there are (and ``more``)."""
    names = list(dict.fromkeys(known))
    near = nearest(name, names)
    hint = f"; did you mean {near}? There" if near else "; there"
    listed = f"are {', '.join(names)}{more}." if names else "is none."
    return f"There is no {kind} {name!r:.40}{hint} {listed}"


def nearest(name: str, known: Iterable[str]) -> str:
    """The name among those that there are which a misspelt one means; empty if none is like it."""
    names = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(name[:40].casefold(), names, 1)
    return names[near[0]] if near else ""


def meant(name: object, known: Iterable[str]) -> str:
    """A question to add to a sentence about a misspelt name, with a space before it; empty if none is like it."""
    near = nearest(str(name), known)
    return f" Did you mean {near}?" if near else ""
