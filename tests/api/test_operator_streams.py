"""Live streams, maintenance and blackouts over the operator's API, with a simulated Plex server behind it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from earshelf.domain.ids import ServerId
from tests.api.house import House
from tests.contract.plex_theatre import PlexTheatre
from tests.contract.suites.makers import NOON, a_server

SECRET = "s3cret-of-the-attic"
NIGHT: dict[str, Any] = {
    "name": "Night",
    "schedule_type": "recurring",
    "days_of_week": [5, 0],
    "start_time": "22:00",
    "end_time": "06:00",
    "action": "warn_then_terminate",
    "delay": 60,
    "excluded_users": ["ada"],
}


@pytest.fixture
async def attic() -> AsyncIterator[PlexTheatre]:
    async with PlexTheatre(credential=SECRET, machine_id="machine-1") as theatre:
        yield theatre


@pytest.fixture
async def server_id(house: House, attic: PlexTheatre) -> ServerId:
    server = a_server("Attic", url=attic.url, token=SECRET, machine_id="machine-1")
    async with house.storage.unit() as unit:
        await unit.servers.add(server)
        await unit.commit(NOON)
    return server.id


class TestStreams:
    async def test_a_converted_stream_is_shown_with_what_it_costs(
        self, house: House, attic: PlexTheatre, server_id: ServerId
    ) -> None:
        transcoding = {
            "videoDecision": "transcode",
            "audioDecision": "copy",
            "transcodeHwDecoding": "vaapi",
            "transcodeHwEncoding": "vaapi",
            "speed": 0.8,
        }
        attic.play("48", viewer="tom", TranscodeSession=transcoding, viewOffset="1000")
        reply = await house.op("GET", "/streams")
        (stream,) = reply.body["data"]
        told = {name: stream[name] for name in ("session_id", "server_id", "user", "state", "decision", "hardware")}
        assert told == {
            "session_id": "id-of-48",
            "server_id": server_id,
            "user": "tom",
            "state": "playing",
            "decision": "Transcode (video)",
            "hardware": "HW (full)",
        }
        assert stream["transcoding"]["too_slow"] is True
        assert (reply.body["total"], reply.body["unreachable_servers"]) == (1, [])

    async def test_an_unreachable_server_is_named(self, house: House, attic: PlexTheatre, server_id: ServerId) -> None:
        attic.is_away = True
        reply = await house.op("GET", "/streams")
        assert reply.status == 200
        (away,) = reply.body["unreachable_servers"]
        assert (away["id"], away["name"]) == (server_id, "Attic")
        assert SECRET not in str(reply.body)

    async def test_a_stream_is_ended_with_a_reason(self, house: House, attic: PlexTheatre, server_id: ServerId) -> None:
        attic.play("48", viewer="tom")
        body = {"server_id": server_id, "reason": "Back in a minute"}
        reply = await house.op("POST", "/streams/id-of-48/terminate", body)
        assert (reply.status, reply.body["terminated"]) == (200, True)
        assert attic.endings == [("id-of-48", "Back in a minute")]
        assert (await house.op("GET", "/streams")).body["data"] == []
        again = await house.op("POST", "/streams/id-of-48/terminate", body)
        assert (again.status, again.body["message"]) == (200, "The stream had ended already")

    async def test_who_was_ended_stands_in_the_history(
        self, house: House, attic: PlexTheatre, server_id: ServerId
    ) -> None:
        attic.play("48", viewer="tom")
        attic.play("49", viewer="ada")
        await house.op("POST", "/streams/id-of-48/terminate", {"server_id": server_id, "reason": "Back in a minute"})
        await house.op("PUT", "/maintenance", {"enabled": True, "grace_seconds": 0})
        await house.container.watching().enforce()
        reply = await house.op("GET", "/history")
        told = [(row["type"], row["book_id"], row["details"]) for row in reply.body["data"]]
        common = {"server_id": server_id, "viewer_id": "73", "title": "Harbour Lights", "result": "ended"}
        assert told == [
            ("stream_stop_ordered", None, common | {"session_id": "id-of-49", "viewer": "ada", "rule": "maintenance"}),
            ("stream_stop_ordered", None, common | {"session_id": "id-of-48", "viewer": "tom", "rule": "owner"}),
        ]
        assert SECRET not in str(reply.body)

    async def test_what_stands_in_the_way_is_said(self, house: House, attic: PlexTheatre, server_id: ServerId) -> None:
        unknown = await house.op("POST", "/streams/x/terminate", {"server_id": "sv_nowhere", "reason": "x"})
        assert (unknown.status, unknown.code) == (404, "NOT_FOUND")
        nameless = await house.op("POST", "/streams/x/terminate", {"reason": "x"})
        assert (nameless.status, "server_id" in nameless.body["fields"]) == (400, True)
        attic.has_pass = False
        attic.play("48", viewer="tom")
        unpaid = await house.op("POST", "/streams/id-of-48/terminate", {"server_id": server_id, "reason": "x"})
        assert (unpaid.status, unpaid.code) == (502, "UPSTREAM_ERROR")
        assert "Plex Pass" in unpaid.message


class TestMaintenance:
    async def test_it_is_off_until_it_is_switched_on(self, house: House) -> None:
        before = (await house.op("GET", "/maintenance")).body
        assert (before["enabled"], before["grace_seconds"], before["excluded_users"]) == (False, 30, [])
        wished = {"enabled": True, "message": "Back at ten", "grace_seconds": 90, "excluded_users": ["ada", "жук"]}
        assert (await house.op("PUT", "/maintenance", wished)).status == 200
        after = (await house.op("GET", "/maintenance")).body
        assert {name: after[name] for name in wished} == wished

    async def test_what_is_not_named_stays(self, house: House) -> None:
        await house.op("PUT", "/maintenance", {"enabled": True, "message": "Back at ten", "exclude_owner": False})
        changed = (await house.op("PUT", "/maintenance", {"enabled": False})).body
        assert (changed["enabled"], changed["message"], changed["exclude_owner"]) == (False, "Back at ten", False)

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"grace_seconds": 3601}, "grace_seconds"),
            ({"grace_seconds": -1}, "grace_seconds"),
            ({"grace_seconds": "30"}, "grace_seconds"),
            ({"enabled": "yes"}, "enabled"),
            ({"excluded_users": "ada"}, "excluded_users"),
            ({"until": "2020-01-01T00:00:00Z"}, "until"),
            ({"until": "9999-12-31T23:59:59-05:00"}, "until"),
            ({"until": "0001-01-01T00:00:00+05:00"}, "until"),
            ({"until": "2031-01-01T00:00:00"}, "until"),
            ({"colour": "red"}, "colour"),
        ],
    )
    async def test_what_cannot_be_is_refused_by_field(self, house: House, body: dict[str, Any], field: str) -> None:
        reply = await house.op("PUT", "/maintenance", body)
        assert (reply.status, reply.code, [*reply.body["fields"]]) == (400, "VALIDATION_ERROR", [field])

    async def test_streams_end_after_it_began(self, house: House, attic: PlexTheatre, server_id: ServerId) -> None:
        attic.play("48", viewer="tom")
        await house.op("PUT", "/maintenance", {"enabled": True, "grace_seconds": 0, "message": "Back at ten"})
        await house.container.watching().enforce()
        assert attic.endings == [("id-of-48", "Back at ten")]


class TestBlackouts:
    async def test_one_is_added_listed_changed_and_removed(self, house: House) -> None:
        made = await house.op("POST", "/blackouts", NIGHT)
        assert made.status == 201
        assert {name: made.body[name] for name in NIGHT} == NIGHT | {"days_of_week": [0, 5]}
        path = f"/blackouts/{made.body['id']}"
        assert (await house.op("GET", path)).body == made.body
        assert (await house.op("GET", "/blackouts")).body == {"data": [made.body], "total": 1}
        off = (await house.op("PUT", path, {"enabled": False})).body
        assert off == made.body | {"enabled": False, "active": False}
        assert (await house.op("DELETE", path)).status == 204
        assert (await house.op("GET", path)).code == "NOT_FOUND"
        assert (await house.op("PUT", path, {"enabled": True})).code == "NOT_FOUND"
        assert (await house.op("DELETE", path)).code == "NOT_FOUND"

    async def test_another_kind_of_schedule_takes_the_place_of_the_first(self, house: House) -> None:
        made = (await house.op("POST", "/blackouts", NIGHT)).body
        once = {
            "schedule_type": "one_time",
            "start_date": "2031-12-01T20:00:00+00:00",
            "end_date": "2031-12-02T20:00:00+00:00",
        }
        changed = (await house.op("PUT", f"/blackouts/{made['id']}", once)).body
        assert (changed["schedule_type"], changed["days_of_week"], changed["delay"]) == ("one_time", None, 60)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"name": " "}, "name"),
            ({"schedule_type": "seasonal"}, "schedule_type"),
            ({"days_of_week": []}, "days_of_week"),
            ({"days_of_week": [5, 5]}, "days_of_week"),
            ({"days_of_week": None}, "days_of_week"),
            ({"start_time": "99:99"}, "start_time"),
            ({"end_time": None}, "end_time"),
            ({"action": "scare"}, "action"),
            ({"delay": 3601}, "delay"),
            (
                {"schedule_type": "one_time", "start_date": "2031-01-02", "end_date": "2031-01-01T00:00:00+00:00"},
                "end_date",
            ),
        ],
    )
    async def test_what_cannot_be_is_refused_by_field(self, house: House, change: dict[str, Any], field: str) -> None:
        reply = await house.op("POST", "/blackouts", NIGHT | change)
        assert (reply.status, reply.code, [*reply.body["fields"]]) == (400, "VALIDATION_ERROR", [field])
        made = (await house.op("POST", "/blackouts", NIGHT)).body
        refused = await house.op("PUT", f"/blackouts/{made['id']}", change)
        assert (refused.status, [*refused.body["fields"]]) == (400, [field])
        assert (await house.op("GET", f"/blackouts/{made['id']}")).body == made


class TestTranscodeManager:
    async def test_it_is_off_until_it_is_switched_on(self, house: House) -> None:
        before = (await house.op("GET", "/transcode-manager")).body
        assert (before["enabled"], before["delay"], any(before["criteria"].values())) == (False, 30, False)
        wished = {"enabled": True, "criteria": {"four_k_transcoding": True}, "delay": 60, "excluded_users": ["31337"]}
        assert (await house.op("PUT", "/transcode-manager", wished)).status == 200
        after = (await house.op("GET", "/transcode-manager")).body
        assert after == before | wished | {"criteria": before["criteria"] | {"four_k_transcoding": True}}

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"enabled": True}, "criteria"),
            ({"delay": 3601}, "delay"),
            ({"criteria": {"loud_transcoding": True}}, "criteria.loud_transcoding"),
            ({"criteria": {"any_transcoding": "yes"}}, "criteria.any_transcoding"),
            ({"criteria": None}, "criteria"),
        ],
    )
    async def test_what_cannot_be_is_refused_by_field(self, house: House, body: dict[str, Any], field: str) -> None:
        reply = await house.op("PUT", "/transcode-manager", body)
        assert (reply.status, reply.code, [*reply.body["fields"]]) == (400, "VALIDATION_ERROR", [field])

    async def test_converted_streams_end(self, house: House, attic: PlexTheatre, server_id: ServerId) -> None:
        attic.play("48", viewer="tom", TranscodeSession={"videoDecision": "transcode", "audioDecision": "copy"})
        attic.play("49", viewer="ada")
        wished = {"enabled": True, "criteria": {"any_transcoding": True}, "delay": 0, "message": "No converting"}
        await house.op("PUT", "/transcode-manager", wished)
        await house.container.watching().enforce()
        assert attic.endings == [("id-of-48", "No converting")]


class TestUsers:
    async def test_everybody_is_listed_with_the_id_that_excludes_them(
        self, house: House, attic: PlexTheatre, server_id: ServerId
    ) -> None:
        attic.know("1", "marta")
        attic.know("31337", "tom")
        picture = f"https://plex.tv/avatar?X-Plex-Token={SECRET}"
        attic.play("48", viewer="eve", User={"id": 5, "title": "eve", "thumb": picture})
        reply = await house.op("GET", "/streams/users")
        told = [(row["id"], row["name"], row["owner"], row["known_from"]) for row in reply.body["data"]]
        assert told == [
            ("5", "eve", False, ["stream"]),
            ("1", "marta", True, ["server"]),
            ("31337", "tom", False, ["server"]),
        ]
        streams = await house.op("GET", "/streams")
        assert SECRET not in str(reply.body) + str(streams.body)

    async def test_a_server_that_is_away_is_named(self, house: House, attic: PlexTheatre, server_id: ServerId) -> None:
        attic.is_away = True
        reply = await house.op("GET", "/streams/users")
        assert (reply.status, reply.body["data"]) == (200, [])
        assert [one["name"] for one in reply.body["unreachable"]] == ["Attic"]
