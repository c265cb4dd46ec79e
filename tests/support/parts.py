"""The real programs that tests need: a missing one skips the test, or fails it where all are required."""

import os
import shutil

import pytest


def require(program: str) -> str:
    """The path of ``program``. Without it the test is skipped, or fails where LIVEGEN_REQUIRE_PARTS=1."""
    found = shutil.which(program)
    if found is not None:
        return found
    if os.environ.get("LIVEGEN_REQUIRE_PARTS") == "1":
        pytest.fail(f"{program} is not installed, and LIVEGEN_REQUIRE_PARTS=1 asks for it")
    pytest.skip(f"{program} is not installed")
