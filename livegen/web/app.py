"""Serves the page, OSCQuery and OSC over WebSocket at one HTTP port (aiohttp).

It takes a tenth of a second to import, so ``port.py`` imports it before the music begins.
"""

import asyncio
import contextlib
import json
import logging
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
from aiohttp import WSMsgType, web
from aiohttp.http_exceptions import HttpProcessingError

from livegen.errors import PacketError
from livegen.osc.endpoint import AT_ONCE
from livegen.osc.packets import LARGEST, decode, encode
from livegen.web import oscquery
from livegen.web.downloads import Downloads
from livegen.web.guard import COOKIE, HEADERS, TOKEN, Guard, Visit, is_this_machine, page_of
from livegen.web.listeners import Listener
from livegen.web.server_info import ServerInfo
from livegen.web.trainings import TRAINING, Trainings
from livegen.web.uploads import CHART, PLACES, Uploads

MOST_CONNECTIONS = 128
FIRST_REQUEST = 10.0  # seconds that a connection may take to make it
HEARTBEAT = 10.0  # seconds; a WebSocket that does not answer a ping in half of this has gone
PAGE = Path(__file__).parent / "page"
_PAGES = {"/visuals": "visuals.html"}  # those that have an address without an extension
_KINDS = {
    ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png",
    ".ico": "image/x-icon", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2",
}  # fmt: skip
_LISTEN = encode("/livegen/listen")
_PING = b"/livegen/ping\0"
_ALL = "/"
_FAREWELL = 0.1  # seconds in which the answer to the wish to end gets through

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

logger = logging.getLogger(__name__)


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether an error is livegen's: a request that is no HTTP is refused, and a flood of them fills no log."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


_requests = logging.getLogger(f"{__name__}.requests")
_requests.addFilter(_is_ours)


class App:
    """The web server, on a socket that listens already."""

    def __init__(self, server_info: ServerInfo, guard: Guard) -> None:
        self._server_info = server_info
        self._guard = guard
        self._takes = Downloads(server_info)
        self._uploads = Uploads(server_info)
        self._trainings = Trainings(server_info)
        self._sockets: set[web.WebSocketResponse] = set()
        self._greeted: set[asyncio.BaseTransport] = set()  # connections that have made a request
        self._server: asyncio.Server | None = None
        self._watch: asyncio.Task[None] | None = None
        app = web.Application(middlewares=[self._at_the_door], client_max_size=1024)
        app.router.add_get("/", self._root)
        app.router.add_get("/{path:.*}", self._path)
        for place in PLACES:
            app.router.add_post(place, self._uploads.take)
        app.router.add_delete("/journals/{name}", self._takes.delete)
        app.router.add_post("/end", self._end)
        app.router.add_post(TRAINING, self._trainings.start)
        app.router.add_delete(TRAINING, self._trainings.stop)
        app.on_response_prepare.append(_add_headers)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=_requests,
            shutdown_timeout=0.5,
            keepalive_timeout=30.0,
            lingering_time=0.5,
            max_headers=64,
        )  # fmt: skip

    async def serve(self, sock: socket.socket) -> None:
        """Begin to answer."""
        await self._runner.setup()
        self._server = await asyncio.get_running_loop().create_server(self._connection, sock=sock)
        self._watch = asyncio.create_task(self._look_at_connections())

    async def close(self) -> None:
        """Close all connections and stop answering, in less than a second, whatever the clients do."""
        if self._server is not None:
            self._server.close()
        if self._watch is not None:
            self._watch.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await asyncio.gather(*(one.close(code=aiohttp.WSCloseCode.GOING_AWAY) for one in self._sockets))
        self._hang_up()
        await self._trainings.close()
        await self._runner.cleanup()

    # Connections

    def _connection(self) -> asyncio.BaseProtocol:
        server = self._runner.server
        assert server is not None
        if len(server.connections) >= MOST_CONNECTIONS:
            return _Refusal()
        return server()

    async def _look_at_connections(self) -> None:
        """Close each connection that was open at the last look already and has requested nothing since."""
        silent: set[asyncio.BaseTransport] = set()
        while True:
            await asyncio.sleep(FIRST_REQUEST)
            open_now = self._transports()
            self._greeted &= open_now
            for transport in silent & open_now - self._greeted:
                assert isinstance(transport, asyncio.Transport)
                transport.abort()
            silent = open_now - self._greeted

    def _transports(self) -> set[asyncio.BaseTransport]:
        server = self._runner.server
        assert server is not None
        return {one.transport for one in server.connections if one.transport is not None}

    def _hang_up(self) -> None:
        for transport in self._transports() if self._runner.server else ():
            assert isinstance(transport, asyncio.Transport)
            transport.abort()

    # Requests

    @web.middleware
    async def _at_the_door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.transport is not None:
            self._greeted.add(request.transport)
        objection = self._guard.objection(self._visit(request))
        if objection is not None:
            status, sentence = objection
            if "text/html" in request.headers.get("Accept", ""):
                return web.Response(status=status, text=page_of(sentence), content_type="text/html")
            return web.Response(status=status, text=sentence + "\n")
        await asyncio.sleep(0)  # so that notes come between many requests that arrive together
        return await handler(request)

    def _visit(self, request: web.Request) -> Visit:
        headers = request.headers
        bearer = headers.get("Authorization", "").removeprefix("Bearer ")
        navigates = headers.get("Sec-Fetch-Mode") == "navigate"  # a link on another page may lead here
        return Visit(
            request.remote or "",
            headers.get("Host", ""),
            headers.get("Origin", ""),
            "" if navigates else headers.get("Sec-Fetch-Site", ""),
            request.query.get("token") or bearer or request.cookies.get(self._cookie(request), ""),
        )

    def _cookie(self, request: web.Request) -> str:
        """The cookie's name, with the port in it, since all ports of a host share their cookies."""
        port = request.host.rpartition(":")[2]  # of a host of any kind, so not by a URL, which would have to be right
        return f"{COOKIE}-{port if port.isascii() and port.isdecimal() else 80}"

    async def _root(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._socket(request)
        if TOKEN.fullmatch(request.query.get("token", "")) and "text/html" in request.headers.get("Accept", ""):
            return self._with_cookie(request)
        if "HTML" in request.query or (not request.query and "text/html" in request.headers.get("Accept", "")):
            return _file("index.html")
        return await self._node(request)

    def _with_cookie(self, request: web.Request) -> web.Response:
        """Move the token from the address, where it is seen and kept, into a cookie."""
        answer = web.Response(status=303, headers={"Location": "/"})
        token = request.query["token"]
        answer.set_cookie(self._cookie(request), token, httponly=True, samesite="Lax", path="/")
        return answer

    async def _path(self, request: web.Request) -> web.StreamResponse:
        """A take, an OSC address, or a file of the page. Files have an extension; OSC addresses do not."""
        taken = await self._takes.answer(request.path) or await self._trainings.answer(request.path)
        if taken is not None:
            return taken
        if request.path == CHART:
            return _json(dict(self._server_info.charts()))
        name = _PAGES.get(request.path, request.path[1:])
        return _file(name) if Path(name).suffix in _KINDS else await self._node(request)

    async def _node(self, request: web.Request) -> web.Response:
        wanted = [name for name in request.query if name != "token"]
        if oscquery.HOST_INFO in wanted:
            return _json(oscquery.host_info(_own_address(request), self._server_info.osc_port))
        node = oscquery.find(
            oscquery.tree(self._server_info.value, self._server_info.lists(), self._server_info.methods), request.path
        )
        if node is None:
            return _json({"error": f"There is no address {request.path[:60]}."}, 404)
        if not wanted:
            return _json(node)
        status, found = oscquery.attributes(node, wanted)
        return web.Response(status=204) if status == 204 else _json(found, status)

    async def _end(self, request: web.Request) -> web.Response:
        """End livegen, for a page on this machine, if it was started as an app. Answers where the journals are."""
        end = self._server_info.end
        if end is None or not is_this_machine(request.remote or ""):
            return web.Response(status=403, text="livegen ends where it was started: with Ctrl-C, in its terminal.\n")
        asyncio.get_running_loop().call_later(_FAREWELL, end)
        return _json({"kept": str(self._server_info.journal.absolute().parent)})

    # WebSocket

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        # Not compressed, so that all can be sent the same bytes.
        answer = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LARGEST, compress=False, timeout=1.0)
        transport = request.transport
        assert transport is not None
        listener = self._server_info.listeners.admit(transport)
        if listener is None:
            return web.Response(status=503, text="Too many listen already; close a page.\n")
        _keep_small(transport)
        try:
            await answer.prepare(request)
            self._sockets.add(answer)
            heard = 0
            async for message in answer:
                self._hear(message, listener, request)
                heard += 1
                if heard % AT_ONCE == 0:  # so that a flood does not delay the notes of others
                    await asyncio.sleep(0)
        finally:
            self._sockets.discard(answer)
            self._server_info.listeners.leave(listener)
        return answer

    def _hear(self, message: aiohttp.WSMessage, listener: Listener, request: web.Request) -> None:
        """Text is an OSCQuery command; binary is an OSC packet, taken like a datagram."""
        try:
            if message.type is WSMsgType.TEXT:
                _obey(message.data, listener)
            elif message.type is WSMsgType.BINARY:
                self._take(message.data, listener, request.remote or "")
        except PacketError as error:
            logger.warning("over WebSocket: %s", error)
            self._server_info.listeners.hear_message("/livegen/error", ("packet", str(error)))

    def _take(self, packet: bytes, listener: Listener, peer: str) -> None:
        if packet == _LISTEN:
            listener.listen(_ALL)
        elif packet.startswith(_PING):
            # Only this listener: a page pings every few seconds, which is no news to the others.
            self._server_info.listeners.answer(listener, "/livegen/pong", decode(packet, 0.0)[0].args)
        else:
            # Port 0, since there is none to answer to: all messages come over this socket.
            self._server_info.hear_packet(packet, ("127.0.0.1" if is_this_machine(peer) else peer, 0))


class _Refusal(asyncio.Protocol):
    """Closes a connection that is one too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


def _obey(text: str, listener: Listener) -> None:
    """Obey LISTEN or IGNORE; any other command may be meant for another server."""
    try:
        command = json.loads(text)
        name, path = command["COMMAND"], command["DATA"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise PacketError('A command is JSON such as {"COMMAND": "LISTEN", "DATA": "/livegen/mode"}.') from None
    if name in ("LISTEN", "IGNORE") and isinstance(path, str):
        (listener.listen if name == "LISTEN" else listener.ignore)(path)


def _keep_small(transport: asyncio.Transport) -> None:
    """Keep the system's send buffer small, so that a client that does not read is noticed."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)


def _own_address(request: web.Request) -> str:
    """The address at which this client reaches us."""
    assert request.transport is not None
    return str(request.transport.get_extra_info("sockname")[0])


def _file(name: str) -> web.StreamResponse:
    """A file of the page, by its plain name alone, and only of a kind that a page is made of."""
    path = PAGE / name
    kind = _KINDS.get(path.suffix)
    if kind is None or path.parent != PAGE or name.startswith(".") or not path.is_file():
        return web.Response(status=404, text="There is no such file.\n")
    return web.FileResponse(path, headers={"Content-Type": kind})


def _json(content: object, status: int = 200) -> web.Response:
    return web.json_response(content, status=status, headers={"Cache-Control": "no-store"})


async def _add_headers(request: web.Request, answer: web.StreamResponse) -> None:
    answer.headers["Server"] = "livegen"
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
