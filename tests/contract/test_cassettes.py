"""What is recorded is fit to be seen, and says where it comes from."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.recordings import CASSETTES, FOLDER, PASSWORD, SESSION, CleanYaml, StillSecret, suspicion, texts_of

_RECORDED = sorted(CASSETTES.glob("*/*.yaml"))
_SECRET = "correct horse battery 7"


def spoken(**parts: object) -> dict[str, Any]:
    """One interaction as the recorder hands it over."""
    request: dict[str, Any] = {"method": "GET", "uri": "http://127.0.0.1/", "body": None, "headers": {}}
    response: dict[str, Any] = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "Ok."}}
    for name, part in parts.items():
        side, _, field = name.partition("_")
        {"request": request, "response": response}[side][field] = part
    return {"version": 1, "interactions": [{"request": request, "response": response}]}


@pytest.mark.parametrize("path", _RECORDED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_cassette_holds_anything_like_a_secret(path: Path) -> None:
    assert [found for text in texts_of(path) if (found := suspicion(text))] == []


def test_both_clients_are_recorded() -> None:
    assert {path.parent.name for path in _RECORDED} == {"transmission", "qbittorrent"}


@pytest.mark.parametrize("product", ["transmission", "qbittorrent"])
def test_every_recording_says_where_it_comes_from(product: str) -> None:
    provenance = json.loads((CASSETTES / product / "provenance.json").read_text())
    assert provenance["product"] == product
    assert all(provenance[name] for name in ("version", "recorded_on", "command"))


@pytest.mark.parametrize(
    "said",
    [
        spoken(request_headers={"Authorization": ["Basic bGlicmFyaWFuOngx"]}),
        spoken(request_headers={"Cookie": ["QBT_SID_8080=Zx81/abc+d"]}, response_body={"string": "Zx81/abc+d"}),
        spoken(response_headers={"Set-Cookie": ["SID=Zx81/abc+d; HttpOnly; path=/"]}),
        spoken(response_headers={"X-Transmission-Session-Id": ["Zx81abcd"]}, response_body={"string": "is Zx81abcd"}),
        spoken(request_body={"password": _SECRET}),
        spoken(response_body={"string": f"you said '{_SECRET}' at /tmp/here/downloads"}),
    ],
)
def test_what_is_known_to_be_secret_is_replaced(said: dict[str, Any]) -> None:
    written = CleanYaml({_SECRET: PASSWORD, "/tmp/here": FOLDER}).serialize(said)
    assert not any(secret in written for secret in ("bGlicmFyaWFuOngx", "Zx81", _SECRET, "/tmp/"))


def test_a_replaced_session_is_the_same_everywhere() -> None:
    said = spoken(request_headers={"Cookie": ["SID=Zx81"]}, response_headers={"Set-Cookie": ["SID=Zx82; HttpOnly"]})
    assert CleanYaml({}).serialize(said).count(SESSION) == 2


@pytest.mark.parametrize(
    "said",
    [
        spoken(response_body={"string": "your key is 3fJk29dKqLm8ZxPw7TnB"}),
        spoken(request_body={"password": "hunter2"}),
        spoken(response_body={"string": "see /home/anna/downloads"}),
        spoken(response_body={"string": "you sent Authorization: Basic eDp5"}),
        spoken(request_uri="http://127.0.0.1/?hashes=3fJk29dKqLm8ZxPw7TnB"),
    ],
)
def test_what_merely_looks_like_a_secret_is_not_written(said: dict[str, Any]) -> None:
    with pytest.raises(StillSecret):
        CleanYaml({}).serialize(said)


def test_a_secret_in_another_spelling_is_not_written() -> None:
    with pytest.raises(StillSecret):
        CleanYaml({_SECRET: PASSWORD}).serialize(spoken(response_body={"string": "correct+horse+battery+7"}))
