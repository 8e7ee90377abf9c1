"""The error taxonomy, walked from its root."""

from collections.abc import Iterator

import pytest

from earshelf.domain import errors, import_errors
from earshelf.domain.errors import EarshelfError, IntegrationError, IntegrationKind


def descendants(root: type[EarshelfError]) -> Iterator[type[EarshelfError]]:
    for child in root.__subclasses__():
        if child.__module__.startswith("earshelf.domain."):
            yield child
            yield from descendants(child)


ALL: list[type[EarshelfError]] = [EarshelfError, *descendants(EarshelfError)]

SAMPLES: list[EarshelfError] = [
    errors.NotFound("book", "bk_1"),
    errors.AlreadyExists("pending import", "bk_1"),
    errors.BookExists("bk_1"),
    errors.StaleWrite("book", "bk_1"),
    errors.InvalidTransition("dl_1", "failed", "approved"),
    errors.ActiveDownloadExists(),
    errors.PipelineActive(),
    errors.SearchInProgress(),
    errors.TokenInvalid(),
    errors.EmptyQuery(),
    errors.AsinNotResolved("B1"),
    errors.InvalidRecord("B1"),
    errors.EditionRejected("Sample"),
    errors.AccountNotLinked("Plex"),
    errors.TooManyAttempts(7),
    errors.Unauthenticated(),
    errors.RateLimited(IntegrationKind.PROVIDER, "Audible", 7),
    errors.Refused(IntegrationKind.SERVER, "Plex", "HTTP 404", 404),
    errors.NoDownloadClient("usenet"),
    errors.SearchTimedOut(),
    import_errors.SourceNotFound("/downloads/x", "seedbox"),
    import_errors.NoAudio("/downloads/x"),
    import_errors.InsufficientSpace(2, 1),
    import_errors.LibraryNotSet(),
    import_errors.LibraryMissing("/library"),
    import_errors.LibraryEmpty("/library", 2),
    errors.MissingExtra("postgres", "PostgreSQL"),
]


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [error.code for error in ALL]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("error", ALL)
def test_every_error_says_in_its_docstring_what_it_means(error: type[EarshelfError]) -> None:
    assert error.__doc__
    assert "code" in vars(error)


@pytest.mark.parametrize("problem", SAMPLES, ids=[problem.code for problem in SAMPLES])
def test_the_message_is_what_people_read(problem: EarshelfError) -> None:
    assert problem.message
    assert str(problem) == problem.message


def test_trouble_with_a_neighbour_says_whose_trouble_it_is() -> None:
    problem = errors.Unreachable(IntegrationKind.DOWNLOAD_CLIENT, "seedbox", "connection refused")
    assert (problem.kind, problem.name, problem.reason) == ("download_client", "seedbox", "connection refused")
    assert problem.message == "seedbox: connection refused"


def test_a_missing_source_names_the_remedy() -> None:
    message = import_errors.SourceNotFound("/downloads/x", "seedbox").message
    assert message == "'/downloads/x' does not exist here; add a path mapping for client 'seedbox'"


def test_the_two_grab_conflicts_are_worded_as_the_contract_has_them() -> None:
    assert errors.ActiveDownloadExists().message == "Book already has an active download"
    assert errors.PipelineActive().message == "Book already has a download in the import pipeline"


def test_fields_of_an_invalid_input_do_not_change_behind_its_back() -> None:
    fields = {"name": "is required"}
    problem = errors.Invalid("No", fields)
    fields.clear()
    assert problem.fields == {"name": "is required"}


def test_a_target_that_is_missing_is_a_refusal_by_a_neighbour() -> None:
    assert issubclass(errors.TargetMissing, errors.Refused)
    assert issubclass(errors.NoDownloadClient, IntegrationError)
