"""The OpenAPI documents, made of the same records as the router."""

import json
import re
from collections.abc import Mapping
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.yaml_utils import dict_to_yaml
from marshmallow import Schema

from earshelf.config.process import installed_version
from earshelf.entrypoints.bodies import FILLED
from earshelf.entrypoints.operator.surface import OPERATOR
from earshelf.entrypoints.routing import Answer, Document, Route, Shape, Surface
from earshelf.entrypoints.v1.surface import V1

SURFACES: Mapping[str, Surface] = {surface.name: surface for surface in (V1, OPERATOR)}
FORMATS = ("json", "yaml")
_JSON = "application/json"
_PARAMETER = re.compile(r"{(\w+)}")


def document(name: str, *, url_base: str = "") -> dict[str, Any]:
    """Returns the document of the surface with this name; its paths are relative to the server URL."""
    surface = SURFACES[name]
    spec = APISpec(
        title=surface.title,
        version=installed_version(),
        openapi_version="3.1.0",
        info={"description": surface.description, "license": {"name": "MIT", "identifier": "MIT"}},
        servers=[{"url": url_base or "/"}],
        tags=[{"name": tag} for tag in dict.fromkeys(route.tag for route in surface.routes)],
        security=[{scheme: []} for scheme in surface.security_schemes],
        plugins=[MarshmallowPlugin(schema_name_resolver=_component_name)],
    )
    for scheme, how in surface.security_schemes.items():
        spec.components.security_scheme(scheme, dict(how))
    writer = _Writer(spec, surface)
    for route in surface.routes:
        spec.path(path=surface.prefix + route.path, operations={route.method.lower(): writer.operation(route)})
    plain: dict[str, Any] = json.loads(json.dumps(spec.to_dict()))
    return plain


def spell(content: Mapping[str, Any], form: str) -> str:
    """Spells a document as ``json`` or ``yaml``."""
    if form == "json":
        return json.dumps(content, indent=2, ensure_ascii=False)
    return dict_to_yaml(dict(content), {"sort_keys": False, "allow_unicode": True})


def _component_name(schema: Any) -> str:
    return (schema if isinstance(schema, type) else type(schema)).__name__.replace("Dto", "")


class _Writer:
    """Writes operations, and adds to the components what they refer to."""

    def __init__(self, spec: APISpec, surface: Surface) -> None:
        self._spec = spec
        self._surface = surface
        self._documents: dict[str, Document] = {}

    def operation(self, route: Route) -> dict[str, Any]:
        answers = {**self._surface.common(route), **route.answers}
        written: dict[str, Any] = {
            "operationId": f"{route.tag}_{route.handler}",
            "tags": [route.tag],
            "summary": route.summary,
            "parameters": [*_path_parameters(route), *_query_parameters(route)],
            "responses": {str(status): self._response(answers[status]) for status in sorted(answers)},
        }
        if route.description:
            written["description"] = route.description
        if route.is_open:
            # where a wrong credential is refused, one may be shown
            schemes = self._surface.security_schemes if 401 in route.answers else ()
            written["security"] = [{}, *({scheme: []} for scheme in schemes)] if schemes else []
        if shape := route.body_shape or (type(route.body) if route.body else None):
            content: dict[str, Any] = {"schema": self._schema(shape)}
            if route.body_example is not None:
                content["example"] = route.body_example
            written["requestBody"] = {"required": True, "content": {_JSON: content}}
        return written

    def _response(self, answer: Answer) -> dict[str, Any]:
        written: dict[str, Any] = {"description": answer.description}
        if answer.headers:
            written["headers"] = {
                name: {"description": text, "schema": {"type": "integer", "minimum": 0}}
                for name, text in answer.headers.items()
            }
        if answer.shape is not None:
            written["content"] = {answer.media_type: {"schema": self._schema(answer.shape), "example": answer.example}}
        return written

    def _schema(self, shape: Shape) -> Any:
        if not isinstance(shape, Document):
            return shape
        if self._documents.setdefault(shape.name, shape) != shape:
            raise ValueError(f"two shapes are called {shape.name}")
        if shape.name not in self._spec.components.schemas:
            self._spec.components.schema(shape.name, dict(shape.schema))
        return {"$ref": f"#/components/schemas/{shape.name}"}


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "in": "path",
            "name": name,
            "required": True,
            "description": "An opaque identifier",
            "schema": {"type": "string", "minLength": 1, "pattern": FILLED},
        }
        for name in _PARAMETER.findall(route.path)
    ]


def _query_parameters(route: Route) -> list[dict[str, type[Schema] | str]]:
    return [{"in": "query", "schema": type(route.query)}] if route.query else []
