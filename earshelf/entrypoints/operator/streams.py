"""Live streams of the media servers, and ending one."""

from typing import Any

from aiohttp import web

from earshelf.domain.ids import ServerId
from earshelf.domain.streams import Conversion, Stream, decision_label, hardware_label, is_too_slow
from earshelf.domain.usecases.polling import Outage
from earshelf.domain.usecases.watching import ShownStream, Watching
from earshelf.entrypoints.answers import answer, spelled_date
from earshelf.entrypoints.operator.errors import UPSTREAM, refusal
from earshelf.entrypoints.operator.stream_schemas import STREAM_EXAMPLE, StreamList, TerminateBody, Terminated
from earshelf.entrypoints.routing import Answer, Call, Route

ROUTES = (
    Route(
        "GET",
        "/streams",
        "page",
        "List live streams",
        "streams",
        {
            200: Answer(
                "All live streams of all enabled servers",
                StreamList,
                {"data": [STREAM_EXAMPLE], "total": 1, "unreachable_servers": []},
            )
        },
        description="Asks every enabled server; one that does not answer is named, and its streams are not shown.",
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

    def __init__(self, *, watching: Watching) -> None:
        self._watching = watching

    async def page(self, _: Call) -> web.Response:
        """Lists all."""
        showing = await self._watching.streams()
        rows = [stream_dto(one) for one in showing.streams]
        outages = [_outage_dto(one) for one in showing.outages]
        return answer({"data": rows, "total": len(rows), "unreachable_servers": outages})

    async def terminate(self, call: Call) -> web.Response:
        """Ends one."""
        session_id, server_id = call.ids["session_id"], ServerId(call.body["server_id"])
        was_running = await self._watching.terminate(session_id, server_id, call.body["reason"])
        told = "The stream was ended" if was_running else "The stream had ended already"
        return answer({"session_id": session_id, "server_id": server_id, "terminated": True, "message": told})


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
