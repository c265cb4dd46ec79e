"""What a command says where the training extra, which it needs, is not installed."""

import contextlib
from collections.abc import Iterator

from livegen.errors import SettingsError


@contextlib.contextmanager
def needed(why: str = "Training needs torch and its company") -> Iterator[None]:
    """Import the training within it. Raises SettingsError where that is not installed, and says how to."""
    try:
        yield
    except ImportError:
        raise SettingsError(f"{why}: run `make train` in a checkout, or pip install 'livegen[train]'.") from None
