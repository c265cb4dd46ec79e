"""livegen as an app, without a terminal: its page opens in the browser, and ends it.

Whoever starts it a second time, since the page was closed, is shown the page of the livegen that plays already.
"""

import html
import json
import os
import sys
import threading
from pathlib import Path

from livegen.system import paths

AS_APP = "#app"  # what the page's address ends with where its button ends livegen
_ANSWERS_WITHIN = 2.0  # seconds
_TROUBLE = "<!doctype html><meta charset='utf-8'><title>livegen</title><h1>livegen did not start</h1><p>{}</p>\n"


def is_playing(port: int) -> bool:
    """Whether livegen serves its page at this port of this machine already."""
    import http.client

    if not port:
        return False
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWERS_WITHIN)
    try:
        connection.request("GET", "/?HOST_INFO")
        answer = connection.getresponse()
        return answer.status == http.HTTPStatus.OK and json.loads(answer.read(65536)).get("NAME") == "livegen"
    except (OSError, http.client.HTTPException, ValueError, AttributeError):
        return False
    finally:
        connection.close()


def open_page(url: str) -> threading.Thread:
    """Open the page in the browser, from a thread, since that may take long. Returns the thread."""
    import webbrowser

    opening = threading.Thread(target=webbrowser.open, args=(url + AS_APP,), name="livegen browser", daemon=True)
    opening.start()
    return opening


def show_trouble(sentence: str) -> Path:
    """Show in the browser why livegen did not start: there may be no terminal. Returns the page that says so."""
    import webbrowser

    page = paths.data() / "trouble.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(_TROUBLE.format(html.escape(sentence)), encoding="utf-8")
    webbrowser.open(page.as_uri())
    return page


def free_libraries() -> None:
    """Let the programs that the bundled app starts, such as the browser, load the system's libraries, not the app's."""
    if not getattr(sys, "frozen", False):
        return
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    os.environ.pop("LD_LIBRARY_PATH", None)
    if before:
        os.environ["LD_LIBRARY_PATH"] = before
