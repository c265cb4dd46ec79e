"""OSC targets and their leases, and how much another machine may send; time is passed in."""

import pytest

from livegen.errors import PacketError
from livegen.osc.peers import BURST, LEASE, MOST_REGISTERED, MOST_SOURCES, RATE, Allowances, Targets


def ports(targets: Targets) -> list[int]:
    return [port for _, port in targets.now]


def test_a_lease_is_renewed_and_ends() -> None:
    targets = Targets([("127.0.0.1", 7332)], 7331, lan=False)
    targets.register("127.0.0.1", 9000, 100.0)
    targets.register("127.0.0.1", 9001, 110.0)
    targets.register("127.0.0.1", 9000, 130.0)
    targets.expire(100.0 + LEASE)
    assert ports(targets) == [7332, 9000, 9001]
    targets.expire(110.0 + LEASE)
    assert ports(targets) == [7332, 9000]
    targets.expire(130.0 + LEASE)
    assert ports(targets) == [7332]


def test_registrations_are_limited_and_a_place_is_freed() -> None:
    targets = Targets([], 7331, lan=False)
    for port in range(9000, 9000 + MOST_REGISTERED):
        targets.register("127.0.0.1", port, 0.0)
    with pytest.raises(PacketError, match="listen already"):
        targets.register("127.0.0.1", 8999, 1.0)
    targets.register("127.0.0.1", 9000, 1.0)
    targets.register("127.0.0.1", 8999, LEASE)
    assert ports(targets) == [9000, 8999]


@pytest.mark.parametrize(
    ("host", "port"), [("192.0.2.7", 9000), ("127.0.0.1", 7331), ("127.0.0.1", 0), ("127.0.0.1", 65536)]
)
def test_who_may_not_register(host: str, port: int) -> None:
    with pytest.raises(PacketError):
        Targets([], 7331, lan=False).register(host, port, 0.0)


def test_with_lan_other_machines_may_register() -> None:
    targets = Targets([], 7331, lan=True)
    targets.register("192.0.2.7", 9000, 0.0)
    assert targets.now == (("192.0.2.7", 9000),)


def test_the_rate_of_one_machine() -> None:
    allowances = Allowances()
    assert sum(allowances.take("a", 0.0) for _ in range(2000)) == BURST
    assert sum(allowances.take("a", 0.1) for _ in range(2000)) == pytest.approx(RATE * 0.1, abs=1)
    allowances.charge("a", 255)
    assert not allowances.take("a", 0.2)
    assert allowances.take("b", 0.2)
    assert sum(allowances.take("a", 1000.0) for _ in range(2000)) == BURST
    for number in range(2 * MOST_SOURCES):
        allowances.take(str(number), 1000.0)
    assert len(allowances._left) == MOST_SOURCES
