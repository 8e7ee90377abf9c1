"""Version and build of the running server."""

import platform

from aiohttp import web

from earshelf.config.process import installed_version
from earshelf.entrypoints.answers import answer
from earshelf.entrypoints.routing import Answer, Call, Route
from earshelf.entrypoints.v1.schemas import SystemDto

ROUTES = (
    Route(
        "GET",
        "/system",
        "show",
        "Get version and build",
        "system",
        {
            200: Answer(
                "The running server",
                SystemDto,
                {
                    "version": "1.0.0",
                    "commit": "1a2b3c4",
                    "buildTime": "2026-06-30T12:00:00.000Z",
                    "nodeVersion": "python 3.12.4",
                    "os": "Linux 5.10.0",
                },
            )
        },
    ),
)


class System:
    """Answers the routes of the system."""

    def __init__(self, *, commit: str, build_time: str) -> None:
        self._told = {
            "version": installed_version(),
            "commit": commit,
            "buildTime": build_time,
            "nodeVersion": f"python {platform.python_version()}",
            "os": f"{platform.system()} {platform.release()}",
        }

    async def show(self, _: Call) -> web.Response:
        """Tells version and build."""
        return answer(self._told)
