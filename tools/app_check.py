"""Runs the app that `make app` built, as one who double-clicks it would: ``make app-check``.

The browser must be given its page, a phrase over JACK answered, a file made for the page, another start shown the same
page; the page's button must end it, and leave the session's files where such programs keep them. Needs jackd.
"""

import http.client
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from livegen.cli.app import AS_APP
from livegen.system import clock
from tests.support.jack import Jack, private_jack, until
from tests.support.page_stage import free_port
from tools.wheel_check import ROOT, notes_answered

APP = ROOT / "build" / "app" / "dist" / "livegen" / "livegen"
_STARTED, _ENDED = 60.0, 30.0  # seconds
_BROWSER = "#!/bin/sh\necho \"$1 $LD_LIBRARY_PATH\" >> '{}'\n"


def main() -> int:
    """Run it. Returns the number of things that went wrong."""
    if not APP.is_file():
        print("There is no app; `make app` builds it.")
        return 1
    size = sum(path.stat().st_size for path in APP.parent.rglob("*") if path.is_file() and not path.is_symlink())
    print(f"{APP.relative_to(ROOT)}: {size / 1e6:.0f} MB with all that is around it")
    with tempfile.TemporaryDirectory() as scratch, private_jack() as jack:
        return _tried(Path(scratch), jack)


def _tried(home: Path, jack: Jack) -> int:
    """Play with it, and end it."""
    opened = home / "opened"
    opened.touch()
    browser = home / "browser"
    browser.write_text(_BROWSER.format(opened), encoding="utf-8")
    browser.chmod(0o755)
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "DISPLAY")}
    environment = kept | {"HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "BROWSER": f"{browser} %s"}
    port = free_port()
    command = [str(APP), "jam", "--app", "--http-port", str(port), "--osc-port", "0", "--osc-target", "none"]
    page = f"http://127.0.0.1:{port}/{AS_APP}"
    began = clock.now()
    with subprocess.Popen(command, cwd=home, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            until(opened.read_text, _STARTED, "the browser is given a page")
            assert opened.read_text().split() == [page], f"the browser was given {opened.read_text()}"
            print(f"the browser was given the page after {clock.now() - began:.1f} s")
            found = {"a phrase is answered": notes_answered(jack) > 0}
            found["a process of its own guards the notes"] = _children(process.pid) > 0
            found["the page gets the take as a file"] = _get(port, "/take.mid").startswith(b"MThd")
            ended = _starts_again(environment, port)
            found["another start shows the same page"] = ended and opened.read_text().split() == [page, page]
            _post(port, "/end")
            found["the button ends it"] = process.wait(_ENDED) == 0
        finally:
            process.kill()
    endings = {path.suffix for path in (home / "data" / "livegen" / "journals").glob("livegen-*")}
    found["its journal and MIDI file are kept"] = {".jsonl", ".mid"} <= endings
    for what, good in found.items():
        print(f"{what}: {'yes' if good else 'NO'}")
    return sum(not good for good in found.values())


def _starts_again(environment: Mapping[str, str], port: int) -> bool:
    """Whether another start ends by itself."""
    command = [str(APP), "jam", "--app", "--http-port", str(port)]
    done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, timeout=_STARTED, check=False)
    return done.returncode == 0


def _children(process: int) -> int:
    return len(Path(f"/proc/{process}/task/{process}/children").read_text().split())


def _get(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_STARTED)
    connection.request("GET", path)
    return connection.getresponse().read()


def _post(port: int, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_STARTED)
    connection.request("POST", path)
    connection.getresponse().read()


if __name__ == "__main__":
    sys.exit(main())
