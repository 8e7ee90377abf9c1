"""Media servers as a person fills them in: checked, and the tokens of pasted addresses told apart from them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from earshelf.domain.errors import Invalid
from earshelf.domain.ids import ServerId
from earshelf.domain.servers import KINDS, AuthMethod, MediaServer, ServerKind, ServerRules
from earshelf.domain.setting_forms import MASK, server_url
from earshelf.domain.sync_schedules import SyncEvery, SyncSchedule

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)

# the previews' own pages write the short one
MASKS = frozenset({MASK, "****"})
_MOST_NAME = 100
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """When libraries are to be read, as a person filled it in."""

    every: str = SyncEvery.MANUAL.value
    at: str = "03:00"


@dataclass(frozen=True, slots=True)
class ServerDraft:
    """What a person filled in, not yet checked.

    ``url`` is empty where the linked account shall tell it by ``machine_id``. ``token`` may be a mask; None keeps what
    is stored, also of the schedule and of ``preferred``.
    """

    kind: str
    name: str
    url: str = field(default="", repr=False)
    method: str = AuthMethod.TOKEN.value
    token: str | None = field(default=None, repr=False)
    verify_ssl: bool = True
    enabled: bool = True
    machine_id: str | None = None
    schedule: ScheduleDraft | None = None
    preferred: bool | None = None

    @property
    def keeps_token(self) -> bool:
        """Whether the token field says to keep what is stored."""
        return self.token is None or self.token.strip() in MASKS


@dataclass(frozen=True, slots=True)
class DrawnUp:
    """A checked draft; ``is_retyped`` says that its token was typed in just now, so that this very server is meant."""

    server: MediaServer
    is_retyped: bool


def draw_up(draft: ServerDraft, *, identifier: ServerId, stored: MediaServer | None = None) -> DrawnUp:
    """Checks a draft and makes it a server; a masked token keeps what ``stored`` holds.

    Where the credential comes from the account, address and token may still be missing.

    :raises Invalid: an unknown kind or method, a missing or ill-formed value; ``fields`` lists all of them.
    """
    problems: dict[str, str] = {}
    kind = _chosen(ServerKind, draft.kind, "type", problems)
    method = _chosen(AuthMethod, draft.method, "auth.method", problems)
    name = draft.name.strip()
    if not 1 <= len(name) <= _MOST_NAME or not name.isprintable():
        problems["name"] = f"must have 1 to {_MOST_NAME} printable characters"
    schedule = _schedule(draft.schedule, problems)
    if kind is None or method is None:
        raise _refused(problems)
    url, pasted = _address(draft, KINDS[kind], problems)
    method = method if pasted is None else AuthMethod.TOKEN
    token = pasted or _token(draft, method, stored, problems)
    if not draft.url.strip():
        problems |= _missing_place(draft, method, stored)
    if problems:
        raise _refused(problems)
    is_retyped = method is AuthMethod.TOKEN and (pasted is not None or not draft.keeps_token)
    made = MediaServer(identifier, kind, name, url, method, token, draft.enabled, draft.verify_ssl)
    # what a server is called is its own to say; only the account needs to be told which one is meant
    made.machine_id = draft.machine_id if method is AuthMethod.ACCOUNT else None
    made.schedule, made.preferred = schedule, bool(draft.preferred)
    if stored is not None:
        keep_wishes(made, stored, draft)
        _inherit(made, stored, keeps_token=not is_retyped and method is stored.method)
    return DrawnUp(made, is_retyped)


def keep_wishes(made: MediaServer, stored: MediaServer, draft: ServerDraft) -> None:
    """Lets a server that turned out to be a stored one keep what its draft says nothing of."""
    if draft.schedule is None:
        made.schedule = stored.schedule
    if draft.preferred is None:
        made.preferred = stored.preferred


def _inherit(made: MediaServer, stored: MediaServer, *, keeps_token: bool) -> None:
    made.machine_id = stored.machine_id or made.machine_id
    made.software, made.platform, made.version = stored.software, stored.platform, stored.version
    made.url = made.url or stored.url
    if keeps_token:
        made.token_state, made.checked_at = stored.token_state, stored.checked_at
        made.secrets_lost = stored.secrets_lost


def split_address(text: str, *, token_parameter: str) -> tuple[str, str | None]:
    """Splits an address into itself without query, and the token that was pasted in its query, None without one."""
    head, question, query = text.strip().partition("?")
    if not question:
        return head, None
    pairs = parse_qsl(query.partition("#")[0], keep_blank_values=True)
    token = next((value.strip() for name, value in pairs if name.casefold() == token_parameter.casefold()), "")
    # a query without a token is somebody's mistake, and told as one
    return (head, token) if token else (text.strip(), None)


def base_of(url: str, own_paths: frozenset[str]) -> str:
    """Cuts a server's own paths off its address; what comes before them is a reverse proxy's prefix."""
    parts = urlsplit(url)
    segments = parts.path.split("/")
    own = next((place for place, segment in enumerate(segments) if segment in own_paths), len(segments))
    return urlunsplit((parts.scheme, parts.netloc, "/".join(segments[:own]).rstrip("/"), "", ""))


def _address(draft: ServerDraft, rules: ServerRules, problems: dict[str, str]) -> tuple[str, str | None]:
    if not draft.url.strip():
        return "", None
    address, token = split_address(draft.url, token_parameter=rules.token_parameter)
    try:
        url = server_url(address)
        if token is not None:
            return base_of(url, rules.own_paths), checked_token(token)
    except ValueError as problem:
        problems["url"] = str(problem)
        return "", None
    return url, None


def _token(draft: ServerDraft, method: AuthMethod, stored: MediaServer | None, problems: dict[str, str]) -> str:
    if method is AuthMethod.ACCOUNT:
        return stored.token if stored and stored.method is method else ""
    if draft.token is not None and not draft.keeps_token:
        try:
            return checked_token(draft.token)
        except ValueError as problem:
            problems["auth.token"] = str(problem)
            return ""
    if stored and (stored.token or stored.secrets_lost):
        return stored.token
    problems["auth.token"] = "is required" if draft.token is None else "is masked, but nothing is stored; type it in"
    return ""


def checked_token(text: str) -> str:
    """Reads a token as a person typed it.

    :raises ValueError: it can be none, in words that follow the field's name.
    """
    token = text.strip()
    if not token:
        raise ValueError("is required")
    if not token.isascii() or not token.isprintable() or " " in token:
        # it becomes a header: a line break in it would be somebody else's header
        raise ValueError("must be printable ASCII without blanks")
    return token


def _schedule(draft: ScheduleDraft | None, problems: dict[str, str]) -> SyncSchedule:
    if draft is None:
        return SyncSchedule()
    every = _chosen(SyncEvery, draft.every, "sync.every", problems)
    if not _CLOCK.fullmatch(draft.at):
        problems["sync.at"] = "must be a time from 00:00 to 23:59"
        return SyncSchedule()
    return SyncSchedule(every or SyncEvery.MANUAL, time.fromisoformat(draft.at))


def _missing_place(draft: ServerDraft, method: AuthMethod, stored: MediaServer | None) -> dict[str, str]:
    if method is AuthMethod.TOKEN:
        return {"url": "is required"}
    if not draft.machine_id and not (stored and stored.machine_id):
        return {"machine_id": "or url is required, so that the account can tell which server is meant"}
    return {}


def _chosen(choice: type[ChoiceT], text: str, name: str, problems: dict[str, str]) -> ChoiceT | None:
    words = {word.value: word for word in choice}
    if text not in words:
        problems[name] = f"must be one of {', '.join(words)}"
    return words.get(text)


def _refused(problems: Mapping[str, str]) -> Invalid:
    name, why = next(iter(problems.items()))
    return Invalid(f"{name} {why}", problems)
