"""What can go wrong, one class for each person who can mend it.

The message is one sentence: what is wrong, and what to do.
"""


class LivegenError(Exception):
    """Anything that livegen says in one sentence instead of a traceback."""


class SettingsError(LivegenError):
    """A setting, flag, mode or file the user gave is wrong."""


class PortError(LivegenError):
    """The rig: a MIDI port, an OSC port, a device is missing, busy or gone."""


class ModelError(LivegenError):
    """A model file is missing, broken or of the wrong kind."""


class EncodingError(LivegenError):
    """A model and this version of livegen do not speak the same event encoding."""


class FileError(LivegenError):
    """A MIDI file, corpus or journal cannot be read or written."""


class PacketError(LivegenError):
    """A datagram is not valid OSC, or an address was given what it cannot take."""
