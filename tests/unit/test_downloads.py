"""A download's two sides, and when a book may have another one."""

from itertools import product

import pytest

from earshelf.domain.downloads import (
    TERMINAL,
    ClientStatus,
    Download,
    DownloadStatus,
    PipelineStage,
    derive_status,
    refuse_second_grab,
    same_release,
)
from earshelf.domain.errors import ActiveDownloadExists, InvalidTransition, PipelineActive
from earshelf.domain.events import DownloadCompleted, DownloadFailed, DownloadHeld, ReleaseGrabbed
from earshelf.domain.ids import IntegrationId
from earshelf.domain.releases import Protocol, Release
from tests.contract.suites.makers import a_download, a_release, at

STAGES = list(PipelineStage)
PAIRS = list(product(ClientStatus, PipelineStage))
AT_CLIENT = [ClientStatus.QUEUED, ClientStatus.DOWNLOADING, ClientStatus.PAUSED]


def standing(
    client: str, stage: str = "idle", reference: str | None = "hash", release: Release | None = None
) -> Download:
    return a_download(
        client_status=ClientStatus(client), stage=PipelineStage(stage), reference=reference, release=release
    )


@pytest.mark.parametrize(("client", "stage"), PAIRS)
def test_the_client_speaks_while_the_pipeline_is_idle_and_the_pipeline_afterwards(
    client: ClientStatus, stage: PipelineStage
) -> None:
    expected = client.value if stage.value == "idle" else stage.value
    assert derive_status(client, stage) == DownloadStatus(expected)
    assert standing(client, stage).status == DownloadStatus(expected)


@pytest.mark.parametrize(("client", "stage"), PAIRS)
def test_only_what_a_client_works_on_is_polled(client: ClientStatus, stage: PipelineStage) -> None:
    assert standing(client, stage).is_polled == (stage is PipelineStage.IDLE and client in AT_CLIENT)


@pytest.mark.parametrize(("client", "stage"), PAIRS)
def test_only_what_is_complete_and_not_looked_at_is_ready_for_the_check(
    client: ClientStatus, stage: PipelineStage
) -> None:
    assert standing(client, stage).is_ready_for_check == ((client, stage) == ("completed", "idle"))


def test_a_reservation_is_neither_polled_nor_checked() -> None:
    assert not standing("downloading", reference=None).is_polled
    assert not standing("completed", reference=None).is_ready_for_check


@pytest.mark.parametrize(("client", "stage"), PAIRS)
def test_a_reference_is_recorded_only_while_the_grab_stands(client: ClientStatus, stage: PipelineStage) -> None:
    download = standing(client, stage, reference=None)
    if stage is PipelineStage.IDLE and client in AT_CLIENT:
        download.record_reference("hash")
        assert (download.reference, download.client_status) == ("hash", ClientStatus.DOWNLOADING)
        assert download.drain_events() == [ReleaseGrabbed(download.book_id, download.id)]
    else:
        with pytest.raises(InvalidTransition):
            download.record_reference("hash")
        assert (download.reference, download.drain_events()) == (None, [])


def test_what_is_expected_at_the_client_is_noted_before_it_is_asked() -> None:
    download = a_download()
    download.expect_at(IntegrationId("dc_1"), "abc")
    assert (download.client_id, download.info_hash, download.reference) == ("dc_1", "abc", None)


def test_a_full_progress_bar_is_not_completion() -> None:
    download = standing("downloading")
    download.report(ClientStatus.DOWNLOADING, 1.0, "/downloads/book", at(1))
    assert (download.status, download.completed_at) == (DownloadStatus.DOWNLOADING, None)


def test_completion_is_told_once_with_its_time_and_place() -> None:
    download = standing("downloading")
    for minute in (1, 2):
        download.report(ClientStatus.COMPLETED, 0.99, "/downloads/book", at(minute))
    assert (download.progress, download.completed_at, download.output_path) == (1.0, at(1), "/downloads/book")
    assert download.drain_events() == [DownloadCompleted(download.book_id, download.id)]


def test_only_a_change_of_progress_counts_as_progress() -> None:
    download = standing("downloading")
    download.report(ClientStatus.DOWNLOADING, 0.5, None, at(1))
    download.report(ClientStatus.DOWNLOADING, 0.5, None, at(2))
    assert (download.progress, download.progressed_at) == (0.5, at(1))


def test_a_known_place_is_not_forgotten_when_the_client_does_not_repeat_it() -> None:
    download = standing("downloading")
    download.report(ClientStatus.DOWNLOADING, 0.5, "/downloads/book", at(1))
    download.report(ClientStatus.PAUSED, 0.5, None, at(2))
    assert (download.output_path, download.status) == ("/downloads/book", DownloadStatus.PAUSED)


@pytest.mark.parametrize(
    ("client", "stage"), [pair for pair in PAIRS if pair[1] is not PipelineStage.IDLE or pair[0] not in AT_CLIENT]
)
def test_a_download_that_is_over_at_the_client_no_longer_listens(client: ClientStatus, stage: PipelineStage) -> None:
    download = standing(client, stage)
    download.report(ClientStatus.DOWNLOADING, 0.1, "/elsewhere", at(1))
    assert (download.client_status, download.progress, download.output_path) == (client, 0.0, None)


@pytest.mark.parametrize(("client", "stage"), PAIRS)
def test_only_finished_files_are_checked(client: ClientStatus, stage: PipelineStage) -> None:
    download = standing(client, stage)
    if (client, stage) == ("completed", "idle"):
        download.explain_wait("No library")
        download.begin_check()
        assert (download.status, download.error_message) == (DownloadStatus.CHECKING, None)
    else:
        with pytest.raises(InvalidTransition):
            download.begin_check()
        assert download.stage is stage


@pytest.mark.parametrize("stage", STAGES)
def test_files_are_imported_after_the_check_or_by_approval(stage: PipelineStage) -> None:
    download = standing("completed", stage)
    if stage in {PipelineStage.CHECKING, PipelineStage.PENDING_REVIEW}:
        download.begin_import()
        assert download.status is DownloadStatus.IMPORTING
    else:
        with pytest.raises(InvalidTransition):
            download.begin_import()


@pytest.mark.parametrize("stage", STAGES)
def test_a_check_or_an_import_can_be_held(stage: PipelineStage) -> None:
    download = standing("completed", stage)
    if stage in {PipelineStage.CHECKING, PipelineStage.IMPORTING}:
        download.hold("No audio")
        assert (download.status, download.error_message) == (DownloadStatus.PENDING_REVIEW, "No audio")
        assert download.drain_events() == [DownloadHeld(download.book_id, download.id, "No audio")]
    else:
        with pytest.raises(InvalidTransition):
            download.hold("No audio")


@pytest.mark.parametrize("stage", STAGES)
def test_only_a_running_import_ends_in_the_library(stage: PipelineStage) -> None:
    download = standing("completed", stage)
    if stage is PipelineStage.IMPORTING:
        download.mark_imported()
        assert download.status is DownloadStatus.IMPORTED
    else:
        with pytest.raises(InvalidTransition):
            download.mark_imported()


@pytest.mark.parametrize(("client", "stage"), PAIRS)
def test_anything_but_an_imported_download_can_fail(client: ClientStatus, stage: PipelineStage) -> None:
    download = standing(client, stage)
    if stage is PipelineStage.IMPORTED:
        with pytest.raises(InvalidTransition):
            download.fail("Gone")
    else:
        download.fail("Gone")
        assert (download.client_status, download.stage) == (ClientStatus.FAILED, PipelineStage.IDLE)
        assert download.error_message == "Gone"
        assert download.drain_events() == [DownloadFailed(download.book_id, download.id, "Gone")]


@pytest.mark.parametrize("stage", STAGES)
def test_a_restart_takes_back_a_check_and_nothing_else(stage: PipelineStage) -> None:
    download = standing("completed", stage)
    download.recover()
    assert download.stage is (PipelineStage.IDLE if stage is PipelineStage.CHECKING else stage)


@pytest.mark.parametrize("status", DownloadStatus)
def test_only_imported_and_failed_are_the_end(status: DownloadStatus) -> None:
    assert (status in TERMINAL) == (status in {"imported", "failed"})


@pytest.mark.parametrize(("client", "stage"), PAIRS)
def test_a_living_download_blocks_another_grab(client: ClientStatus, stage: PipelineStage) -> None:
    status = derive_status(client, stage)
    if status in TERMINAL:
        refuse_second_grab([standing(client, stage)])
        return
    blocker = ActiveDownloadExists if status in {"queued", "downloading", "paused"} else PipelineActive
    with pytest.raises(blocker):
        refuse_second_grab([standing(client, stage)])


def test_a_reservation_blocks_like_a_download() -> None:
    with pytest.raises(ActiveDownloadExists):
        refuse_second_grab([standing("queued", reference=None)])


@pytest.mark.parametrize("stage", ["checking", "pending_review", "importing", "idle"])
def test_the_pipeline_outranks_an_active_download_in_any_order(stage: str) -> None:
    both = [standing("downloading"), standing("completed", stage)]
    for downloads in (both, both[::-1]):
        with pytest.raises(PipelineActive):
            refuse_second_grab(downloads)


def test_a_book_without_downloads_may_have_one() -> None:
    refuse_second_grab([])


def test_a_guid_of_one_indexer_is_not_that_of_another() -> None:
    held = standing("downloading", release=a_release(guid="g", indexer_id="ix_1"))
    assert same_release([held], a_release(guid="g", indexer_id="ix_1")) is held
    assert same_release([held], a_release(guid="g", indexer_id="ix_2")) is None


def test_a_guid_asked_for_without_indexer_matches_any_but_not_the_other_way_round() -> None:
    known = standing("downloading", release=a_release(guid="g", indexer_id="ix_1"))
    nameless = standing("downloading", release=a_release(guid="g", indexer_id=None))
    assert same_release([known], a_release(guid="g", indexer_id=None)) is known
    assert same_release([nameless], a_release(guid="g", indexer_id="ix_1")) is None


def test_an_info_hash_matches_in_any_case_even_under_another_guid() -> None:
    held = standing("downloading", release=a_release(guid="g1", info_hash="ABCDEF"))
    assert same_release([held], a_release(guid="g2", info_hash="abcdef")) is held


def test_a_url_counts_only_where_nothing_better_is_known_of_the_wish() -> None:
    held = standing("downloading", release=a_release(download_url="http://x/1", guid=None))
    assert same_release([held], a_release(download_url="http://x/1", guid=None)) is held
    assert same_release([held], a_release(download_url="http://x/1", guid="g")) is None
    assert same_release([held], a_release(download_url="http://x/1", guid=None, info_hash="aa")) is None


def test_guid_goes_before_hash_and_hash_before_url() -> None:
    by_hash = standing("downloading", release=a_release(guid="other", info_hash="aa"))
    by_guid = standing("downloading", release=a_release(guid="g", indexer_id="ix_1"))
    wish = a_release(guid="g", indexer_id="ix_1", info_hash="aa")
    assert same_release([by_hash, by_guid], wish) is by_guid


@pytest.mark.parametrize(("client", "stage"), PAIRS)
def test_every_download_of_the_release_is_the_same_one_unless_it_failed(
    client: ClientStatus, stage: PipelineStage
) -> None:
    release = a_release()
    held = standing(client, stage, release=release)
    expected = None if held.status is DownloadStatus.FAILED else held
    assert same_release([held], release) is expected


def test_title_and_protocol_are_the_releases() -> None:
    download = standing("queued", release=a_release("A Book", protocol=Protocol.USENET))
    assert (download.title, download.protocol) == ("A Book", Protocol.USENET)
