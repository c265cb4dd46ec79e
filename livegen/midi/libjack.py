"""The JACK library of this process: which one it is, and the system's own loaded in front of one that came bundled.

A libjack speaks only to a server of its own protocol. supriya-midi's wheels for Linux bring one that is older than the
servers of today, so the system's is loaded first, for all: the names that the bundled one offers are then never used.
"""

import contextlib
import ctypes
import sys
from pathlib import Path

_MAPPED = Path("/proc/self/maps")
_SYSTEM = "libjack.so.0"
_loaded: list[ctypes.CDLL] = []  # the system's, once it was loaded


def load_system() -> None:
    """Load the system's libjack before any other, so that all of this process uses it. Nothing where there is none."""
    if sys.platform != "linux" or _loaded:
        return
    with contextlib.suppress(OSError):
        _loaded.append(ctypes.CDLL(_SYSTEM, mode=ctypes.RTLD_GLOBAL))


def in_use() -> ctypes.CDLL:
    """The libjack that our ports use; a second copy would not share its state. Raises OSError."""
    jack = _loaded[0] if _loaded else ctypes.CDLL(_mapped())
    jack.jack_client_open.restype = ctypes.c_void_p
    jack.jack_client_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    jack.jack_client_close.argtypes = jack.jack_last_frame_time.argtypes = [ctypes.c_void_p]
    jack.jack_last_frame_time.restype = ctypes.c_uint32
    names = ctypes.POINTER(ctypes.c_char_p)
    jack.jack_get_ports.restype = jack.jack_port_get_all_connections.restype = names
    jack.jack_get_ports.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong]
    jack.jack_port_by_name.restype = ctypes.c_void_p
    jack.jack_port_by_name.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    jack.jack_port_get_all_connections.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    jack.jack_connect.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p]
    jack.jack_free.restype, jack.jack_free.argtypes = None, [ctypes.c_void_p]
    return jack


def _mapped() -> str:
    lines = [line.split(maxsplit=5) for line in _MAPPED.read_text(encoding="utf-8").splitlines() if "/libjack" in line]
    if not lines:
        raise OSError("libjack is not loaded")
    return lines[0][5]
