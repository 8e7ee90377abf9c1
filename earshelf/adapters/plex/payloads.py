"""Bodies that Plex sends: JSON, XML where JSON was asked for, pages, or nothing at all.

XML becomes what the JSON would have been, with every value a text and every child a member of a list.
"""

from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from earshelf.adapters.http import Answer

_CONTAINER = "MediaContainer"
_LISTS = {"resources": "resource"}


def payload(answer: Answer) -> Any:
    """Decodes a body; NULs and halves of surrogate pairs, which no database holds, are left out of its texts.

    :raises UnexpectedPayload: it is empty, a page, neither JSON nor XML, or nested too deep.
    """
    if not answer.body.strip():
        raise answer.neighbour.unexpected("answered with nothing; it may still be starting")
    if answer.is_page:
        raise answer.neighbour.unexpected("answered with a page; check its address, it may still be starting")
    is_xml = answer.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    decoded = _from_xml(answer) if is_xml else answer.json()
    try:
        return _mended(decoded)
    except RecursionError:
        trouble = answer.neighbour.unexpected("answered with a body that is nested too deep; check its address")
    raise trouble


def container(answer: Answer) -> dict[str, Any]:
    """Decodes a body that has to hold a ``MediaContainer``.

    :raises UnexpectedPayload: there is none.
    """
    decoded = payload(answer)
    found = decoded.get(_CONTAINER) if isinstance(decoded, dict) else None
    if not isinstance(found, dict):
        raise answer.neighbour.unexpected("answered without a media container; check its address")
    return found


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(one) for one in value]
    if isinstance(value, dict):
        return {_mended(name): _mended(one) for name, one in value.items()}
    return value


def _from_xml(answer: Answer) -> Any:
    try:
        root = fromstring(answer.body)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        trouble = answer.neighbour.unexpected("answered with XML that cannot be read; check its address")
    else:
        if root.tag in _LISTS:
            return [_tree(child) for child in root if child.tag == _LISTS[root.tag]]
        return {_CONTAINER: _tree(root)} if root.tag == _CONTAINER else _tree(root)
    raise trouble


def _tree(element: Element) -> dict[str, Any]:
    # a body can be nested deeper than Python likes to call itself
    top: dict[str, Any] = dict(element.attrib)
    waiting = [(element, top)]
    while waiting:
        parent, spelled = waiting.pop()
        for child in parent:
            inner: dict[str, Any] = dict(child.attrib)
            members = spelled.setdefault(str(child.tag), [])
            if isinstance(members, list):
                members.append(inner)
                waiting.append((child, inner))
    return top
