"""The error taxonomy; what only importing raises is in ``import_errors``.

Every class has a code of its own and a message that is safe to show: it names the thing and the remedy, and never
holds a secret. Surfaces decide which status and code a class answers with.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar


class EarshelfError(Exception):
    """The root of everything that Earshelf raises on purpose."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(EarshelfError):
    """Nothing has the identifier that was asked for."""

    code = "not_found"

    def __init__(self, kind: str, identifier: str) -> None:
        super().__init__(f"No {kind} has the id '{identifier}'")
        self.kind = kind
        self.identifier = identifier


class Conflict(EarshelfError):
    """The request is sound, but the present state does not allow it."""

    code = "conflict"


class AlreadyExists(Conflict):
    """A row with the same identity is there already."""

    code = "already_exists"

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"A {kind} with '{key}' already exists")
        self.kind = kind
        self.key = key


class BookExists(Conflict):
    """A book with this ASIN is in the library already."""

    code = "book_exists"

    def __init__(self, existing_id: str) -> None:
        super().__init__("A book with this ASIN already exists")
        self.existing_id = existing_id


class StaleWrite(Conflict):
    """Somebody else changed the row since it was read; load it again and decide again."""

    code = "stale_write"

    def __init__(self, kind: str, identifier: str) -> None:
        super().__init__(f"The {kind} '{identifier}' was changed meanwhile; read it again")
        self.kind = kind
        self.identifier = identifier


class InvalidTransition(Conflict):
    """The lifecycle has no way from the present state to the wished one."""

    code = "invalid_transition"

    def __init__(self, identifier: str, current: str, wished: str) -> None:
        super().__init__(f"'{identifier}' is {current} and cannot become {wished}")
        self.identifier = identifier
        self.current = current
        self.wished = wished


class ActiveDownloadExists(Conflict):
    """The book has a download that its client still works on."""

    code = "active_download_exists"

    def __init__(self) -> None:
        super().__init__("Book already has an active download")


class PipelineActive(Conflict):
    """The book has a finished download on its way into the library."""

    code = "pipeline_active"

    def __init__(self) -> None:
        super().__init__("Book already has a download in the import pipeline")


class AccountNotLinked(Conflict):
    """Something needs the linked account, and there is none."""

    code = "account_not_linked"

    def __init__(self, provider: str) -> None:
        super().__init__(f"No {provider} account is linked; sign in with {provider} first")
        self.provider = provider


class SearchInProgress(Conflict):
    """Another search for this book has not come back yet."""

    code = "search_in_progress"

    def __init__(self) -> None:
        super().__init__("A search for this book is already in progress")


class Invalid(EarshelfError):
    """What was handed in breaks a rule; ``fields`` says which field and why, by dotted path."""

    code = "invalid"

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields: Mapping[str, str] = dict(fields or {})


class TokenInvalid(Invalid):
    """A release token is malformed, or was not signed with this installation's key."""

    code = "token_invalid"

    def __init__(self) -> None:
        super().__init__("Invalid releaseId")


class EmptyQuery(Invalid):
    """Nothing searchable is left of a book's title and author."""

    code = "empty_query"

    def __init__(self) -> None:
        super().__init__("Search query is empty after normalization")


class TemplateInvalid(Invalid):
    """A naming template has an unknown token or lacks the title."""

    code = "template_invalid"


class TorrentInvalid(Invalid):
    """The bytes are no torrent file, or the magnet link has no info hash."""

    code = "torrent_invalid"


class BifInvalid(Invalid):
    """The bytes are no BIF file, or its index does not fit them."""

    code = "bif_invalid"


class Unprocessable(EarshelfError):
    """The request is well formed, but what it names cannot be used."""

    code = "unprocessable"


class VideoUnusable(Unprocessable):
    """A video gives no previews: it is missing, empty, broken, or of a kind that cannot be shown."""

    code = "video_unusable"


class AsinNotResolved(Unprocessable):
    """The metadata provider knows no product with this ASIN."""

    code = "asin_not_resolved"

    def __init__(self, asin: str) -> None:
        super().__init__("ASIN not resolved")
        self.asin = asin


class InvalidRecord(Unprocessable):
    """The provider's record lacks a title or an author."""

    code = "invalid_record"

    def __init__(self, asin: str) -> None:
        super().__init__("Incomplete provider record")
        self.asin = asin


class EditionRejected(Unprocessable):
    """The edition has one of the owner's reject words."""

    code = "edition_rejected"

    def __init__(self, word: str) -> None:
        super().__init__(f"The edition matches the reject word '{word}'")
        self.word = word


class Unauthenticated(EarshelfError):
    """No credential, or a wrong one."""

    code = "unauthenticated"

    def __init__(self, message: str = "Authentication required") -> None:
        super().__init__(message)


class TooManyAttempts(EarshelfError):
    """Somebody without a credential asked too often; ``retry_after`` counts whole seconds."""

    code = "too_many_attempts"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many attempts; try again in {retry_after} s")
        self.retry_after = retry_after


class Forbidden(EarshelfError):
    """The credential is known, but does not open this."""

    code = "forbidden"


class IntegrationKind(StrEnum):
    """Which sort of neighbour an integration error speaks of."""

    PROVIDER = "provider"
    INDEXER = "indexer"
    DOWNLOAD_CLIENT = "download_client"
    CONNECTOR = "connector"
    SERVER = "server"


class IntegrationError(EarshelfError):
    """A neighbouring system did not do what was asked; ``name`` is what the owner calls it."""

    code = "integration_error"

    def __init__(self, kind: IntegrationKind, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.kind = kind
        self.name = name
        self.reason = reason


class Obstacle(StrEnum):
    """What stands in the way of a connection."""

    NAME_UNKNOWN = "name_unknown"
    NOBODY_LISTENS = "nobody_listens"
    CERTIFICATE_NAME = "certificate_name"
    CERTIFICATE_CHAIN = "certificate_chain"
    OTHER = "other"


class Unreachable(IntegrationError):
    """No connection could be made, or it broke; ``obstacle`` says what stood in the way where that is known."""

    code = "unreachable"

    def __init__(self, kind: IntegrationKind, name: str, reason: str, obstacle: Obstacle = Obstacle.OTHER) -> None:
        super().__init__(kind, name, reason)
        self.obstacle = obstacle


class TimedOut(IntegrationError):
    """The neighbour did not answer in time."""

    code = "timed_out"


class CredentialsRejected(IntegrationError):
    """The neighbour answered, and refused the key, token or password."""

    code = "credentials_rejected"


class RateLimited(IntegrationError):
    """The neighbour asks to be left alone for ``retry_after`` whole seconds."""

    code = "rate_limited"

    def __init__(self, kind: IntegrationKind, name: str, retry_after: int) -> None:
        super().__init__(kind, name, f"rate limited, try again in {retry_after} s")
        self.retry_after = retry_after


class UnexpectedPayload(IntegrationError):
    """The neighbour answered with a body that cannot be used."""

    code = "unexpected_payload"


class Refused(IntegrationError):
    """The neighbour understood and said no; ``status`` is its HTTP status where there was one."""

    code = "refused"

    def __init__(self, kind: IntegrationKind, name: str, reason: str, status: int | None = None) -> None:
        super().__init__(kind, name, reason)
        self.status = status


class TargetMissing(Refused):
    """The neighbour is well, but the library, section or category that was configured is not there."""

    code = "target_missing"


class NoDownloadClient(IntegrationError):
    """No enabled download client takes the release's protocol."""

    code = "no_download_client"

    def __init__(self, protocol: str) -> None:
        super().__init__(
            IntegrationKind.DOWNLOAD_CLIENT,
            "Download client",
            f"no enabled client takes {protocol} releases; add one under download clients",
        )


class ReleaseUnavailable(IntegrationError):
    """The tracker or indexer did not give the release's file."""

    code = "release_unavailable"


class SearchTimedOut(EarshelfError):
    """A search used up its whole time budget."""

    code = "search_timed_out"

    def __init__(self) -> None:
        super().__init__("Search exceeded its time budget")


class FilesUnavailable(EarshelfError):
    """The disk refused: permissions, a vanished mount, an I/O error."""

    code = "files_unavailable"


class StorageUnavailable(EarshelfError):
    """The database does not answer; nothing was written."""

    code = "storage_unavailable"


class StorageCorrupt(EarshelfError):
    """The database holds something that this version cannot read, or its schema was changed by hand."""

    code = "storage_corrupt"


class SecretUnreadable(EarshelfError):
    """A stored secret does not open with this installation's key."""

    code = "secret_unreadable"


class ConfigurationError(EarshelfError):
    """An environment variable or file is set to something that cannot work."""

    code = "configuration_error"


class MissingExtra(ConfigurationError):
    """An optional dependency that the configuration asks for is not installed."""

    code = "missing_extra"

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(f"{what} needs an extra: pip install 'earshelf[{extra}]'")
        self.extra = extra
