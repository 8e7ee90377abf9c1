"""The operator's errors: status and code by class, and what the document says of them."""

from collections.abc import Mapping
from typing import Any

from earshelf.domain import errors as faults
from earshelf.domain import import_errors
from earshelf.domain.errors import IntegrationKind
from earshelf.entrypoints.auth import FOREIGN
from earshelf.entrypoints.errors import ErrorTable, Failure, Key, Ruling
from earshelf.entrypoints.operator.schemas import Problem
from earshelf.entrypoints.routing import Answer, Route

VALIDATION = "VALIDATION_ERROR"
CONFLICT = "CONFLICT"
UPSTREAM = "UPSTREAM_ERROR"
_TIMEOUT = "UPSTREAM_TIMEOUT"
_UNAVAILABLE = "UNAVAILABLE"
_SERVER_ERROR = Ruling(500, "SERVER_ERROR", "Internal server error")

_RULINGS: Mapping[Key, Ruling] = {
    (faults.EarshelfError, None): _SERVER_ERROR,
    (faults.NotFound, None): Ruling(404, "NOT_FOUND"),
    (faults.Conflict, None): Ruling(409, CONFLICT),
    (faults.Invalid, None): Ruling(400, VALIDATION),
    (faults.Unprocessable, None): Ruling(400, VALIDATION),
    (faults.Unauthenticated, None): Ruling(401, "UNAUTHORIZED"),
    (faults.TooManyAttempts, None): Ruling(429, "RATE_LIMITED"),
    (faults.Forbidden, None): Ruling(403, "FORBIDDEN"),
    (faults.IntegrationError, None): Ruling(502, UPSTREAM),
    (faults.TimedOut, None): Ruling(504, _TIMEOUT),
    (faults.RateLimited, IntegrationKind.PROVIDER): Ruling(429, "RATE_LIMITED"),
    (faults.SearchTimedOut, None): Ruling(504, _TIMEOUT),
    # where a request names a folder, the folder is what is wrong with the request
    (import_errors.ImportRefused, None): Ruling(400, VALIDATION),
    (import_errors.InsufficientSpace, None): Ruling(409, CONFLICT),
    (import_errors.LibraryUnavailable, None): Ruling(409, CONFLICT),
    (faults.FilesUnavailable, None): Ruling(503, _UNAVAILABLE),
    (faults.StorageUnavailable, None): Ruling(503, _UNAVAILABLE),
    (faults.StorageCorrupt, None): Ruling(503, _UNAVAILABLE),
    (faults.SecretUnreadable, None): Ruling(503, _UNAVAILABLE),
    (faults.ConfigurationError, None): Ruling(503, _UNAVAILABLE),
}
_TRANSPORT = {
    400: Ruling(400, VALIDATION),
    404: Ruling(404, "NOT_FOUND", "Resource not found"),
    405: Ruling(405, "METHOD_NOT_ALLOWED", "Method not allowed"),
    413: Ruling(413, "PAYLOAD_TOO_LARGE", "The body is larger than 1 MiB"),
    415: Ruling(415, "UNSUPPORTED_MEDIA_TYPE", "The body must be application/json"),
}


def _spell(failure: Failure) -> Mapping[str, Any]:
    told = {"error": failure.message, "code": failure.code}
    return {**told, "fields": dict(failure.fields)} if failure.fields else told


OPERATOR_ERRORS = ErrorTable(_RULINGS, _TRANSPORT, _SERVER_ERROR, _spell)


def refusal(code: str, message: str, description: str = "", fields: Mapping[str, str] | None = None) -> Answer:
    """Documents an error answer."""
    example: dict[str, Any] = {"error": message, "code": code}
    return Answer(description or f"`{code}`", Problem, {**example, "fields": dict(fields)} if fields else example)


def common_answers(route: Route) -> Mapping[int, Answer]:
    """Returns the errors that any route may answer with."""
    unknown = {"limt": "unknown query parameter"}
    answers = {
        400: refusal(
            VALIDATION, "limt: unknown query parameter", "A parameter or field is unknown or invalid", fields=unknown
        ),
        500: refusal("SERVER_ERROR", "Internal server error", "Something unexpected; the server's log has it"),
        503: refusal(_UNAVAILABLE, "The database does not answer", "Database or disk do not answer; try again later"),
    }
    if not route.is_open:
        answers[401] = refusal("UNAUTHORIZED", "Authentication required", "Token and session are missing or wrong")
        if route.method != "GET":
            answers[403] = refusal("FORBIDDEN", FOREIGN, "A page of another origin sent it, with a session")
    if "{" in route.path:
        answers[404] = refusal("NOT_FOUND", "No connector has the id 'cn_1'", "Nothing has this id")
    if route.takes_body:
        answers[413] = refusal("PAYLOAD_TOO_LARGE", "The body is larger than 1 MiB", "The body is too large")
        answers[415] = refusal(
            "UNSUPPORTED_MEDIA_TYPE", "The body must be application/json", "The body is not declared as JSON"
        )
    return answers
