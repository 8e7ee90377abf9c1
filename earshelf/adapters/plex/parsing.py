"""What Plex sends, read into the ports' types. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from earshelf.adapters.plex.loose import a_list, flag, number, objects, text
from earshelf.domain.accounts import Holder
from earshelf.domain.connections import Connection, DiscoveredServer, Reach
from earshelf.domain.server_drafts import checked_token
from earshelf.domain.servers import ServerDescription, ServerIdentity
from earshelf.ports.connectors import Target

# a strong PIN is said to live half an hour; what is absent or absurd counts as a quarter
_USUAL_LIFE = timedelta(minutes=15)
_LONGEST_LIFE = timedelta(hours=24)
_OWN_NAMES = ".plex.direct"


def parse_sections(container: Mapping[str, Any]) -> list[Target] | None:
    """Reads the library sections; None means that the list is no list.

    A server without sections leaves the list out. A section without a title goes by its key.
    """
    directories = container.get("Directory", [])
    if not isinstance(directories, list):
        return None
    return [_section(entry) for entry in directories if isinstance(entry, dict) and entry.get("key")]


def _section(entry: Mapping[str, Any]) -> Target:
    return Target(id=str(entry["key"]), name=str(entry.get("title") or entry["key"]))


def parse_pin(body: Any) -> tuple[str, str] | None:
    """Reads id and code of a new PIN; None means that there is none."""
    given = body if isinstance(body, dict) else {}
    pin_id, code = number(given.get("id")), text(given.get("code"))
    return (str(pin_id), code) if pin_id is not None and code else None


def parse_pin_life(body: Any) -> timedelta:
    """Reads how long a new PIN lives, by the maker's own clock, which need not agree with ours."""
    given = body if isinstance(body, dict) else {}
    seconds = number(given.get("expiresIn"))
    life = timedelta(seconds=min(max(seconds, 0), 10**6)) if seconds is not None else _span(given)
    return life if timedelta() < life <= _LONGEST_LIFE else _USUAL_LIFE


def _span(given: Mapping[str, Any]) -> timedelta:
    try:
        begin, end = (datetime.fromisoformat(text(given.get(name))) for name in ("createdAt", "expiresAt"))
        return end - begin
    except (ValueError, TypeError):
        return _USUAL_LIFE


def parse_token(body: Any) -> str | None:
    """Reads the token of a PIN; None until it is approved, and for what can be no token."""
    try:
        return checked_token(text(body.get("authToken"))) if isinstance(body, dict) else None
    except ValueError:
        return None


def parse_holder(body: Any) -> Holder | None:
    """Reads whose account it is; None means that the body names nobody."""
    given = body if isinstance(body, dict) else {}
    account_id = text(given.get("id")) or text(given.get("uuid"))
    username = next(filter(None, (text(given.get(name)) for name in ("username", "title", "email"))), account_id)
    return Holder(account_id, username, text(given.get("email"))) if account_id else None


def parse_servers(body: Any) -> list[DiscoveredServer] | None:
    """Reads an account's servers, those without an identifier left out; None means that the list is no list."""
    if isinstance(body, dict):
        inner = body.get("MediaContainer", body)
        entries = a_list(inner, "Device", "resource", "resources")
        if not entries and inner is body:
            return None
    elif isinstance(body, list):
        entries = objects(body)
    else:
        return None
    return [_server(entry) for entry in entries if _is_server(entry)]


def _is_server(entry: Mapping[str, Any]) -> bool:
    provides = {word.strip() for word in text(entry.get("provides")).split(",")}
    return "server" in provides and bool(text(entry.get("clientIdentifier")))


def _server(entry: Mapping[str, Any]) -> DiscoveredServer:
    platform, release = text(entry.get("platform")), text(entry.get("platformVersion"))
    only_secure = flag(entry.get("httpsRequired"))
    token = parse_token({"authToken": entry.get("accessToken")}) or ""
    return DiscoveredServer(
        machine_id=text(entry.get("clientIdentifier")),
        name=text(entry.get("name")) or text(entry.get("clientIdentifier")),
        token=token,
        version=text(entry.get("productVersion")),
        platform=f"{platform} {release}".strip(),
        is_owned=flag(entry.get("owned")),
        owner_name=text(entry.get("sourceTitle")),
        is_present=flag(entry.get("presence")),
        is_beside_us=flag(entry.get("publicAddressMatches")),
        connections=tuple(each for raw in _connections(entry) for each in _ways(raw, only_secure=only_secure)),
    )


def _connections(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    # XML wraps the list once more
    given = a_list(entry, "connections", "Connection")
    return [each for raw in given for each in (a_list(raw, "connection") or [raw])]


def _ways(raw: Mapping[str, Any], *, only_secure: bool) -> list[Connection]:
    """Reads a connection as one address or two: a name with a certificate also answers under its bare number."""
    address, uri = text(raw.get("address")), text(raw.get("uri")).rstrip("/")
    found = _connection(raw, uri, address)
    if found is None:
        return []
    host = urlsplit(uri).hostname or ""
    if only_secure or not host.endswith(_OWN_NAMES) or found.reach is Reach.RELAY or not address:
        return [found]
    bare = f"[{address}]" if _is_ipv6(address) else address
    plain = _connection(raw, f"http://{bare}:{found.port}", address)
    return [found, plain] if plain else [found]


def _connection(raw: Mapping[str, Any], uri: str, address: str) -> Connection | None:
    try:
        parts = urlsplit(uri)
        port = number(raw.get("port")) or parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or not uri.isprintable():
        return None
    reach = Reach.RELAY if flag(raw.get("relay")) else Reach.LOCAL if flag(raw.get("local")) else Reach.REMOTE
    is_ipv6 = flag(raw.get("IPv6")) or _is_ipv6(address)
    return Connection(uri, address or parts.hostname, port, reach, parts.scheme == "https", is_ipv6)


def _is_ipv6(address: str) -> bool:
    try:
        return isinstance(ip_address(address.strip("[]")), IPv6Address)
    except ValueError:
        return False


def parse_identity(container: Mapping[str, Any]) -> ServerIdentity | None:
    """Reads who answers; None means that it did not say."""
    machine_id = text(container.get("machineIdentifier"))
    claimed = flag(container.get("claimed"), default=True)
    return ServerIdentity(machine_id, text(container.get("version")), claimed) if machine_id else None


def parse_description(container: Mapping[str, Any]) -> ServerDescription | None:
    """Reads what a server says of itself; None means that it did not say who it is."""
    machine_id = text(container.get("machineIdentifier"))
    if not machine_id:
        return None
    platform, release = text(container.get("platform")), text(container.get("platformVersion"))
    features = {word.strip() for word in text(container.get("ownerFeatures")).split(",")}
    return ServerDescription(
        machine_id=machine_id,
        name=text(container.get("friendlyName")) or machine_id,
        version=text(container.get("version")),
        platform=f"{platform} {release}".strip(),
        is_premium=flag(container.get("myPlexSubscription")) or "pass" in features,
        owner=text(container.get("myPlexUsername")),
    )
