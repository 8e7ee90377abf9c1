"""Why a media server could not be used, in one word for programs; the sentence for people is the error's own."""

from earshelf.domain.errors import (
    CredentialsRejected,
    EarshelfError,
    Obstacle,
    Refused,
    TimedOut,
    UnexpectedPayload,
    Unreachable,
)
from earshelf.domain.servers import ServerKind

OTHER_MACHINE = "OTHER_MACHINE"
REFUSED_TOKEN = "AUTH"  # noqa: S105 - a word for programs
_OBSTACLES = {
    Obstacle.NAME_UNKNOWN: "DNS",
    Obstacle.NOBODY_LISTENS: "REFUSED",
    Obstacle.CERTIFICATE_NAME: "TLS_NAME",
    Obstacle.CERTIFICATE_CHAIN: "TLS_CHAIN",
    Obstacle.OTHER: "OTHER",
}
_FORBIDDEN = 403
# where something answers, and it is somebody else: no such path, or off to a sign-in page
_ELSEWHERE = frozenset({301, 302, 303, 307, 308, 404})


def fault_code(problem: EarshelfError, kind: ServerKind) -> str:
    """Returns ``AUTH``, ``FORBIDDEN``, ``NOT_<KIND>``, ``REFUSED``, ``DNS``, ``TIMEOUT``, ``TLS_NAME``, ``TLS_CHAIN``,
    ``HTTP_<status>`` or ``OTHER``."""
    match problem:
        case CredentialsRejected():
            return REFUSED_TOKEN
        case TimedOut():
            return "TIMEOUT"
        case Unreachable():
            return _OBSTACLES[problem.obstacle]
        case UnexpectedPayload():
            return f"NOT_{kind.name}"
        case Refused(status=status) if status == _FORBIDDEN:
            return "FORBIDDEN"
        case Refused(status=status) if status in _ELSEWHERE:
            return f"NOT_{kind.name}"
        case Refused(status=int() as status):
            return f"HTTP_{status}"
        case _:
            return "OTHER"


def blamed_field(problem: EarshelfError, kind: ServerKind) -> str | None:
    """Returns which field of a draft a fault speaks of, by dotted path; None for trouble of the server's own."""
    match fault_code(problem, kind):
        case "AUTH" | "FORBIDDEN":
            return "auth.token"
        case "TLS_NAME" | "TLS_CHAIN":
            return "verify_ssl"
        case "OTHER":
            return None
        case code:
            return None if code.startswith("HTTP_") else "url"
