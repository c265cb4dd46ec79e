"""Ableton Link: livegen, SuperCollider's LinkClock and a third program agree on tempo and phase."""

import asyncio
import json
import os
import subprocess
import sys

import pytest

from livegen.errors import SettingsError
from livegen.live import ableton_link
from tests.support.parts import require

ALONE = 'ip link set lo up multicast on; ip route add 224.0.0.0/4 dev lo; exec "$@"'
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1"}


async def test_without_the_package_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aalink", None)
    with pytest.raises(SettingsError, match=r"needs the package aalink; install it with pip install 'livegen\[link\]'"):
        ableton_link.open_link(120.0, 4.0, asyncio.get_running_loop())


@pytest.mark.skipif(sys.platform != "linux", reason="a network of its own for Link's multicast needs Linux")
def test_three_peers_agree_within_5_ms() -> None:
    pytest.importorskip("aalink", reason="aalink is not installed: pip install 'livegen[link]'")
    require("sclang")
    if os.geteuid() != 0 or subprocess.run(["unshare", "-n", "true"], check=False).returncode:
        pytest.skip("a network of its own for Link's multicast needs root")
    command = ["unshare", "-n", "sh", "-c", ALONE, "_", sys.executable, "-m", "tests.support.link_child"]
    environment = {**os.environ, **OFFSCREEN, "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["source"] == "link"
    assert said["tempo"] == pytest.approx(97.0, abs=0.01)
    for peer in ("/sc", "/peer"):
        assert said[peer]["peers"] >= 2
        assert said[peer]["tempo"] < 0.05
        assert abs(said[peer]["phase"]) < 0.005, said
