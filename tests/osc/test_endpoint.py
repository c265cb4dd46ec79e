"""The OSC endpoint over real UDP on loopback: dated bundles, targets and leases, limits, a target's death."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from unittest import mock

import pytest

from livegen.errors import PortError, SettingsError
from livegen.osc import endpoint as osc_endpoint
from livegen.osc.endpoint import AT_ONCE, HORIZON, MOST_WAITING, TOGETHER, Counters, Endpoint, open_endpoint
from livegen.osc.packets import Message, decode, encode
from livegen.osc.peers import BURST, LEASE, Source
from livegen.system import clock
from tests.support.osc_traffic import ELSEWHERE, accounted, bundle, datagrams, time_tag
from tests.support.steady import SteadyTime
from tests.support.steady import steady as steady
from tests.support.waiting import PATIENCE, until

Open = Callable[..., Any]


class Heard(list[Any]):
    """The messages that the endpoint passed on: first arguments, in order."""

    def __call__(self, message: Message, source: Source) -> None:
        self.append(message.args[0] if message.args else message.address)


def listener() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.settimeout(PATIENCE)
    return sock


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    endpoints: list[Endpoint] = []

    async def open_one(heard: Any, **how: Any) -> Endpoint:
        endpoint = await open_endpoint(how.pop("port", 0), **how)
        endpoints.append(endpoint)
        endpoint.start(heard)
        return endpoint

    yield open_one
    for endpoint in endpoints:
        endpoint.close()


async def test_a_datagram_is_heard_and_answered(opened: Open) -> None:
    with listener() as client:
        target = f"127.0.0.1:{client.getsockname()[1]}"
        endpoint: Endpoint

        def answer(message: Message, source: Source) -> None:
            assert source == client.getsockname()
            endpoint.send("/answer", *message.args)

        endpoint = await opened(answer, target=target)
        client.sendto(encode("/n", 1, 2.5, "x"), ("127.0.0.1", endpoint.port))
        await until(lambda: endpoint.counters.sent == 1)
        assert decode(client.recv(100), 0.0) == [Message("/answer", (1, 2.5, "x"))]
        assert endpoint.counters == Counters(received=1, handled=1, sent=1)


async def test_a_bundle_dated_ahead_waits_without_holding_up_the_loop(steady: SteadyTime, opened: Open) -> None:
    times: dict[Any, float] = {}

    def heard(message: Message, source: Source) -> None:
        times[message.args[0]] = clock.now()

    endpoint = await opened(heard)
    with listener() as client:
        start, date = clock.now(), clock.date().timestamp()
        later, soon = (time_tag(date + ahead) for ahead in (0.3, 0.15))
        for packet in (bundle(encode("/n", "later"), tag=later), bundle(encode("/n", "soon"), tag=soon)):
            client.sendto(packet, ("127.0.0.1", endpoint.port))
        client.sendto(encode("/n", "now"), ("127.0.0.1", endpoint.port))
        stall = 0.0
        while "later" not in times and clock.now() < start + 2.0:
            before = clock.now()
            await asyncio.sleep(0.005)
            stall = max(stall, clock.now() - before)
    assert list(times) == ["now", "soon", "later"]
    assert times["now"] - start < 0.1
    assert 0.14 < times["soon"] - start < 0.29
    assert 0.29 < times["later"] - start < 0.45
    assert stall < 0.1
    assert endpoint.counters == Counters(received=3, handled=3)


async def test_a_bundles_messages_come_in_order_and_together(steady: SteadyTime, opened: Open) -> None:
    heard = Heard()
    endpoint = await opened(heard)
    tag = time_tag(clock.date().timestamp() + 0.05)
    for first in range(0, 40, 4):
        endpoint.datagram_received(
            bundle(*[encode("/n", number) for number in range(first, first + 4)], tag=tag), ("127.0.0.1", 9)
        )
    assert endpoint.counters.waiting == 40
    await until(lambda: bool(heard))
    assert heard == list(range(40))


async def test_a_pause_between_two_looks_at_the_time_does_not_turn_bundles_round(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, loop = Heard(), asyncio.get_running_loop()
    endpoint = await opened(heard)
    time, date, paused, pause = loop.time, clock.date, 0.0, 0.0

    def looked() -> datetime:
        nonlocal paused, pause
        paused, pause = paused + pause, 0.0
        return date() + timedelta(seconds=paused)

    monkeypatch.setattr(loop, "time", lambda: time() + paused)
    monkeypatch.setattr(clock, "date", looked)
    later = clock.date().timestamp() + 0.5
    endpoint.datagram_received(bundle(encode("/n", 1), tag=time_tag(later)), ("127.0.0.1", 9))
    pause = 0.2
    endpoint.datagram_received(bundle(encode("/n", 2), tag=time_tag(later + 0.1)), ("127.0.0.1", 9))
    await until(lambda: len(heard) == 2)
    assert heard == [1, 2]


async def test_the_far_future_is_rejected_and_the_past_is_now(opened: Open) -> None:
    heard = Heard()
    endpoint = await opened(heard)
    date = clock.date().timestamp()
    for ahead, number in ((2.5, 1), (3e8, 2), (-5.0, 3), (-3600.0, 4), (80_000.0, 5), (-3e8, 6)):
        endpoint.datagram_received(bundle(encode("/n", number), tag=time_tag(date + ahead)), ("127.0.0.1", 9))
    assert heard == [2, 3, 4, 6]  # a date that cannot be is none
    assert HORIZON == 2.0
    assert endpoint.counters == Counters(received=6, handled=2, late=2, rejected={"too far ahead": 2})


async def test_no_more_wait_than_allowed(steady: SteadyTime, opened: Open) -> None:
    endpoint = await opened(Heard())
    tag = time_tag(clock.date().timestamp() + 1.5)
    packet = bundle(*[encode("/n", 1)] * 200, tag=tag)
    for _ in range(30):
        endpoint.datagram_received(packet, ("127.0.0.1", 9))
    assert endpoint.counters.waiting == MOST_WAITING // 200 * 200
    assert endpoint.counters.rejected == {"too many waiting": 6000 - endpoint.counters.waiting}
    endpoint.close()
    assert accounted(endpoint.counters) == endpoint.counters.received == 6000


async def test_counters_add_up_whatever_comes(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "date", lambda: datetime.fromtimestamp(1e9 + 60))  # a minute after their dates
    endpoint = await opened(Heard(), lan=True)
    for index, datagram in enumerate(datagrams(20_000, seed=4)):
        endpoint.datagram_received(datagram, ELSEWHERE if index % 2 else ("127.0.0.1", 9))
    counters = endpoint.counters
    assert accounted(counters) == counters.received
    assert min(counters.handled, counters.late, counters.limited, counters.rejected["malformed"]) > 100


async def test_a_fault_in_one_message_does_not_cost_the_next(opened: Open) -> None:
    heard = Heard()
    faults: list[Any] = []

    def receive(message: Message, source: Source) -> None:
        if message.args[0] == 2:
            raise ZeroDivisionError
        heard(message, source)

    asyncio.get_running_loop().set_exception_handler(lambda loop, context: faults.append(context["exception"]))
    endpoint = await opened(receive)
    endpoint.datagram_received(bundle(*[encode("/n", number) for number in (1, 2, 3)]), ("127.0.0.1", 9))
    assert heard == [1, 3]
    assert [type(fault) for fault in faults] == [ZeroDivisionError]


class Answering:
    """Answers what it hears with the same number, in so many seconds; notes how many answers had come before."""

    def __init__(self, client: socket.socket, takes: float) -> None:
        client.setblocking(False)
        self.client = client
        self.takes = takes
        self.now = 1.0
        self.came: list[Any] = []
        self.before: list[int] = []
        self.endpoint: Endpoint

    def __call__(self, message: Message, source: Source) -> None:
        self.receive()
        self.before.append(len(self.came))
        self.endpoint.send("/answer", message.args[0])
        self.now += self.takes
        if message.args[0] == "fault":
            raise ZeroDivisionError
        if message.args[0] == "close":
            self.endpoint.close()

    def receive(self) -> None:
        """Take what has come to the client."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.came.append(decode(self.client.recv(100), 0.0)[0].args[0])


async def answering(opened: Open, client: socket.socket, *packets: bytes, takes: float = 0.0) -> Answering:
    """The program that answered these datagrams, which all waited together."""
    answers = Answering(client, takes)
    answers.endpoint = await opened(answers, target=f"127.0.0.1:{client.getsockname()[1]}")
    for packet in packets:
        client.sendto(packet, ("127.0.0.1", answers.endpoint.port))
    with mock.patch.object(clock, "now", lambda: answers.now):
        answers.endpoint._hear(answers.endpoint._socket)
    answers.receive()
    return answers


async def test_notes_that_wait_are_answered_together_after_the_first_and_what_else_is_asked_at_once(
    opened: Open,
) -> None:
    note = partial(encode, "/livegen/note")
    with listener() as client:
        assert (await answering(opened, client, note(0))).came == [0]
        quick = await answering(opened, client, *map(note, range(9)), takes=0.4 * TOGETHER)
        assert (quick.came, quick.before) == ([*range(9)], [0, 1, 1, 1, 4, 4, 4, 7, 7])
        slow = await answering(opened, client, *map(note, range(4)), takes=1.1 * TOGETHER)
        assert (slow.came, slow.before) == ([0, 1, 2, 3], [0, 1, 2, 3])
        between = await answering(opened, client, note(0), note(1), encode("/livegen/rewind", 2), note(3))
        assert (between.came, between.before) == ([0, 1, 2, 3], [0, 1, 2, 3])
        bundled = await answering(opened, client, note(0), note(1), bundle(*map(note, (2, 3, 4))))
        assert (bundled.came, bundled.before) == ([0, 1, 2, 3, 4], [0, 1, 2, 3, 4])


async def test_an_answer_is_sent_whatever_becomes_of_the_next_note(opened: Open) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    note = partial(encode, "/livegen/note")
    with listener() as client:
        assert (await answering(opened, client, note(0), note(1), note("fault"))).came == [0, 1, "fault"]
        assert (await answering(opened, client, note(0), note(1), note("close"))).came == [0, 1, "close"]
        answers = await answering(opened, client, note(0), note(1))
        answers.endpoint.send("/answer", 2)  # later, from elsewhere
        answers.receive()
        assert answers.came == [0, 1, 2]


async def test_a_closed_target_does_not_stop_hearing(opened: Open) -> None:
    heard = Heard()
    with listener() as gone, listener() as client:
        gone_port = gone.getsockname()[1]
        endpoint = await opened(heard, target=f"127.0.0.1:{gone_port}")
        endpoint.register(*client.getsockname(), clock.now())
        gone.close()
        for number in range(20):
            endpoint.send("/n", number)
            await asyncio.sleep(0)
        with mock.patch.object(endpoint, "_socket") as reset:
            reset.recvfrom_into.side_effect = ConnectionResetError  # as Windows reports it
            endpoint._hear(reset)
        assert endpoint.counters.unsent == 1
        client.sendto(encode("/n", 1), ("127.0.0.1", endpoint.port))
        await until(lambda: heard == [1])
        assert [decode(client.recv(100), 0.0)[0].args[0] for _ in range(20)] == list(range(20))


async def test_an_unreachable_target_costs_the_others_nothing(opened: Open) -> None:
    with listener() as client:
        endpoint = await opened(Heard(), target=f"127.0.0.1:{client.getsockname()[1]}")
        endpoint._targets.now = (ELSEWHERE, *endpoint._targets.now)  # a loopback socket cannot send there
        endpoint.send("/n", 1)
        assert decode(client.recv(100), 0.0)[0].args == (1,)
        assert (endpoint.counters.sent, endpoint.counters.unsent) == (1, 1)


async def test_nothing_is_sent_to_who_did_not_register(opened: Open) -> None:
    with listener() as stranger:
        endpoint = await opened(Heard())
        endpoint.send("/n", 1)
        assert endpoint.counters.sent == 0
        endpoint.register(*stranger.getsockname(), clock.now())
        endpoint.send("/n", 2)
        assert decode(stranger.recv(100), 0.0)[0].args == (2,)


async def test_a_lease_ends_while_sending(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = await opened(Heard())
    now = clock.now()
    endpoint.register("127.0.0.1", 9, now)
    monkeypatch.setattr(clock, "now", lambda: now + LEASE - 0.01)
    assert endpoint.targets() == (("127.0.0.1", 9),)
    monkeypatch.setattr(clock, "now", lambda: now + LEASE + 0.01)
    assert endpoint.targets() == ()


async def test_without_lan_other_machines_are_not_heard(opened: Open) -> None:
    heard = Heard()
    endpoint = await opened(heard)
    assert endpoint._socket.getsockname()[0] == "127.0.0.1"
    endpoint.datagram_received(encode("/livegen/panic"), ELSEWHERE)
    assert heard == []
    assert endpoint.counters == Counters(received=1, rejected={"another machine": 1})


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time passes, however long the machine needs for what comes at once."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)


@pytest.mark.usefixtures("moment")
async def test_with_lan_a_flood_is_limited_but_never_a_panic(opened: Open) -> None:
    heard = Heard()
    endpoint = await opened(heard, lan=True)
    assert endpoint._socket.getsockname()[0] == "0.0.0.0"
    for _ in range(3000):
        endpoint.datagram_received(encode("/n", 1), ELSEWHERE)
    endpoint.datagram_received(encode("/livegen/panic"), ELSEWHERE)
    assert heard[-1] == "/livegen/panic"
    assert heard.count(1) == BURST
    assert endpoint.counters.limited == 3000 - BURST
    for _ in range(3000):
        endpoint.datagram_received(encode("/n", 2), ("127.0.0.1", 9))
    assert heard.count(2) == 3000
    assert accounted(endpoint.counters) == endpoint.counters.received == 6001


@pytest.mark.usefixtures("moment")
async def test_a_bundle_counts_as_many_messages_and_an_empty_one_as_one(opened: Open) -> None:
    heard = Heard()
    endpoint = await opened(heard, lan=True)
    for _ in range(100):
        endpoint.datagram_received(bundle(*[encode("/n", 1)] * 100), ELSEWHERE)
    assert len(heard) == BURST
    for _ in range(2000):
        endpoint.datagram_received(bundle(), ("192.0.2.8", 9))
    endpoint.datagram_received(encode("/n", 2), ("192.0.2.8", 9))
    assert 2 not in heard


async def test_a_busy_port_is_one_clear_sentence_and_close_frees_it(opened: Open) -> None:
    first = await opened(Heard())
    with pytest.raises(PortError, match=rf"^UDP port {first.port} is taken by another program; .*--osc-port\.$"):
        await opened(Heard(), port=first.port)
    first.close()
    second = await opened(Heard(), port=first.port)
    assert second.port == first.port


@pytest.mark.parametrize(
    "target", ["7332", "nowhere", "127.0.0.1:x", "127.0.0.1:0", ":7332", "192.0.2.7:9000", "127.0.0.1:7331"]
)
async def test_a_wrong_target_is_refused(target: str) -> None:
    with pytest.raises(SettingsError, match="osc_target"):
        await open_endpoint(7331, target=target)


async def test_a_target_that_has_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    with pytest.raises(PortError, match="osc_target no-such-host is not found"):
        await open_endpoint(0, target="no-such-host:9000")


async def test_the_receive_buffer_is_large(opened: Open) -> None:
    endpoint = await opened(Heard())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as fresh:
        usual = fresh.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        fresh.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, osc_endpoint.BUFFER)
        most = fresh.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    assert endpoint._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) == most >= usual


async def test_a_flood_leaves_the_loop_its_turn_and_none_is_lost(opened: Open) -> None:
    heard, turns = Heard(), []
    endpoint = await opened(heard)
    with listener() as client:
        for number in range(3 * AT_ONCE):
            client.sendto(encode("/n", number), ("127.0.0.1", endpoint.port))
        async with asyncio.timeout(PATIENCE):
            while len(heard) < 3 * AT_ONCE:
                await asyncio.sleep(0)
                turns.append(len(heard))
    assert heard == list(range(3 * AT_ONCE))
    assert set(turns) >= {AT_ONCE, 2 * AT_ONCE}
