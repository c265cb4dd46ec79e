"""For hatchling: the description of the package, which is the README with links that lead somewhere from anywhere.

The project's address is not known before it is published. A build takes it from the variable LIVEGEN_HOME, which the
workflow of releases sets (https://HOST/OWNER/NAME).
"""

import os
import re
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

NOWHERE = "https://example.org/livegen"
_LINK = re.compile(r"(!?)(\[[^\]]*\])\((?!\w+:|#)([^)]+)\)")


def absolute(readme: str, home: str, revision: str) -> str:
    """The README with absolute links: pictures as files, all others as pages."""

    def lead(link: re.Match[str]) -> str:
        kind = "raw" if link[1] else "blob"
        return f"{link[1]}{link[2]}({home}/{kind}/{revision}/{link[3]})"

    return _LINK.sub(lead, readme)


class Description(MetadataHookInterface):  # type: ignore[misc]
    """Fills in ``readme`` and ``urls``."""

    def update(self, metadata: dict[str, object]) -> None:
        """Called by hatchling."""
        home = os.environ.get("LIVEGEN_HOME", "").rstrip("/") or NOWHERE
        version = re.search(r'__version__ = "(.+?)"', self._text("livegen/__init__.py"))
        revision = f"v{version[1]}" if version else "main"
        text = absolute(self._text("README.md"), home, revision)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        metadata["urls"] = {"Homepage": home, "Changes": f"{home}/blob/{revision}/CHANGELOG.md"}

    def _text(self, name: str) -> str:
        return (Path(self.root) / name).read_text(encoding="utf-8")
