"""The errors that livegen reports, one class for each kind of person who can fix them.

The message is one sentence: what is wrong, and what to do.
"""


class LivegenError(Exception):
    """An error that livegen reports in one sentence instead of a traceback."""


class SettingsError(LivegenError):
    """A setting, flag, mode or file the user gave is wrong."""


class PortError(LivegenError):
    """A MIDI port, an OSC port or a device is missing, busy or gone."""


class ModelError(LivegenError):
    """A model file is missing, broken or of the wrong kind."""


class EncodingError(LivegenError):
    """A model and this version of livegen use different event encodings."""


class FileError(LivegenError):
    """A MIDI file, corpus or journal cannot be read or written."""


class PacketError(LivegenError):
    """A datagram is not valid OSC, or an address was given an argument that it cannot take."""
