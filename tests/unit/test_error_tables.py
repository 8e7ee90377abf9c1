"""Both surfaces' tables of errors, walked along the whole taxonomy."""

import re
from typing import Any

import pytest
from aiohttp import web

from earshelf.domain import errors as faults
from earshelf.domain import import_errors
from earshelf.domain.errors import EarshelfError, IntegrationError, IntegrationKind
from earshelf.entrypoints.errors import ErrorTable, Failure
from earshelf.entrypoints.operator.errors import OPERATOR_ERRORS
from earshelf.entrypoints.v1.errors import V1_ERRORS

TABLES = {"v1": V1_ERRORS, "operator": OPERATOR_ERRORS}
OPERATOR_CODES = {
    400: "VALIDATION_ERROR", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT", 413: "PAYLOAD_TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE", 429: "RATE_LIMITED",
    500: "SERVER_ERROR", 502: "UPSTREAM_ERROR", 503: "UNAVAILABLE", 504: "UPSTREAM_TIMEOUT",
}  # fmt: skip
MAY_BE_500 = {
    faults.EarshelfError,
    faults.FilesUnavailable,
    faults.StorageCorrupt,
    faults.SecretUnreadable,
    faults.ConfigurationError,
    faults.MissingExtra,
}


def taxonomy(root: type[EarshelfError] = EarshelfError) -> list[type[EarshelfError]]:
    """Every class of the domain's errors."""
    below = [
        each
        for child in root.__subclasses__()
        if child.__module__.startswith("earshelf.domain.")
        for each in taxonomy(child)
    ]
    return [root, *below]


def kinds(error: type[EarshelfError]) -> list[IntegrationKind | None]:
    return list(IntegrationKind) if issubclass(error, IntegrationError) else [None]


EVERY = [(error, kind) for error in taxonomy() for kind in kinds(error)]
tables = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


@tables
@pytest.mark.parametrize(("error", "kind"), EVERY, ids=lambda one: getattr(one, "__name__", str(one)))
def test_every_error_has_a_ruling_of_its_own_making(
    table: ErrorTable, error: type[EarshelfError], kind: IntegrationKind | None
) -> None:
    ruling = table.ruling(error, kind)
    assert ruling is not None
    assert 400 <= ruling.status <= 504
    assert ruling.status != 500 or error in MAY_BE_500
    assert re.fullmatch(r"[A-Z_]+|[a-z_]+", ruling.code)


@pytest.mark.parametrize(("error", "kind"), EVERY, ids=lambda one: getattr(one, "__name__", str(one)))
def test_the_operators_codes_are_one_for_each_status(error: type[EarshelfError], kind: IntegrationKind | None) -> None:
    ruling = OPERATOR_ERRORS.ruling(error, kind)
    assert ruling is not None
    assert ruling.code == OPERATOR_CODES[ruling.status]


@pytest.mark.parametrize("kind", IntegrationKind)
def test_a_neighbours_401_becomes_ours_for_a_public_grab_only(kind: IntegrationKind) -> None:
    public, operator = (table.ruling(faults.CredentialsRejected, kind) for table in TABLES.values())
    assert operator is not None
    assert operator.status == 502
    assert public is not None
    assert (public.status == 401) == (kind is IntegrationKind.DOWNLOAD_CLIENT)


@tables
def test_only_a_throttling_provider_asks_callers_to_wait(table: ErrorTable) -> None:
    provider = table.failure(faults.RateLimited(IntegrationKind.PROVIDER, "Audible", 7))
    client = table.failure(faults.RateLimited(IntegrationKind.DOWNLOAD_CLIENT, "Seedbox", 7))
    assert (provider.status, provider.headers) == (429, {"Retry-After": "7"})
    assert (client.status, client.headers) == (502, {})


@tables
@pytest.mark.parametrize("problem", [ValueError("hush"), KeyError("hush"), EarshelfError("hush")])
def test_what_nobody_thought_of_says_nothing_of_itself(table: ErrorTable, problem: Exception) -> None:
    failure = table.failure(problem)
    assert failure.status == 500
    assert "hush" not in str(table.spell(failure))


@pytest.mark.parametrize(
    "problem",
    [
        faults.FilesUnavailable("/srv/library: permission denied"),
        faults.StorageUnavailable("postgresql://me@db is away"),
        faults.SecretUnreadable("api_key of ix_1"),
        faults.NotFound("book", "bk_1"),
        import_errors.NoAudio("/srv/library/x"),
    ],
)
def test_the_public_api_tells_nothing_of_the_house(problem: EarshelfError) -> None:
    told = str(V1_ERRORS.spell(V1_ERRORS.failure(problem)))
    assert not re.search("srv|postgresql|ix_1|bk_1", told)


@tables
def test_a_neighbour_is_named_and_not_its_address(table: ErrorTable) -> None:
    problem = faults.Unreachable(IntegrationKind.DOWNLOAD_CLIENT, "Seedbox", "no connection")
    assert table.failure(problem).message == "Seedbox: no connection"


@tables
@pytest.mark.parametrize("status", [404, 405, 413, 415, 400, 417, 431])
def test_what_http_gets_wrong_keeps_its_status_and_headers(table: ErrorTable, status: int) -> None:
    problem = web.HTTPMethodNotAllowed("PUT", {"GET"}) if status == 405 else _http_error(status)
    failure = table.failure(problem)
    assert failure.status == status
    assert failure.message
    assert failure.headers == ({"Allow": "GET"} if status == 405 else {})


def _http_error(status: int) -> Any:
    (kind,) = [one for one in _subclasses(web.HTTPClientError) if one.status_code == status]
    return kind(max_size=1, actual_size=2) if status == 413 else kind()


def _subclasses(kind: type[web.HTTPException]) -> list[Any]:
    return [each for child in kind.__subclasses__() for each in (child, *_subclasses(child))]


def test_both_surfaces_spell_errors_their_own_way() -> None:
    failure = Failure(409, "book_exists", "Exists", fields={"asin": "taken"}, existing_id="bk_1")
    assert V1_ERRORS.spell(failure) == {"error": {"code": "book_exists", "message": "Exists"}, "existingId": "bk_1"}
    assert OPERATOR_ERRORS.spell(failure) == {"error": "Exists", "code": "book_exists", "fields": {"asin": "taken"}}
