"""What browsers send to a house: a login, a cookie, any call; nothing keeps cookies from one call to the next."""

import json
from http.cookies import Morsel, SimpleCookie
from typing import Any

from earshelf.entrypoints.callers import SESSION_COOKIE
from tests.api.house import OPERATOR_TOKEN, House, Reply

OUT = {"authenticated": False, "method": None, "expires_at": None}


async def login(house: House, token: str = OPERATOR_TOKEN, **headers: str) -> Reply:
    body = json.dumps({"token": token}).encode()
    reply = await house.send(
        "POST", "/api/auth/login", headers={"Content-Type": "application/json", **headers}, data=body
    )
    house.client.session.cookie_jar.clear()
    return reply


def morsel(reply: Reply, name: str = SESSION_COOKIE) -> "Morsel[str]":
    """The cookie that an answer sets."""
    jar: SimpleCookie = SimpleCookie()
    for text in reply.headers.getall("Set-Cookie", []):  # type: ignore[attr-defined]
        jar.load(text)
    return jar[name]


def cookie(reply: Reply, name: str = SESSION_COOKIE) -> dict[str, str]:
    """What a browser sends back."""
    return {"Cookie": f"{name}={morsel(reply, name).value}"}


async def ask(house: House, method: str, path: str, headers: dict[str, str], body: Any = None) -> Reply:
    data = None if body is None else json.dumps(body).encode()
    headers = headers if body is None else {**headers, "Content-Type": "application/json"}
    reply = await house.send(method, f"/api{path}", headers=headers, data=data)
    house.client.session.cookie_jar.clear()
    return reply
