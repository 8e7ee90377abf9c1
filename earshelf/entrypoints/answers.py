"""Spelling answers: compact UTF-8 JSON, dates and numbers as both surfaces show them."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiohttp import web

_QUICK = msgspec.json.Encoder()
# for what the quick one refuses
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def encoded(data: Any) -> bytes:
    """Returns JSON; a lone surrogate, which UTF-8 cannot spell, becomes a question mark, NaN becomes null."""
    try:
        return _QUICK.encode(data)
    except (TypeError, UnicodeEncodeError):
        return _ENCODER.encode(data).encode("utf-8", "replace")


def answer(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Returns a JSON answer."""
    return web.Response(
        body=encoded(data), status=status, headers=headers, content_type="application/json", charset="utf-8"
    )


def listed(rows: Sequence[Mapping[str, Any]], total: int) -> web.Response:
    """Returns a list answer; ``total`` counts all matching rows, not only these."""
    return answer({"data": rows, "total": total})


def nothing() -> web.Response:
    """Returns an answer without a body."""
    return web.Response(status=204)


def spelled_date(moment: datetime) -> str:
    """Spells a moment as ``2026-06-22T14:30:00.000Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def percent(fraction: float) -> float:
    """Spells a share from 0 to 1 as 0 to 100, with one decimal where there is one."""
    return plain(round(min(max(fraction, 0.0), 1.0) * 100, 1))


def plain(number: float) -> float:
    """Spells a whole number without a decimal point."""
    return int(number) if number == int(number) else number
