"""One word for why a media server could not be used, and the field that it speaks of."""

import pytest

from earshelf.domain.connection_faults import blamed_field, fault_code
from earshelf.domain.errors import (
    CredentialsRejected,
    EarshelfError,
    IntegrationKind,
    Obstacle,
    RateLimited,
    Refused,
    StorageUnavailable,
    TimedOut,
    UnexpectedPayload,
    Unreachable,
)
from earshelf.domain.servers import ServerKind

KIND = IntegrationKind.SERVER


@pytest.mark.parametrize(
    ("problem", "code", "field"),
    [
        (CredentialsRejected(KIND, "Attic", "x"), "AUTH", "auth.token"),
        (Refused(KIND, "Attic", "x", 403), "FORBIDDEN", "auth.token"),
        (Refused(KIND, "Attic", "x", 404), "NOT_PLEX", "url"),
        (Refused(KIND, "Attic", "x", 302), "NOT_PLEX", "url"),
        (UnexpectedPayload(KIND, "Attic", "x"), "NOT_PLEX", "url"),
        (Refused(KIND, "Attic", "x", 503), "HTTP_503", None),
        (Refused(KIND, "Attic", "x"), "OTHER", None),
        (TimedOut(KIND, "Attic", "x"), "TIMEOUT", "url"),
        (RateLimited(KIND, "Attic", 7), "OTHER", None),
        (StorageUnavailable("x"), "OTHER", None),
        (Unreachable(KIND, "Attic", "x"), "OTHER", None),
        (Unreachable(KIND, "Attic", "x", Obstacle.NAME_UNKNOWN), "DNS", "url"),
        (Unreachable(KIND, "Attic", "x", Obstacle.NOBODY_LISTENS), "REFUSED", "url"),
        (Unreachable(KIND, "Attic", "x", Obstacle.CERTIFICATE_NAME), "TLS_NAME", "verify_ssl"),
        (Unreachable(KIND, "Attic", "x", Obstacle.CERTIFICATE_CHAIN), "TLS_CHAIN", "verify_ssl"),
    ],
)
def test_every_trouble_has_its_word_and_its_field(problem: EarshelfError, code: str, field: str | None) -> None:
    assert fault_code(problem, ServerKind.PLEX) == code
    assert blamed_field(problem, ServerKind.PLEX) == field
