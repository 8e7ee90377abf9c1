"""Log lines for people and for machines, without secrets."""

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

# query parameters, headers and fields whose value is never written down, wherever it comes from
_NAMED_SECRET = re.compile(
    r"(?i)((?:api_?key|x-api-key|x-auth-token|x-plex-token|token|password|passwd|authorization|cookie|sid)"
    r"[\"']?\s*[=:]\s*[\"']?)(bearer\s+|basic\s+)?([^\s\"'&,;}]{3,})"
)
_USERINFO = re.compile(r"(?i)(\w+://)[^/\s:@]+:[^/\s@]+@")
_MASK = "********"


class Redactor(logging.Filter):
    """Takes secrets out of a record: known values anywhere, and whatever stands behind a telling name."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets: list[str] = []
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Masks these from now on too; what is very short would mask half of every line."""
        self._secrets += [secret for secret in secrets if len(secret) >= 6 and secret not in self._secrets]

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrites the message in place; every record passes."""
        record.msg = self.clean(record.getMessage())
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self.clean(record.exc_text)
        return True

    def clean(self, text: str) -> str:
        """Returns the text with every secret masked."""
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        text = _USERINFO.sub(rf"\1{_MASK}@", text)
        return _NAMED_SECRET.sub(rf"\1{_MASK}", text)


def never_log(*secrets: str) -> None:
    """Masks these in the logs from now on, wherever they are sent."""
    for handler in logging.getLogger().handlers:
        for redactor in handler.filters:
            if isinstance(redactor, Redactor):
                redactor.learn(secrets)


class JsonLines(logging.Formatter):
    """One JSON object a line: ``time``, ``level``, ``logger``, ``message`` and, with an error, ``exception``."""

    def format(self, record: logging.LogRecord) -> str:
        """Spells the record."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_text:
            line["exception"] = record.exc_text
        return json.dumps(line, ensure_ascii=False)


def configure_logging(level: str, form: str, *, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Sends all logs to standard error, or to the stream, redacted; replaces what was configured before."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(Redactor(secrets))
    pretty = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")
    handler.setFormatter(JsonLines() if form == "json" else pretty)
    logging.basicConfig(level=level, handlers=[handler], force=True)
