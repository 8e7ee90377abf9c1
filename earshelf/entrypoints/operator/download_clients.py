"""Download clients: who fetches releases."""

from earshelf.domain.integrations import IntegrationRole
from earshelf.entrypoints.operator.integration_routes import routes
from earshelf.entrypoints.operator.integrations import Declaration

DECLARATION = Declaration(
    role=IntegrationRole.DOWNLOAD_CLIENT,
    plural="download clients",
    singular="download client",
    example={
        "name": "Seedbox",
        "type": "transmission",
        "enabled": True,
        "priority": 50,
        "settings": {
            "url": "http://transmission.local:9091",
            "username": "me",
            "password": "the client's password",
            "category": "audiobooks",
        },
        "path_mappings": [{"remote_path": "/downloads", "local_path": "/mnt/downloads"}],
    },
    mapping_names=("remote_path", "local_path"),
)
ROUTES = routes(DECLARATION)
