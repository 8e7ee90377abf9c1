"""Connectors: media servers that are told when the library changes."""

from aiohttp import web

from earshelf.domain.errors import IntegrationError
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.domain.usecases.configuring import Configuring, blame
from earshelf.entrypoints.answers import listed
from earshelf.entrypoints.errors import Failure
from earshelf.entrypoints.operator.errors import OPERATOR_ERRORS, UPSTREAM, VALIDATION, refusal
from earshelf.entrypoints.operator.integration_routes import body_document, routes
from earshelf.entrypoints.operator.integrations import Declaration, Integrations, body_schema
from earshelf.entrypoints.operator.schemas import Named, list_of
from earshelf.entrypoints.routing import Answer, Call, Route

DECLARATION = Declaration(
    role=IntegrationRole.CONNECTOR,
    plural="connectors",
    singular="connector",
    example={
        "name": "Plex",
        "type": "plex",
        "enabled": True,
        "settings": {
            "server_url": "http://plex.local:32400",
            "token": "the server's token",
            "section_id": "3",
            "fallback_to_full_refresh": False,
            "path_mappings": [{"local_path": "/library", "server_path": "/data/audiobooks"}],
        },
    },
    mapping_names=("local_path", "server_path"),
    has_mappings_in_settings=True,
    has_priority=False,
)

ROUTES = (
    *routes(DECLARATION),
    Route(
        "POST",
        "/connectors/targets",
        "targets",
        "Fetch a server's libraries",
        DECLARATION.tag,
        {
            200: Answer(
                "Libraries or sections, in the server's order",
                list_of(Named, "TargetList"),
                {"data": [{"id": "3", "name": "Audiobooks"}], "total": 1},
            ),
            400: refusal(
                VALIDATION,
                "settings.server_url is required",
                "Something about the connector is wrong; `fields` says what",
                fields={"settings.server_url": "is required"},
            ),
            502: refusal(
                UPSTREAM,
                "Plex: no connection",
                "The server did not tell; `fields` says which field to look at",
                fields={"settings.server_url": "Could not connect to server"},
            ),
        },
        description="Takes an unsaved connector; its library or section may be missing.",
        body=body_schema(DECLARATION, with_id=True),
        body_shape=body_document(DECLARATION, without_target=True),
        body_example=DECLARATION.example,
    ),
)


class Connectors(Integrations):
    """Answers the routes of connectors."""

    def __init__(self, *, configuring: Configuring) -> None:
        super().__init__(DECLARATION, configuring=configuring)

    async def targets(self, call: Call) -> web.Response:
        """Fetches a server's libraries or sections."""
        draft = self.draft(call.body)
        stored_id = IntegrationId(call.body["id"]) if "id" in call.body else None
        try:
            found = await self._configuring.targets(draft, stored_id=stored_id)
        except IntegrationError as problem:
            sketch = Integration(IntegrationId(""), DECLARATION.role, draft.kind, draft.name)
            failure = Failure(502, UPSTREAM, problem.message, fields=blame(sketch, problem))
            return OPERATOR_ERRORS.answer(failure)
        return listed([{"id": target.id, "name": target.name} for target in found], len(found))
