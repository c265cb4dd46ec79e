"""Reports in one sentence that a command needs the training extra, where that is not installed."""

import contextlib
from collections.abc import Iterator

from livegen.errors import SettingsError


@contextlib.contextmanager
def needed(why: str = "Training needs torch and other packages") -> Iterator[None]:
    """Import the training within this block. Raises SettingsError, which says how to install it, if missing."""
    try:
        yield
    except ImportError:
        raise SettingsError(f"{why}: run `make train` in a checkout, or pip install 'livegen[train]'.") from None
