"""The real programs that tests need: a missing one skips the test, or fails it where all are required."""

import os
import shutil

import pytest


def require(program: str) -> str:
    """Where ``program`` is. The test is skipped without it; or fails, when LIVEGEN_REQUIRE_PARTS=1 says that all must
    be here."""
    found = shutil.which(program)
    if found is not None:
        return found
    if os.environ.get("LIVEGEN_REQUIRE_PARTS") == "1":
        pytest.fail(f"{program} is not installed, and LIVEGEN_REQUIRE_PARTS=1 asks for it")
    pytest.skip(f"{program} is not installed")
