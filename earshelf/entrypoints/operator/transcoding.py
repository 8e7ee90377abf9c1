"""The owner's rule against transcoding."""

from typing import Any

from aiohttp import web
from marshmallow import Schema, fields

from earshelf.domain.blackout_forms import spell_excluded
from earshelf.domain.maintenance import TranscodeRule
from earshelf.domain.usecases.curbing import Curbing
from earshelf.entrypoints.answers import answer
from earshelf.entrypoints.operator.curb_fields import ABOUT_EXCLUDED, ABOUT_MESSAGE, MESSAGE, SECONDS, excluded
from earshelf.entrypoints.operator.errors import VALIDATION, refusal
from earshelf.entrypoints.operator.schemas import Flag, Whole, count, text
from earshelf.entrypoints.routing import Answer, Call, Route

_ANY = {"description": "Whatever is converted"}
_VIDEO = {"description": "The picture is converted"}
_AUDIO = {"description": "The sound is converted"}
_4K = {"description": "The stored picture is 4K, whatever is sent, and anything is converted"}
_REMOTE = {"description": "The player is outside of the server's network, and anything is converted"}


class TranscodeCriteriaDto(Schema):
    """Which conversions it is about; any that fits is enough."""

    any_transcoding = Flag(required=True, metadata=_ANY)
    video_transcoding = Flag(required=True, metadata=_VIDEO)
    audio_transcoding = Flag(required=True, metadata=_AUDIO)
    four_k_transcoding = Flag(required=True, metadata=_4K)
    remote_transcoding = Flag(required=True, metadata=_REMOTE)


class TranscodeManager(Schema):
    """The rule against transcoding."""

    enabled = Flag(required=True)
    criteria = fields.Nested(TranscodeCriteriaDto, required=True)
    message = text(metadata=ABOUT_MESSAGE)
    delay = count(metadata={"description": "Seconds, from when the conversion was first seen"})
    excluded_users = fields.List(fields.String(), required=True, metadata=ABOUT_EXCLUDED)
    exclude_owner = Flag(required=True)


class TranscodeCriteriaChange(Schema):
    """Which conversions it shall be about; what is not named stays."""

    any_transcoding = Flag(metadata=_ANY)
    video_transcoding = Flag(metadata=_VIDEO)
    audio_transcoding = Flag(metadata=_AUDIO)
    four_k_transcoding = Flag(metadata=_4K)
    remote_transcoding = Flag(metadata=_REMOTE)


class TranscodeManagerBody(Schema):
    """What to change; what is not named stays."""

    enabled = Flag(metadata={"description": "Takes at least one criterion"})
    criteria = fields.Nested(TranscodeCriteriaChange)
    message = fields.String(validate=MESSAGE, metadata=ABOUT_MESSAGE)
    delay = Whole(strict=True, validate=SECONDS)
    excluded_users = excluded()
    exclude_owner = Flag()


_BODY_EXAMPLE: dict[str, Any] = {
    "enabled": True,
    "criteria": {"four_k_transcoding": True},
    "message": "{title} is 4K; please choose the original quality",
    "delay": 60,
    "excluded_users": ["31337"],
}
_EXAMPLE: dict[str, Any] = {
    **_BODY_EXAMPLE,
    "criteria": {
        "any_transcoding": False,
        "video_transcoding": False,
        "audio_transcoding": False,
        "four_k_transcoding": True,
        "remote_transcoding": False,
    },
    "exclude_owner": False,
}
_RULE = Answer("The rule against transcoding", TranscodeManager, _EXAMPLE)

ROUTES = (
    Route("GET", "/transcode-manager", "show", "Get the rule against transcoding", "transcode-manager", {200: _RULE}),
    Route(
        "PUT",
        "/transcode-manager",
        "change",
        "Change the rule against transcoding",
        "transcode-manager",
        {
            200: _RULE,
            400: refusal(
                VALIDATION,
                "The rule would end nothing",
                "`fields` says what is wrong",
                fields={"criteria": "choose at least one"},
            ),
        },
        description="Changes what it names; what it does not name stays. Whoever goes back to the original quality in "
        "time goes on, and has the whole delay again.",
        body=TranscodeManagerBody(),
        body_example=_BODY_EXAMPLE,
    ),
)


class TranscodeManagerResource:
    """Answers the routes of the rule against transcoding."""

    def __init__(self, *, curbing: Curbing) -> None:
        self._curbing = curbing

    async def show(self, _: Call) -> web.Response:
        """Shows it."""
        return answer(_dto(await self._curbing.transcode_rule()))

    async def change(self, call: Call) -> web.Response:
        """Changes what is named."""
        return answer(_dto(await self._curbing.change_transcode_rule(call.body)))


def _dto(rule: TranscodeRule) -> dict[str, Any]:
    criteria = rule.criteria
    return {
        "enabled": rule.enabled,
        "criteria": {
            "any_transcoding": criteria.any_transcoding,
            "video_transcoding": criteria.video_transcoding,
            "audio_transcoding": criteria.audio_transcoding,
            "four_k_transcoding": criteria.four_k_transcoding,
            "remote_transcoding": criteria.remote_transcoding,
        },
        "message": rule.message,
        "delay": rule.delay,
        "excluded_users": spell_excluded(rule.audience),
        "exclude_owner": rule.audience.exclude_owner,
    }
