"""The page's TCP port: opened at once, so that its address can be shown, and served once the music has begun."""

import asyncio
import contextlib
import importlib
import logging
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from livegen.errors import LivegenError, SettingsError
from livegen.osc.peers import Source
from livegen.system import process
from livegen.system.sockets import open_tcp
from livegen.web.announce import Announcement
from livegen.web.guard import TOKEN, Guard
from livegen.web.server_info import ServerInfo

if TYPE_CHECKING:
    from livegen.web.app import App

logger = logging.getLogger(__name__)


class WebPort:
    """Opens the page's port. Raises PortError if it cannot be opened, SettingsError if the token is not valid."""

    def __init__(self, server_info: ServerInfo, say: Callable[[str], None]) -> None:
        settings = server_info.settings
        if settings.token and not TOKEN.fullmatch(settings.token):
            raise SettingsError("token takes 8 to 64 of A-Z, a-z, 0-9, _ and -; give one like that, or none.")
        self._server_info = server_info
        self._say = say
        self._socket = open_tcp(settings.http_port, settings.lan, "--http-port")
        self.port: int = self._socket.getsockname()[1]
        self.host = _own_address() if settings.lan else "127.0.0.1"
        self.guard = Guard(settings.lan, settings.token, _own_names() if settings.lan else frozenset())
        self._web: App | None = None
        self.announcement: Announcement | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The address for a browser; with --lan it holds the token."""
        token = f"?token={self.guard.token}" if self._server_info.settings.lan else ""
        return f"http://{self.host}:{self.port}/{token}"

    def load(self) -> None:
        """Import the web server now: later its tenth of a second would delay notes. An error is reported when it is to
        serve."""
        with contextlib.suppress(Exception):
            self._load()
            process.keep_what_is_loaded()

    def serve(self) -> None:
        """Begin to answer, in a moment."""
        process.share_one_heap()
        self._serving = asyncio.create_task(self._serve())

    def deafen(self) -> None:
        """Receive nothing more, because the music has ended. Messages sent until then still go out."""
        self._server_info.hear_packet = _ignore
        self._server_info.listeners.flush()

    async def close(self) -> None:
        """Stop answering."""
        if self._serving is not None:
            self._serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._serving
        if self.announcement is not None:
            await self.announcement.close()
        if self._web is not None:
            await self._web.close()
        self._socket.close()

    async def _serve(self) -> None:
        try:
            self._web = self._load()(self._server_info, self.guard)
            await self._web.serve(self._socket)
            await self._announce()
        except Exception as error:  # livegen plays on without its page
            logger.exception("the page")
            sentence = error if isinstance(error, LivegenError) else repr(error)
            self._say(f"The page cannot be served ({sentence}); the music plays on without it.")

    async def _announce(self) -> None:
        """Announce the page to the network, if that is wanted; a failure does not stop the page."""
        if self._server_info.settings.announce:
            self.announcement = Announcement(self.host, self.port, self._server_info.osc_port)
            try:
                await self.announcement.make()
            except (LivegenError, OSError) as error:
                self._say(f"Nothing is announced: {error}")

    def _load(self) -> "type[App]":
        """The web server, which is imported only where there is to be a page."""
        found: type[App] = importlib.import_module("livegen.web.app").App
        return found


def _ignore(packet: bytes, source: Source) -> None:
    pass


def _own_address() -> str:
    """This machine's address on the network, loopback if it has none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation, reached by the default route
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def _own_names() -> frozenset[str]:
    name = socket.gethostname().lower().removesuffix(".local")
    return frozenset((name, f"{name}.local"))
