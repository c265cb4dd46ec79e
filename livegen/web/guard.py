"""Decides which HTTP requests to accept: from this machine by one of its own names; from others with --lan and token.

A foreign page that is open in the musician's browser can send requests here too. Its headers give it away: a name that
was pointed at us (DNS rebinding) is in Host, the page itself in Origin. Pure.
"""

import hmac
import html
import ipaddress
import re
import secrets
from typing import NamedTuple

COOKIE = "livegen"
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-cache",
}
_LOCAL = frozenset(("127.0.0.1", "localhost", "[::1]"))
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?", re.ASCII)
TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


class Visit(NamedTuple):
    """The facts of a request that decide whether it is accepted. Absent headers are empty."""

    peer: str  # the numeric address it comes from
    host: str  # the Host header
    origin: str = ""
    fetched_from: str = ""  # Sec-Fetch-Site
    token: str = ""


class Guard:
    """``token`` lets other machines in; without ``lan`` nothing does. ``names``: this machine's own."""

    def __init__(self, lan: bool = False, token: str = "", names: frozenset[str] = frozenset()) -> None:
        self.token = token or secrets.token_urlsafe(12)
        self._lan = lan
        self._names = names

    def objection(self, visit: Visit) -> tuple[int, str] | None:
        """The reason to refuse a visit, as an HTTP status and a sentence; None: it is let in."""
        host = _HOST.fullmatch(visit.host.lower())
        if host is None or not self._known(host[1]):
            return 421, "This is livegen; it is not reached by that name. Use the address that it printed."
        if visit.origin and visit.origin.lower() != f"http://{visit.host.lower()}":
            return 403, "Another page asked for this; livegen answers its own page alone."
        if visit.fetched_from in ("cross-site", "same-site"):
            return 403, "Another page asked for this; livegen answers its own page alone."
        if is_this_machine(visit.peer) and host[1] in _LOCAL:
            return None
        if not self._lan:
            return 403, "livegen is for programs on this machine; start it with --lan on for others."
        if not hmac.compare_digest(visit.token.encode(), self.token.encode()):
            return 401, "Open the whole address that livegen printed: it ends with the token."
        return None

    def _known(self, host: str) -> bool:
        """Whether a name is ours. A numeric address always is, because only a name can be pointed elsewhere."""
        if host in _LOCAL:
            return True
        return self._lan and (host in self._names or _is_number(host))


def page_of(sentence: str) -> str:
    """A page, in HTML, for a browser that is refused. It loads nothing, because that would be refused, too."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>livegen</title>'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="dark light"></head>'
        f"<body><main><h1>livegen</h1><p>{html.escape(sentence)}</p></main></body></html>\n"
    )


def is_this_machine(peer: str) -> bool:
    """Whether a numeric address is this machine's loopback."""
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
        return True
    except ValueError:
        return False
