"""Bodies as Plex spells them: JSON for who asks for it, XML for everybody else. Composed, from what is documented."""

from collections.abc import Mapping
from typing import Any, TypeAlias
from xml.etree.ElementTree import Element, SubElement, tostring

from aiohttp import web

Body: TypeAlias = Mapping[str, Any] | list[Mapping[str, Any]]

UNAUTHORIZED_PAGE = "<html><head><title>Unauthorized</title></head><body><h1>401 Unauthorized</h1></body></html>"


def spelled(request: web.Request, tag: str, body: Body, *, status: int = 200) -> web.Response:
    """Answers with a body; ``tag`` is its root in XML. Media servers wrap their JSON in it, the account service not."""
    if "json" in request.headers.get("Accept", ""):
        is_wrapped = tag[0].isupper()
        return web.json_response({tag: body} if is_wrapped else body, status=status)
    root = Element(tag)
    _fill(root, {tag.removesuffix("s"): body} if isinstance(body, list) else body)
    return web.Response(text=tostring(root, encoding="unicode"), status=status, content_type="application/xml")


def page(status: int, text: str) -> web.Response:
    """Answers with a page, as Plex's errors do whatever was asked for."""
    return web.Response(status=status, text=text, content_type="text/html")


def _fill(element: Element, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, list):
            # the account service wraps its lists, and says one for each member
            is_wrapped = name.islower() and name.endswith("s")
            parent = SubElement(element, name) if is_wrapped else element
            for member in value:
                child = SubElement(parent, name.removesuffix("s") if is_wrapped else name)
                if isinstance(member, Mapping):
                    _fill(child, member)
                else:
                    child.text = str(member)
        elif isinstance(value, Mapping):
            _fill(SubElement(element, name), value)
        elif value is not None:
            element.set(name, str(int(value)) if isinstance(value, bool) else str(value))
