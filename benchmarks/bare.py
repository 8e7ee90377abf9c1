"""The yardstick: an aiohttp application that sends prepared bytes and does nothing else."""

import sys
from pathlib import Path

from aiohttp import web


def main(folder: str, port: int) -> None:
    """Serves every file of the folder at its name."""
    bodies = {path.name: path.read_bytes() for path in Path(folder).iterdir()}

    async def send(request: web.Request) -> web.Response:
        return web.Response(body=bodies[request.match_info["name"]], content_type="application/json")

    app = web.Application()
    app.add_routes([web.get("/{name}", send)])
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
