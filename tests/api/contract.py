"""What the OpenAPI documents promise, held against real answers."""

import re
from functools import cache
from typing import Any

import jsonschema_rs

from earshelf.entrypoints.openapi import SURFACES, document

_ERRORS = {"v1": "ErrorEnvelope", "operator": "Problem"}


def surface_of(path: str) -> str:
    """Returns the name of the surface that a path belongs to."""
    prefixes = sorted(SURFACES.values(), key=lambda surface: len(surface.prefix), reverse=True)
    return next(surface.name for surface in prefixes if f"{path}/".startswith(f"{surface.prefix}/"))


def check_answer(method: str, path: str, status: int, body: Any) -> None:
    """Fails where an answer is not one that the document describes, field for field.

    A path or method that is not documented may only be answered with an error of the surface.
    """
    surface = surface_of(path)
    template = _template(surface, path)
    operations = _document(surface)["paths"][template] if template else {}
    operation = operations.get("get" if method == "HEAD" else method.lower())
    if operation is None:
        assert status in {401, 404, 405}, f"{method} {path} is not documented and answered {status}"
        if method != "HEAD":
            _validator(surface, f"#/components/schemas/{_ERRORS[surface]}").validate(body)
        return
    responses = operation["responses"]
    assert str(status) in responses, f"{method} {template} answered {status}, which is not documented"
    content = responses[str(status)].get("content")
    if content is None:
        assert body is None, f"{method} {template} answered {status} with a body"
    elif method != "HEAD":
        _validator(surface, content["application/json"]["schema"]["$ref"]).validate(body)


@cache
def _document(surface: str) -> dict[str, Any]:
    return document(surface)


@cache
def _validator(surface: str, reference: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"$ref": reference, "components": _document(surface)["components"]})


def _template(surface: str, path: str) -> str | None:
    fitting = [template for template in _document(surface)["paths"] if _pattern(template).fullmatch(path)]
    return min(fitting, key=lambda template: template.count("{"), default=None)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{\w+}", "[^/]+", template))
