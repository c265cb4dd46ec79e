"""The page's port: OSCQuery and OSC over WebSocket, with clients that are not ours."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.udp_client import SimpleUDPClient
from pythonoscquery.osc_query_client import OSCQueryClient
from websockets.asyncio.client import connect
from zeroconf import ServiceInfo, ServiceStateChange
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from livegen.control.addresses import METHODS, of_voices
from livegen.errors import PortError
from livegen.osc import packets
from livegen.settings import specs
from livegen.web import oscquery
from tests.support.waiting import PATIENCE
from tests.support.web_stage import WebStage, heard, web_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[WebStage]:
    async with web_stage(tmp_path) as running:
        yield running


def packet(address: str, *args: Any) -> bytes:
    """A packet made by another program's hand."""
    builder = OscMessageBuilder(address)
    for arg in args:
        builder.add_arg(arg)
    return bytes(builder.build().dgram)


def listen(path: str) -> str:
    return json.dumps({"COMMAND": "LISTEN", "DATA": path})


def methods(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "TYPE" in node:
        yield node
    for name, inner in node.get("CONTENTS", {}).items():
        assert inner["FULL_PATH"] == f"{node['FULL_PATH'].rstrip('/')}/{name}"
        yield from methods(inner)


async def test_the_tree_has_every_address_with_what_the_proposal_wants(stage: WebStage) -> None:
    root = await stage.json("/")
    found = {node["FULL_PATH"]: node for node in methods(root)}
    assert set(found) == {method.address for method in METHODS}
    for node in found.values():
        assert node["DESCRIPTION"] and node["ACCESS"] in (1, 2, 3)
        for name in ("RANGE", "UNIT", "CLIPMODE", "EXTENDED_TYPE", "VALUE"):
            assert len(node.get(name, node["TYPE"])) == len(node["TYPE"])
        assert "VALUE" not in node or node["ACCESS"] & 1
    for spec in specs():
        if spec.live:
            assert found[f"/livegen/{spec.name}"]["VALUE"] == [getattr(stage.server.settings, spec.name)]
    assert found["/livegen/panic"]["CRITICAL"] is True
    assert found["/livegen/temperature"]["RANGE"] == [{"MIN": 0.1, "MAX": 2.0}]
    assert found["/livegen/longest"]["UNIT"] == ["time.second"]
    assert "duet" in found["/livegen/mode"]["RANGE"][0]["VALS"]
    assert "C" in found["/livegen/key"]["RANGE"][0]["VALS"] and len(found["/livegen/raga"]["RANGE"][0]["VALS"]) > 72
    assert {"folk", "untrained"} <= set(found["/livegen/model"]["RANGE"][0]["VALS"])


def test_the_voices_of_a_band_are_in_the_tree_with_their_own_values() -> None:
    everything = (*METHODS, *of_voices(("bass", "lead")))
    root = oscquery.tree(
        lambda method: (method.voice,) if method.setting == "mode" else None, {"modes": ["duet"]}, everything
    )
    found = {node["FULL_PATH"]: node for node in methods(root)}
    assert set(found) == {method.address for method in everything}
    assert found["/livegen/voice/bass/mode"]["VALUE"] == ["bass"]
    assert found["/livegen/voice/lead/mode"]["RANGE"] == [{"VALS": ["duet"]}]


@pytest.mark.parametrize(
    ("path", "status", "answer"),
    [
        ("/livegen/mode?VALUE", 200, {"VALUE": ["call_and_response"]}),
        ("/livegen/lowest?RANGE", 200, {"RANGE": [{"MIN": 0, "MAX": 127}]}),
        ("/livegen/lowest?TYPE&ACCESS", 200, {"TYPE": "i", "ACCESS": 3}),
        ("/livegen/out?TYPE", 200, {}),  # a container
        ("/livegen/out/note?VALUE", 200, {}),  # nothing was said yet
        ("/livegen/panic?VALUE", 204, None),  # cannot be read
        ("/livegen/mode?TAGS", 200, {"TAGS": ["Choice"]}),
        ("/livegen/panic?TAGS", 200, {}),  # it is no setting
        ("/livegen/mode?HTML", 204, None),
        ("/livegen/mode?COLOUR", 400, {}),
        ("/livegen/nowhere", 404, None),
        ("/livegen/mode/deeper?VALUE", 404, None),
        ("/style.nothing", 404, None),
    ],
)
async def test_attributes(stage: WebStage, path: str, status: int, answer: Any) -> None:
    found, _, body = await stage.get(path)
    assert found == status
    assert answer is None or json.loads(body) == answer


async def test_host_info_leads_to_the_udp_port_whatever_the_path(stage: WebStage) -> None:
    info = await stage.json("/what/ever?HOST_INFO")
    assert (info["OSC_IP"], info["OSC_PORT"], info["OSC_TRANSPORT"]) == ("127.0.0.1", stage.server.osc_port, "UDP")
    assert info["EXTENSIONS"]["LISTEN"] is info["EXTENSIONS"]["CRITICAL"] is True
    assert "PATH_CHANGED" not in info["EXTENSIONS"]  # the addresses stay as they are


async def test_a_foreign_client_reads_a_node_sets_it_over_udp_and_hears_the_echo(stage: WebStage) -> None:
    service = ServiceInfo(
        "_oscjson._tcp.local.",
        "livegen._oscjson._tcp.local.",
        addresses=[socket.inet_aton("127.0.0.1")],
        port=stage.page.port,
    )
    client = OSCQueryClient(service)
    info = await asyncio.to_thread(client.get_host_info)
    node = await asyncio.to_thread(client.query_node, "/livegen/temperature")
    assert info is not None and node is not None and node.value == [1.0]
    for spec in specs():  # its reading of a whole tree stumbles over methods that are only written to
        if spec.live:
            each = await asyncio.to_thread(client.query_node, f"/livegen/{spec.name}")
            assert each is not None and each.value == [getattr(stage.server.settings, spec.name)]
    async with connect(stage.ws) as ear:
        await ear.send(listen("/livegen/temperature"))
        await ear.send(listen("/livegen/pong"))
        with SimpleUDPClient(info.osc_ip, info.osc_port) as sender:
            await ear.send(packet("/livegen/ping"))
            await heard(ear, "/livegen/pong")
            sender.send_message("/livegen/temperature", 0.5)
        assert await heard(ear, "/livegen/temperature") == (0.5,)
    node = await asyncio.to_thread(client.query_node, "/livegen/temperature")
    assert node is not None and node.value == [0.5]


async def test_a_socket_plays_and_hears_what_it_listens_to_alone(stage: WebStage) -> None:
    async with connect(stage.ws) as player, connect(stage.ws) as stranger:
        await player.send(listen("/livegen/out/next"))
        await stranger.send(listen("/livegen/mode"))
        await player.send(packet("/livegen/note", 60, 100, 1, 7))
        assert (await heard(player, "/livegen/out/next"))[0] == 7
        await player.send(json.dumps({"COMMAND": "IGNORE", "DATA": "/livegen/out/next"}))
        await player.send(listen("/livegen/pong"))
        await player.send(packet("/livegen/note", 62, 100, 1, 8))
        await player.send(packet("/livegen/ping", 3))
        first = packets.decode(bytes(await player.recv()), 0.0)[0]  # type: ignore[arg-type]
        assert first == packets.Message("/livegen/pong", (3,))
        await stranger.send(packet("/livegen/mode", "duet"))
        assert packets.decode(bytes(await stranger.recv()), 0.0)[0].args == ("duet",)  # type: ignore[arg-type]
    assert (await stage.json("/livegen/out/next?VALUE"))["VALUE"][0] == 8


async def test_a_ping_over_a_socket_is_answered_there_alone(stage: WebStage) -> None:
    """A page asks every few seconds, and a patch that waits for its own pong is not to take that for it."""
    async with connect(stage.ws) as page, connect(stage.ws) as other:
        await other.send(listen("/"))
        await page.send(packet("/livegen/ping", 7))  # it need not listen
        assert packets.decode(bytes(await page.recv()), 0.0) == [packets.Message("/livegen/pong", (7,))]  # type: ignore[arg-type]
        await other.send(packet("/livegen/ping", 8))
        assert await heard(other, "/livegen/pong") == (8,)


@pytest.mark.parametrize("way", ["/livegen", "/livegen/out/*", "/", b"/livegen/listen"])
async def test_a_page_hears_all_of_a_container_or_pattern(stage: WebStage, way: str | bytes) -> None:
    async with connect(stage.ws) as page:
        await page.send(listen(way) if isinstance(way, str) else packet(way.decode()))
        for pitch in (60, 62, 64):
            await page.send(packet("/livegen/note", pitch, 90))
            await asyncio.sleep(0.1)
            await page.send(packet("/livegen/note", pitch, 0))
        assert await heard(page, "/livegen/out/turn") == ("player",)
        id, pitch, *_ = await heard(page, "/livegen/out/note")
        assert await heard(page, "/livegen/out/off") == (id, pitch, 1)


@pytest.mark.parametrize(
    "nonsense",
    [b"", b"not osc", b"/livegen/note\0\0\0,iiii\0\0\0", "", "[]", "{", '{"COMMAND": "LISTEN"}', listen("/no/where")],
)
async def test_nonsense_is_answered_with_an_error_and_the_socket_stays(stage: WebStage, nonsense: str | bytes) -> None:
    async with connect(stage.ws) as client:
        await client.send(listen("/livegen/pong"))
        await client.send(nonsense)
        await client.send(packet("/livegen/ping", 1))
        assert await heard(client, "/livegen/pong") == (1,)


async def test_what_cannot_be_carried_costs_no_other_message(stage: WebStage) -> None:
    """Messages of the same few milliseconds go out together; a client's nonsense is quoted in a sentence."""
    async with connect(stage.ws) as page:
        await page.send(listen("/"))
        await page.send(packet("/livegen/ping", 1))
        await heard(page, "/livegen/pong")
        stage.server.output.tell("/livegen/error", "packet", "There is nothing at /\0.")
        stage.server.output.tell("/livegen/mode", "autonomous")
        assert await heard(page, "/livegen/mode") == ("autonomous",)


async def test_a_taken_port_is_one_sentence_and_the_music_needs_no_page(stage: WebStage) -> None:
    port = stage.page.port
    stage.server.settings.http_port = port
    with pytest.raises(PortError, match=f"TCP port {port} is taken .*--http-port"):
        stage.server.open_page()


async def test_the_page_comes_to_browsers_and_nothing_else_of_the_disk(
    stage: WebStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page"
    page.mkdir()
    monkeypatch.setattr("livegen.web.app.PAGE", page)
    (page / "index.html").write_text("<!doctype html>the page")
    (page / "main.js").write_text("export {};")
    (page / "notes.txt").write_text("not of a kind that a page is made of")
    (page / ".html").write_text("hidden")
    (tmp_path / "x.html").write_text("elsewhere")
    status, headers, body = await stage.get("/", Accept="text/html,*/*")
    assert (status, headers["content-type"], body) == (200, "text/html", b"<!doctype html>the page")
    assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-cache"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert (await stage.get("/main.js"))[1]["content-type"] == "text/javascript"
    assert (await stage.get("/?HTML"))[2] == body
    (page / "index.html").write_text("<!doctype html>changed")
    assert b"changed" in (await stage.get("/index.html"))[2]
    for path in (
        "/../x.html",
        "/..%2fx.html",
        "/%2e%2e/x.html",
        "/%00.html",
        "/.html",
        f"/{tmp_path}/x.html",
        "/notes.txt",
    ):
        assert (await stage.get(path))[0] == 404, path


async def test_on_request_a_foreign_client_finds_it_on_the_network_and_it_says_goodbye(tmp_path: Path) -> None:
    found: dict[str, int] = {}
    gone = asyncio.Event()
    there = asyncio.Event()

    def changed(zeroconf: Any, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if state_change is ServiceStateChange.Removed:
            return gone.set()
        found[service_type] = 0
        if len(found) == 2:
            there.set()

    async with AsyncZeroconf(interfaces=["127.0.0.1"]) as network:
        browser = AsyncServiceBrowser(
            network.zeroconf, ["_oscjson._tcp.local.", "_osc._udp.local."], handlers=[changed]
        )
        async with web_stage(tmp_path, announce=True) as stage:
            async with asyncio.timeout(PATIENCE):
                await there.wait()
            info = AsyncServiceInfo("_oscjson._tcp.local.", stage.page.announcement.infos[0].name)  # type: ignore[union-attr]
            assert await info.async_request(network.zeroconf, 3000)
            assert (info.port, info.parsed_addresses()) == (stage.page.port, ["127.0.0.1"])
            client = OSCQueryClient(info)
            node = await asyncio.to_thread(client.query_node, "/livegen/mode")
            assert node is not None and node.value == ["call_and_response"]
        async with asyncio.timeout(PATIENCE):
            await gone.wait()
        await browser.async_cancel()


async def test_a_flood_over_a_socket_does_not_keep_the_loop_to_itself(stage: WebStage) -> None:
    """In one read there may be thousands of messages: between them the others have their turn."""
    turns = [time.thread_time()]  # what this thread worked: a busy machine's pauses are nobody's turn

    async def watch() -> None:
        while True:
            await asyncio.sleep(0)
            turns.append(time.thread_time())

    async with connect(stage.ws) as flooder:
        await flooder.send(listen("/livegen/pong"))
        flood = b"".join(client_frame(packet("/livegen/note", 60 + n % 12, 90, 1, n)) for n in range(1500))
        watching = asyncio.create_task(watch())
        flooder.transport.write(flood + client_frame(packet("/livegen/ping", 1)))
        assert await heard(flooder, "/livegen/pong", 20.0) == (1,)
        watching.cancel()
    longest = max(after - before for before, after in pairwise(turns))
    assert longest < (turns[-1] - turns[0]) / 4


def client_frame(data: bytes) -> bytes:
    return bytes((0x82, 0x80 | len(data))) + b"\0" * 4 + data
