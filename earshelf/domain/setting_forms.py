"""How single settings of a neighbour are spelled: texts, addresses, secrets, categories."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit, urlunsplit

MASK = "********"
_MOST_CATEGORIES = 50
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class SettingForm(StrEnum):
    """How one setting of a kind is spelled."""

    TEXT = "text"
    URL = "url"
    FEED_URL = "feed_url"
    SECRET = "secret"  # noqa: S105 - a form of setting, not a secret
    FLAG = "flag"
    CATEGORIES = "categories"


@dataclass(frozen=True, slots=True)
class SettingRule:
    """One setting of a kind: its name, its form, whether it must be filled, and its value where it is not named."""

    name: str
    form: SettingForm
    required: bool = True
    default: Any = ""


def checked_setting(rule: SettingRule, value: Any, kept: Mapping[str, Any]) -> Any:
    """Reads one setting as its form wants it; a mask keeps what ``kept`` holds under the setting's name.

    :raises ValueError: it is not of the form, in words that follow the setting's name.
    """
    if value is None and not rule.required:
        return rule.default
    match rule.form:
        case SettingForm.FLAG:
            if not isinstance(value, bool):
                raise ValueError("must be true or false")
            return value
        case SettingForm.CATEGORIES:
            return _categories(value)
    if not isinstance(value, str):
        raise ValueError("must be text")
    text = value.strip()
    match rule.form:
        case SettingForm.SECRET:
            return _unmasked(value, kept.get(rule.name))
        case SettingForm.URL:
            return server_url(text) if text else text
        case SettingForm.FEED_URL:
            # the endpoint of a pasted feed is not always one that a pasted base would lead to
            return feed_url(text) if text and text != kept.get(rule.name) else text
        case _ if text == MASK:
            raise ValueError("is no secret and cannot be masked")
        case _:
            return text


def _unmasked(value: str, kept: str | None) -> str:
    if value.strip() != MASK:
        # ends up in a header or a query: a line break in it would be somebody else's header
        if _CONTROLS.search(value):
            raise ValueError("must not hold control characters")
        return value.strip()
    if kept is None:
        raise ValueError("is masked, but nothing is stored; type it in")
    return kept


def _categories(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or len(value) > _MOST_CATEGORIES or not all(map(_is_category, value)):
        raise ValueError("must be a list of category numbers")
    return tuple(dict.fromkeys(map(int, value)))


def _is_category(value: Any) -> bool:
    # JSON knows one kind of numbers: 3030.0 is whole
    is_whole = type(value) is int or (isinstance(value, float) and value.is_integer())
    return is_whole and 0 <= value < 1_000_000


_BAD_URL = "must be a valid http(s) URL with no query string or fragment"


def server_url(text: str) -> str:
    """Normalises a base URL to ``scheme://host[:port][/path]`` without a trailing slash.

    :raises ValueError: it is no http(s) URL, has a query or fragment, or carries credentials.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(_BAD_URL) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(_BAD_URL)
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or password; they have fields of their own")
    if not text.isprintable() or any(char.isspace() for char in text) or port == 0:
        raise ValueError(_BAD_URL)
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path.rstrip("/"), "", ""))


def feed_url(text: str) -> str:
    """Normalises what people paste for an indexer: a feed URL, ``…/api``, or a base that lacks the ``/api``.

    :raises ValueError: it is no http(s) URL.
    """
    address, question, _ = text.partition("?")
    url = server_url(address)
    is_endpoint = url.endswith("/api") or (bool(question) and urlsplit(url).path != "")
    return url if is_endpoint else f"{url}/api"
