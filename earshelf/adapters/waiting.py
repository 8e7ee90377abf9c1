"""How long a neighbour asks to be left alone."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil

DEFAULT_WAIT = 60
_LONGEST_WAIT = 24 * 60 * 60


def seconds_to_wait(retry_after: str | None, now: datetime | None = None) -> int:
    """Reads a ``Retry-After`` header: whole seconds or an HTTP date, at most a day.

    What is absent, garbled, negative or past counts as a minute.
    """
    text = (retry_after or "").strip()
    seconds = int(text[:9]) if text.isascii() and text.isdecimal() else _until(text, now or datetime.now(UTC))
    return min(seconds, _LONGEST_WAIT) if seconds > 0 else DEFAULT_WAIT


def _until(text: str, now: datetime) -> int:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return 0
    return ceil((moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
