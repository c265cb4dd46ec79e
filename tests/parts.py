"""The real programs that tests talk to."""

import os
import shutil

import pytest


def require(program: str) -> None:
    """Skip the test when ``program`` is missing; fail it when LIVEGEN_REQUIRE_PARTS=1 says that all must be here."""
    if shutil.which(program) is not None:
        return
    if os.environ.get("LIVEGEN_REQUIRE_PARTS") == "1":
        pytest.fail(f"{program} is not installed, and LIVEGEN_REQUIRE_PARTS=1 asks for it")
    pytest.skip(f"{program} is not installed")
