"""The public API's errors: status and code by class, and what its document says of them."""

from collections.abc import Mapping
from typing import Any

from earshelf.domain import errors as faults
from earshelf.domain import import_errors
from earshelf.domain.errors import IntegrationKind
from earshelf.entrypoints.errors import ErrorTable, Failure, Key, Ruling
from earshelf.entrypoints.routing import Answer, Route
from earshelf.entrypoints.v1.schemas import ErrorEnvelope

_BAD_REQUEST = "BAD_REQUEST"
_CONFLICT = "CONFLICT"
_CLIENT_ERROR = "DOWNLOAD_CLIENT_ERROR"
_PROVIDER, _INDEXER, _CLIENT = (
    IntegrationKind.PROVIDER,
    IntegrationKind.INDEXER,
    IntegrationKind.DOWNLOAD_CLIENT,
)
_INTERNAL = Ruling(500, "INTERNAL_ERROR", "Internal server error")

_RULINGS: Mapping[Key, Ruling] = {
    (faults.EarshelfError, None): _INTERNAL,
    (faults.NotFound, None): Ruling(404, "NOT_FOUND", "Resource not found"),
    (faults.Invalid, None): Ruling(400, _BAD_REQUEST),
    (faults.Conflict, None): Ruling(409, _CONFLICT),
    (faults.BookExists, None): Ruling(409, "book_exists"),
    (faults.ActiveDownloadExists, None): Ruling(409, "ACTIVE_DOWNLOAD_EXISTS"),
    (faults.PipelineActive, None): Ruling(409, "PIPELINE_ACTIVE"),
    (faults.SearchInProgress, None): Ruling(409, "SEARCH_IN_PROGRESS"),
    (faults.Unprocessable, None): Ruling(422, "UNPROCESSABLE"),
    (faults.AsinNotResolved, None): Ruling(422, "asin_not_resolved"),
    (faults.InvalidRecord, None): Ruling(422, "invalid_record"),
    (faults.EditionRejected, None): Ruling(422, "edition_rejected"),
    (faults.Unauthenticated, None): Ruling(401, "INVALID_API_KEY", "Invalid API key"),
    (faults.TooManyAttempts, None): Ruling(429, "rate_limited"),
    (faults.Forbidden, None): Ruling(403, "FORBIDDEN"),
    (faults.IntegrationError, None): Ruling(502, "UPSTREAM_ERROR"),
    (faults.IntegrationError, _PROVIDER): Ruling(502, "provider_unavailable", "Provider lookup failed"),
    (faults.RateLimited, _PROVIDER): Ruling(429, "rate_limited", "Provider rate limited"),
    (faults.TimedOut, _PROVIDER): Ruling(504, "provider_timeout", "Provider request timed out"),
    (faults.IntegrationError, _CLIENT): Ruling(502, _CLIENT_ERROR),
    (faults.TimedOut, _CLIENT): Ruling(504, "DOWNLOAD_CLIENT_TIMEOUT", "Download client request timed out"),
    (faults.CredentialsRejected, _CLIENT): Ruling(
        401, "DOWNLOAD_CLIENT_AUTH_FAILED", "Download client authentication failed"
    ),
    # a tracker or indexer that does not give the release's file stops a grab like the client itself
    (faults.IntegrationError, _INDEXER): Ruling(502, _CLIENT_ERROR),
    (faults.SearchTimedOut, None): Ruling(504, "SEARCH_TIMEOUT"),
    (import_errors.ImportRefused, None): Ruling(409, _CONFLICT, "The book cannot be imported as it stands"),
    (faults.FilesUnavailable, None): _INTERNAL,
    (faults.StorageUnavailable, None): Ruling(503, "STORAGE_UNAVAILABLE", "The database does not answer"),
    (faults.StorageCorrupt, None): _INTERNAL,
    (faults.SecretUnreadable, None): _INTERNAL,
    (faults.ConfigurationError, None): _INTERNAL,
}
_TRANSPORT = {
    400: Ruling(400, _BAD_REQUEST),
    404: Ruling(404, "NOT_FOUND", "Resource not found"),
    405: Ruling(405, "METHOD_NOT_ALLOWED", "Method not allowed"),
    413: Ruling(413, "PAYLOAD_TOO_LARGE", "The body is larger than 1 MiB"),
    415: Ruling(415, "UNSUPPORTED_MEDIA_TYPE", "The body must be application/json"),
}


def _spell(failure: Failure) -> Mapping[str, Any]:
    envelope = {"error": {"code": failure.code, "message": failure.message}}
    return envelope if failure.existing_id is None else {**envelope, "existingId": failure.existing_id}


V1_ERRORS = ErrorTable(_RULINGS, _TRANSPORT, _INTERNAL, _spell)


def refusal(code: str, message: str, description: str = "", **headers: str) -> Answer:
    """Documents an error answer."""
    example = {"error": {"code": code, "message": message}}
    spelled = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(description or f"`{code}`", ErrorEnvelope, example, spelled)


def common_answers(route: Route) -> Mapping[int, Answer]:
    """Returns the errors that any route may answer with."""
    answers = {
        400: refusal(_BAD_REQUEST, "limt: unknown query parameter", "A parameter or field is unknown or invalid"),
        401: refusal("INVALID_API_KEY", "Invalid API key", "The API key is missing or wrong"),
        500: refusal("INTERNAL_ERROR", "Internal server error", "Something unexpected; the server's log has it"),
        503: refusal("STORAGE_UNAVAILABLE", "The database does not answer", "Try again later"),
    }
    if "{" in route.path:
        answers[404] = refusal("NOT_FOUND", "Resource not found", "Nothing has this id")
    if route.takes_body:
        answers[413] = refusal("PAYLOAD_TOO_LARGE", "The body is larger than 1 MiB", "The body is too large")
        answers[415] = refusal(
            "UNSUPPORTED_MEDIA_TYPE", "The body must be application/json", "The body is not declared as JSON"
        )
    return answers
