"""Live streams of the media servers, and ending one."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from aiohttp import web

from earshelf.domain.ids import ServerId
from earshelf.domain.streams import Conversion, Stream, decision_label, hardware_label, is_too_slow
from earshelf.domain.usecases.polling import Outage
from earshelf.domain.usecases.telling import Edition, Telling
from earshelf.domain.usecases.watching import Showing, ShownStream, Watching
from earshelf.entrypoints.answers import answer, spelled_date
from earshelf.entrypoints.live import EVENTS, HEARTBEAT, LiveAnswer, Pace, spelled_event
from earshelf.entrypoints.operator.errors import UPSTREAM, refusal
from earshelf.entrypoints.operator.stream_schemas import STREAM_EXAMPLE, StreamList, TerminateBody, Terminated
from earshelf.entrypoints.routing import Answer, Call, Document, Route

_EVENT = "sessions"
_PACE = Pace()
_LIST_EXAMPLE: dict[str, Any] = {"data": [STREAM_EXAMPLE], "total": 1, "unreachable_servers": []}
_EVENT_EXAMPLE = {"type": _EVENT, "read_at": "2026-06-22T14:53:00.000Z", **_LIST_EXAMPLE}

ROUTES = (
    Route(
        "GET",
        "/streams",
        "page",
        "List live streams",
        "streams",
        {
            200: Answer("All live streams of all enabled servers", StreamList, _LIST_EXAMPLE),
        },
        description="Asks every enabled server; one that does not answer is named, and its streams are not shown.",
    ),
    Route(
        "GET",
        "/streams/events",
        "live",
        "Follow live streams",
        "streams",
        {
            200: Answer(
                "Server-sent events without an end",
                Document("StreamEvents", {"type": "string", "description": "As HTML defines server-sent events"}),
                spelled_event(_EVENT, 7, _EVENT_EXAMPLE).decode(),
                media_type=EVENTS,
            ),
        },
        description="An event `sessions` at once and after each change, at most every two seconds. Its data is the "
        "list of live streams with `type` and `read_at`. That a stream plays on is no change: move `view_offset` on "
        "from `read_at`. Whoever is slow misses what is old. A comment comes every 30 seconds, and the end after an "
        "hour, or with the session or token that it began with; `Last-Event-ID` changes nothing.",
    ),
    Route(
        "POST",
        "/streams/{session_id}/terminate",
        "terminate",
        "End a stream",
        "streams",
        {
            200: Answer(
                "It is ended; a player may take seconds to obey, and some never do",
                Terminated,
                {
                    "session_id": "k3j9qv7hns2x",
                    "server_id": "sv_8Yt5rE2wQk9uIo3pLm6NbA",
                    "terminated": True,
                    "message": "The stream was ended",
                },
            ),
            404: refusal("NOT_FOUND", "No media server 'sv_8Yt5rE2wQk9uIo3pLm6NbA'"),
            502: refusal(UPSTREAM, "Attic: ends streams only where its owner has a Plex Pass"),
            504: refusal("UPSTREAM_TIMEOUT", "Attic: did not answer within 10 s"),
        },
        description="A stream that has ended meanwhile is no error.",
        body=TerminateBody(),
        body_example={"server_id": "sv_8Yt5rE2wQk9uIo3pLm6NbA", "reason": "The server restarts in a minute"},
    ),
)


class Streams:
    """Answers the routes of live streams."""

    def __init__(self, *, watching: Watching, telling: Telling, pace: Pace = _PACE) -> None:
        self._watching = watching
        self._telling = telling
        self._pace = pace
        self._spelled: tuple[Edition, bytes] | None = None

    async def page(self, _: Call) -> web.Response:
        """Lists all."""
        return answer(_list_dto(await self._watching.streams()))

    async def live(self, _: Call) -> web.StreamResponse:
        """Follows all; what stands in the way of the first event is told as an ordinary answer."""
        events = self._events()
        first = await anext(events)
        return LiveAnswer(first, events, self._pace)

    async def _events(self) -> AsyncGenerator[bytes, None]:
        """Yields events and heartbeats, and in between nothing, so that somebody looks who is there."""
        now, pace = asyncio.get_running_loop().time, self._pace
        ends_at, beats_at = now() + pace.longest, now() + pace.beat
        async with self._telling.seat() as seat:
            while now() < ends_at and not self._telling.is_closed:
                edition = await seat.news(pace.look)
                is_silent = edition is None and now() < beats_at
                if not is_silent:
                    beats_at = now() + pace.beat
                yield self._event(edition) if edition else b"" if is_silent else HEARTBEAT

    def _event(self, edition: Edition) -> bytes:
        """Spells an edition, once for all who listen."""
        if self._spelled is None or self._spelled[0] is not edition:
            data = {"type": _EVENT, "read_at": spelled_date(edition.read_at), **_list_dto(edition.showing)}
            self._spelled = edition, spelled_event(_EVENT, edition.number, data)
        return self._spelled[1]

    async def terminate(self, call: Call) -> web.Response:
        """Ends one."""
        session_id, server_id = call.ids["session_id"], ServerId(call.body["server_id"])
        was_running = await self._watching.terminate(session_id, server_id, call.body["reason"])
        self._telling.note_change()
        told = "The stream was ended" if was_running else "The stream had ended already"
        return answer({"session_id": session_id, "server_id": server_id, "terminated": True, "message": told})


def _list_dto(showing: Showing) -> dict[str, Any]:
    rows = [stream_dto(one) for one in showing.streams]
    outages = [_outage_dto(one) for one in showing.outages]
    return {"data": rows, "total": len(rows), "unreachable_servers": outages}


def stream_dto(shown: ShownStream) -> dict[str, Any]:
    """Spells a stream."""
    stream = shown.stream
    return {
        "session_id": stream.session_id,
        "session_key": stream.key,
        "server_id": stream.server_id,
        "server_name": shown.server_name,
        "can_be_stopped": stream.can_be_stopped,
        "ignores_stop": shown.ignores_stop,
        "started_at": spelled_date(shown.started_at),
        "ends_at": spelled_date(shown.ends_at) if shown.ends_at else None,
        "type": stream.kind.value,
        "title": stream.title,
        "user": stream.viewer.name,
        "user_id": stream.viewer.id,
        "state": stream.state.value,
        "decision": decision_label(stream.conversion),
        "hardware": hardware_label(stream.conversion),
        "player": _player_dto(stream),
        "view_offset": stream.position_ms,
        "duration": stream.duration_ms,
        "source_is_4k": stream.is_4k,
        "transcoding": _transcoding_dto(stream.conversion, stream) if stream.conversion else None,
        "streams": [
            {"type": one.sort, "title": one.title, "codec": one.codec, "decision": one.decision}
            for one in stream.tracks
        ],
        **_details_dto(stream),
    }


def _player_dto(stream: Stream) -> dict[str, Any]:
    player = stream.player
    return {
        "id": player.id,
        "title": player.title,
        "product": player.product,
        "platform": player.platform,
        "device": player.device,
        "version": player.version,
        "address": player.address,
        "local": player.is_local,
        "relayed": player.is_relayed,
        "secure": player.is_secure,
    }


def _details_dto(stream: Stream) -> dict[str, Any]:
    details, sent = stream.details, stream.details.sent
    return {
        "parent_title": details.parent_title,
        "grandparent_title": details.grandparent_title,
        "library": details.library,
        "year": details.year,
        "summary": details.summary,
        "studio": details.studio,
        "content_rating": details.content_rating,
        "genres": list(details.genres),
        "thumb": details.thumb,
        "art": details.art,
        "user_thumb": details.user_thumb,
        "container": sent.container,
        "video_codec": sent.video_codec,
        "audio_codec": sent.audio_codec,
        "bitrate": sent.bitrate,
        "width": sent.width,
        "height": sent.height,
        "video_resolution": sent.video_resolution,
        "audio_channels": sent.audio_channels,
        "part_file": details.file,
        "part_size": details.file_size,
        "bandwidth": details.bandwidth,
        "location": details.location,
    }


def _transcoding_dto(conversion: Conversion, stream: Stream) -> dict[str, Any]:
    numbers = stream.details.converted
    return {
        "video_decision": conversion.video,
        "audio_decision": conversion.audio,
        "subtitle_decision": conversion.subtitles,
        "hardware_requested": conversion.hardware_requested,
        "hardware_decoder": conversion.hardware_decoder,
        "hardware_encoder": conversion.hardware_encoder,
        "hardware_full_pipeline": conversion.hardware_throughout,
        "speed": conversion.speed,
        "throttled": conversion.is_throttled,
        "too_slow": is_too_slow(conversion),
        "source_video_codec": numbers.source_video_codec if numbers else "",
        "source_audio_codec": numbers.source_audio_codec if numbers else "",
        "protocol": numbers.protocol if numbers else "",
        "progress": numbers.progress if numbers else None,
        "complete": bool(numbers and numbers.is_complete),
        "error": bool(numbers and numbers.has_failed),
    }


def _outage_dto(outage: Outage) -> dict[str, Any]:
    return {"id": outage.server_id, "name": outage.name, "message": outage.message, "code": outage.code}
