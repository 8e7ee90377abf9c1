"""Indexers: where releases are searched."""

from earshelf.domain.integrations import IntegrationRole
from earshelf.entrypoints.operator.integration_routes import routes
from earshelf.entrypoints.operator.integrations import Declaration

DECLARATION = Declaration(
    role=IntegrationRole.INDEXER,
    plural="indexers",
    singular="indexer",
    example={
        "name": "My indexer",
        "type": "torznab",
        "enabled": True,
        "priority": 50,
        "settings": {"url": "http://prowlarr.local:9696/1/api", "api_key": "the indexer's key", "categories": [3030]},
    },
)
ROUTES = routes(DECLARATION)
