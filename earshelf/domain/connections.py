"""Which of a server's many addresses to use: ranked before anybody is asked, chosen from what answered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from ipaddress import IPv4Network, ip_address
from itertools import groupby

# containers' own networks: whoever is not in the same one cannot get there
_BRIDGES = tuple(IPv4Network(f"172.{second}.0.0/16") for second in range(17, 32))
_CLEARLY_FASTER_MS = 50.0


class Reach(IntEnum):
    """How far away an address lies, nearest first."""

    LOCAL = 0
    REMOTE = 1
    RELAY = 2


@dataclass(frozen=True, slots=True)
class Connection:
    """One address under which a server says that it can be found.

    ``url`` has no trailing slash; ``address`` is the number or name behind it.
    """

    url: str
    address: str
    port: int
    reach: Reach
    is_secure: bool
    is_ipv6: bool = False


@dataclass(frozen=True, slots=True)
class DiscoveredServer:
    """A server that an account may use, and every way to it.

    ``owner_name`` is whose it is where it is somebody else's. ``is_beside_us`` says that server and asker share one
    public address, so that the local addresses of a stranger's server may work.
    """

    machine_id: str
    name: str
    token: str = field(default="", repr=False)
    version: str = ""
    platform: str = ""
    is_owned: bool = True
    owner_name: str = ""
    is_present: bool = True
    is_beside_us: bool = False
    connections: tuple[Connection, ...] = ()

    @property
    def candidates(self) -> tuple[Connection, ...]:
        """The addresses worth trying, the most promising first, each once.

        Local before remote before relayed; inside each group secure before plain and IPv4 before IPv6; loopback and
        container addresses last of the local ones. Local addresses of somebody else's network are left out.
        """
        worth = [each for each in self.connections if self._may_work(each)]
        return tuple(sorted({each.url: each for each in reversed(worth)}.values(), key=self._rank))

    @property
    def addresses(self) -> tuple[Connection, ...]:
        """Every address, each once: the candidates, and after them those that are not worth trying from here."""
        others = (each for each in self.connections if not self._may_work(each))
        return (*self.candidates, *{each.url: each for each in others}.values())

    def _may_work(self, connection: Connection) -> bool:
        return self.is_owned or self.is_beside_us or connection.reach is not Reach.LOCAL

    def _rank(self, connection: Connection) -> tuple[int, ...]:
        return (*standing(connection), self.connections.index(connection))


def standing(connection: Connection) -> tuple[int, ...]:
    """Returns what two addresses are compared by before anybody is asked; smaller is better."""
    return (connection.reach, is_elsewhere(connection), not connection.is_secure, connection.is_ipv6)


def is_elsewhere(connection: Connection) -> bool:
    """Whether a local address most likely leads to the asker itself or into nobody's reach."""
    if connection.reach is not Reach.LOCAL:
        return False
    try:
        address = ip_address(connection.address.strip("[]"))
    except ValueError:
        return connection.address.casefold() == "localhost"
    return address.is_loopback or any(address in bridge for bridge in _BRIDGES)


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of asking an address who is there, without a token.

    ``machine_id`` is None where nobody answered; ``problem`` then says why.
    """

    connection: Connection
    machine_id: str | None
    latency_ms: float = 0.0
    problem: str = ""


def worth_a_token(probes: Iterable[Probe], machine_id: str) -> list[Probe]:
    """Returns the addresses at which the very server answers, in the order to try them; nobody else sees a token.

    Of addresses that are equally good, one that is clearly faster (by more than 50 ms) comes first.
    """
    found = sorted(
        (probe for probe in probes if probe.machine_id == machine_id), key=lambda probe: standing(probe.connection)
    )
    ordered: list[Probe] = []
    for _, equals in groupby(found, key=lambda probe: standing(probe.connection)):
        ordered += _fastest_first(list(equals))
    return ordered


def _fastest_first(equals: Sequence[Probe]) -> list[Probe]:
    first, fastest = equals[0], min(equals, key=lambda probe: probe.latency_ms)
    if first.latency_ms - fastest.latency_ms <= _CLEARLY_FASTER_MS:
        return list(equals)
    return [fastest, *(probe for probe in equals if probe is not fastest)]


def relay_warning(connection: Connection) -> str | None:
    """Says what is wrong with a relayed connection; None for a direct one."""
    if connection.reach is not Reach.RELAY:
        return None
    return "only the maker's relay reaches this server, which is slow; open a direct way to it"


def without_risk(found: DiscoveredServer, url: str) -> DiscoveredServer:
    """Leaves of a server's addresses those to which it may be followed from ``url`` without asking anybody.

    That is no relay, and in plain text only where it was so before and does not leave the house.
    """
    was_plain = url.startswith("http://")
    ways = [way for way in found.connections if way.reach is not Reach.RELAY]
    kept = tuple(way for way in ways if way.is_secure or (was_plain and way.reach is Reach.LOCAL))
    return replace(found, connections=kept)


def nothing_answers(probes: Sequence[Probe], machine_id: str) -> str:
    """Says why no address can be used."""
    if not probes:
        return "the account names no address for this server"
    strangers = sum(probe.machine_id not in (None, machine_id) for probe in probes)
    other = f", {strangers} answered as another server" if strangers else ""
    reasons = list(dict.fromkeys(probe.problem for probe in probes if probe.problem))
    why = f" ({'; '.join(reasons[:3])})" if reasons else ""
    return f"none of its {len(probes)} addresses can be used from here{other}{why}"
