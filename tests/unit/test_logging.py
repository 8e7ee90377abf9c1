"""No secret reaches a log line, and a line is what its format promises."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from earshelf.config.logging import Redactor, configure_logging


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers[:]:
        root.removeHandler(handler)
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)


def logged(form: str, *secrets: str) -> io.StringIO:
    stream = io.StringIO()
    configure_logging("INFO", form, secrets=secrets, stream=stream)
    return stream


@pytest.mark.parametrize(
    "line",
    [
        "GET /api/v1/books?apikey=HUSHHUSH&limit=1",
        "http://indexer/api?t=search&apikey=HUSHHUSH",
        "X-Plex-Token: HUSHHUSH",
        '{"api_key": "HUSHHUSH"}',
        "{'password': 'HUSHHUSH'}",
        "Authorization: Bearer HUSHHUSH",
        "Authorization: Basic HUSHHUSH",
        "postgresql://me:HUSHHUSH@host/db",
        "known value HUSHHUSH without a name",
    ],
)
def test_a_secret_is_masked_wherever_it_stands(line: str) -> None:
    assert "HUSHHUSH" not in Redactor(["HUSHHUSH"]).clean(line)


@pytest.mark.parametrize("line", ["apikey=HUSHHUSH", "token: HUSHHUSH", "http://a:HUSHHUSH@b/"])
def test_a_telling_name_is_enough(line: str) -> None:
    assert "HUSHHUSH" not in Redactor().clean(line)


def test_ordinary_words_stay() -> None:
    line = "Imported 3 files into '/library/A/T' (token ring, keyboard)"
    assert Redactor().clean(line) == line


def test_a_secret_in_arguments_is_masked_too() -> None:
    stream = logged("pretty", "HUSHHUSH")
    logging.getLogger("earshelf.test").warning("Failed with %s", {"key": "HUSHHUSH"})
    assert "Failed with" in stream.getvalue()
    assert "HUSHHUSH" not in stream.getvalue()


@pytest.mark.parametrize("form", ["pretty", "json"])
def test_a_secret_in_a_traceback_is_masked_too(form: str) -> None:
    stream = logged(form, "HUSHHUSH")
    try:
        raise ValueError("tried HUSHHUSH")
    except ValueError:
        logging.getLogger("earshelf.test").exception("It broke")
    assert "ValueError" in stream.getvalue()
    assert "HUSHHUSH" not in stream.getvalue()


def test_json_is_one_object_a_line() -> None:
    stream = logged("json")
    logging.getLogger("earshelf.test").info("two\nlines")
    line = json.loads(stream.getvalue())
    assert (line["level"], line["logger"], line["message"]) == ("info", "earshelf.test", "two\nlines")
    assert stream.getvalue().count("\n") == 1


def test_a_lower_level_is_silent() -> None:
    stream = logged("pretty")
    logging.getLogger("earshelf.test").debug("whisper")
    assert stream.getvalue() == ""
