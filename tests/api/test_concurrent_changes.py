"""Of changes that are asked for at the same time none is lost."""

import asyncio
from typing import Any

from tests.api.house import House
from tests.api.test_operator_integrations import CLIENT


async def test_parallel_changes_of_settings_all_count(house: House) -> None:
    wishes: list[tuple[str, str, Any]] = [
        ("quality", "min_seeders", 9),
        ("quality", "max_size_gb", 9),
        ("processing", "bitrate", 99),
        ("imports", "min_seed_minutes", 9),
        ("imports", "mode", "copy"),
        ("search", "enabled", False),
        ("rss", "enabled", True),
        ("tagging", "write_opf", True),
    ]
    replies = await asyncio.gather(
        *(house.op("POST", "/settings", {group: {name: value}}) for group, name, value in wishes)
    )
    assert [reply.status for reply in replies] == [200] * len(wishes)
    stored = (await house.op("GET", "/settings")).body
    assert [(group, name, stored[group][name]) for group, name, _ in wishes] == wishes


async def test_parallel_changes_of_one_neighbour_all_count(house: House) -> None:
    path = f"/download-clients/{(await house.op('POST', '/download-clients', CLIENT)).body['id']}"
    on_top = {
        "name": "Renamed",
        "priority": 3,
        "enabled": False,
        "path_mappings": [{"remote_path": "/a", "local_path": "/b"}],
    }
    inside = {"category": "books", "username": "you"}
    wishes = [{name: value} for name, value in on_top.items()]
    wishes += [{"settings": {name: value}} for name, value in inside.items()]
    replies = await asyncio.gather(*(house.op("PATCH", path, wish) for wish in wishes))
    assert [reply.status for reply in replies] == [200] * len(wishes)
    stored = (await house.op("GET", path)).body
    assert {name: stored[name] for name in on_top} == on_top
    assert {name: stored["settings"][name] for name in inside} == inside
