"""Which of a server's addresses is used."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.connections import (
    Connection,
    DiscoveredServer,
    Probe,
    Reach,
    is_elsewhere,
    nothing_answers,
    relay_warning,
    standing,
    worth_a_token,
)

LOCAL, REMOTE, RELAY = Reach
ME, STRANGER = "a1b2c3d4e5f60718", "ffee00"


def at(address: str, reach: Reach = LOCAL, *, secure: bool = True, ipv6: bool = False, port: int = 32400) -> Connection:
    scheme = "https" if secure else "http"
    return Connection(f"{scheme}://{address}:{port}", address, port, reach, is_secure=secure, is_ipv6=ipv6)


BRIDGE, LAN, PLAIN_LAN = at("172.18.0.5"), at("192.168.10.4"), at("192.168.10.4", secure=False)
LAN6 = at("[fd00::4]", ipv6=True)
WAN, RELAYED = at("203.0.113.20", REMOTE, port=21900), at("198.51.100.7", RELAY, port=8443)
ALL = (RELAYED, WAN, BRIDGE, LAN6, PLAIN_LAN, LAN)

connections = st.builds(
    at,
    st.sampled_from(["172.18.0.5", "192.168.10.4", "10.0.0.1", "127.0.0.1", "[::1]", "[fd00::4]", "box", "localhost"]),
    st.sampled_from(Reach),
    secure=st.booleans(),
    ipv6=st.booleans(),
    port=st.integers(1, 3),
)


def server(*found: Connection, owned: bool = True, beside_us: bool = False) -> DiscoveredServer:
    return DiscoveredServer(ME, "Attic", is_owned=owned, is_beside_us=beside_us, connections=found)


def test_the_lan_comes_first_and_a_containers_address_last_of_the_local_ones() -> None:
    assert server(*ALL).candidates == (LAN, LAN6, PLAIN_LAN, BRIDGE, WAN, RELAYED)


def test_a_strangers_local_addresses_are_tried_from_beside_him_only() -> None:
    assert server(*ALL, owned=False).candidates == (WAN, RELAYED)
    assert LAN in server(*ALL, owned=False, beside_us=True).candidates


def test_a_strangers_local_addresses_are_shown_all_the_same_each_address_once() -> None:
    shown = server(*ALL, LAN, owned=False).addresses
    assert shown[:2] == (WAN, RELAYED)
    assert sorted(each.url for each in shown) == sorted(each.url for each in ALL)


@given(st.lists(connections))
def test_every_address_of_an_own_server_is_tried_once_in_order_of_its_standing(found: list[Connection]) -> None:
    candidates = server(*found).candidates
    assert {each.url for each in candidates} == {each.url for each in found}
    assert len({each.url for each in candidates}) == len(candidates)
    assert all(standing(one) <= standing(next_one) for one, next_one in pairwise(candidates))


@given(st.lists(connections, unique_by=lambda each: each.url))
def test_the_order_in_which_the_account_lists_addresses_breaks_ties_only(found: list[Connection]) -> None:
    there = [standing(each) for each in server(*found).candidates]
    back = [standing(each) for each in server(*reversed(found)).candidates]
    assert there == back


@given(
    st.lists(
        st.builds(
            Probe,
            connections,
            machine_id=st.sampled_from([ME, STRANGER, None]),
            latency_ms=st.floats(0, 5000, allow_nan=False),
        )
    )
)
def test_nobody_but_the_very_server_is_shown_a_token_and_a_relay_comes_last(probes: list[Probe]) -> None:
    chosen = worth_a_token(probes, ME)
    assert sorted(map(id, chosen)) == sorted(id(probe) for probe in probes if probe.machine_id == ME)
    reaches = [probe.connection.reach for probe in chosen]
    assert reaches == sorted(reaches)
    assert all(standing(one.connection) <= standing(other.connection) for one, other in pairwise(chosen))


def test_among_equals_a_clearly_faster_one_wins_and_a_slightly_faster_one_does_not() -> None:
    slow, fast = Probe(LAN, ME, 80.0), Probe(at("10.0.0.9"), ME, 29.0)
    assert worth_a_token([slow, fast], ME) == [fast, slow]
    hardly = Probe(at("10.0.0.9"), ME, 31.0)
    assert worth_a_token([slow, hardly], ME) == [slow, hardly]


def test_a_fast_relay_does_not_beat_a_slow_direct_way() -> None:
    assert worth_a_token([Probe(RELAYED, ME, 1.0), Probe(WAN, ME, 900.0)], ME)[0].connection is WAN


def test_a_relay_is_never_used_without_a_word() -> None:
    assert "relay" in (relay_warning(RELAYED) or "")
    assert relay_warning(WAN) is None


def test_loopback_and_bridges_are_elsewhere_only_where_they_call_themselves_local() -> None:
    assert all(map(is_elsewhere, [BRIDGE, at("127.0.0.1"), at("[::1]"), at("LOCALHOST"), at("172.31.0.1")]))
    assert not any(map(is_elsewhere, [LAN, LAN6, at("172.32.0.1"), at("172.16.0.1"), at("box")]))
    assert not is_elsewhere(at("172.18.0.5", REMOTE))


def test_where_nothing_answers_the_reasons_are_told_once_each() -> None:
    away = [Probe(LAN, None, problem="no route"), Probe(WAN, None, problem="no route"), Probe(BRIDGE, STRANGER)]
    told = nothing_answers(away, ME)
    assert told == "none of its 3 addresses can be used from here, 1 answered as another server (no route)"
    assert "names no address" in nothing_answers([], ME)


def test_a_discovered_servers_token_stays_out_of_its_repr() -> None:
    assert "tok-srv" not in repr(DiscoveredServer(ME, "Attic", "tok-srv"))
