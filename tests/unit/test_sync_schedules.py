"""When it is time to read a server's libraries, and when to try once more."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.ids import ServerId, SyncJobId
from earshelf.domain.sync_jobs import RESTARTED, SyncJob
from earshelf.domain.sync_schedules import RETRY_AFTER, SyncEvery, SyncMark, SyncSchedule

BERLIN = ZoneInfo("Europe/Berlin")
EVERY = [every for every in SyncEvery if every is not SyncEvery.MANUAL]


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("every", "now", "latest"),
    [
        (SyncEvery.DAILY, "2026-05-06T12:00", "2026-05-06T03:30"),
        (SyncEvery.DAILY, "2026-05-06T03:30", "2026-05-06T03:30"),
        (SyncEvery.DAILY, "2026-05-06T03:29", "2026-05-05T03:30"),
        (SyncEvery.SIX_HOURS, "2026-05-06T12:00", "2026-05-06T09:30"),
        (SyncEvery.SIX_HOURS, "2026-05-06T00:10", "2026-05-05T21:30"),
        (SyncEvery.TWELVE_HOURS, "2026-05-06T12:00", "2026-05-06T03:30"),
        (SyncEvery.TWELVE_HOURS, "2026-05-06T16:00", "2026-05-06T15:30"),
        # 6 May 2026 is a Wednesday
        (SyncEvery.WEEKLY, "2026-05-06T12:00", "2026-05-04T03:30"),
        (SyncEvery.WEEKLY, "2026-05-04T03:29", "2026-04-27T03:30"),
    ],
)
def test_the_last_time_is_reckoned_from_a_time_of_the_day(every: SyncEvery, now: str, latest: str) -> None:
    assert SyncSchedule(every, time(3, 30)).latest(berlin(now), BERLIN) == berlin(latest)


def test_a_time_that_the_clock_skips_or_shows_twice_comes_once() -> None:
    nightly = SyncSchedule(SyncEvery.DAILY, time(2, 30))
    assert nightly.latest(berlin("2026-03-29T12:00"), BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert nightly.latest(first + timedelta(hours=2), BERLIN) == first
    assert not nightly.is_due(first, now=first + timedelta(hours=2), zone=BERLIN)


def test_by_hand_is_never_due_and_a_server_that_was_never_read_is() -> None:
    now = berlin("2026-05-06T12:00")
    assert not SyncSchedule().is_due(None, now=now, zone=BERLIN)
    assert SyncSchedule(SyncEvery.WEEKLY).is_due(None, now=now, zone=BERLIN)


@given(
    st.sampled_from(EVERY),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.integers(0, 5_000_000).map(lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
)
def test_it_is_due_once_for_each_time(every: SyncEvery, at: time, now: datetime) -> None:
    schedule = SyncSchedule(every, at)
    latest = schedule.latest(now, BERLIN)
    assert latest is not None
    assert timedelta() <= now - latest < timedelta(days=8)
    assert schedule.is_due(latest - timedelta(seconds=1), now=now, zone=BERLIN)
    assert not schedule.is_due(latest, now=now, zone=BERLIN)


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def over(reason: str | None) -> SyncJob:
    job = SyncJob(SyncJobId("sj_1"), ServerId("sv_1"), NOON)
    job.begin(NOON)
    if reason is None:
        job.complete(NOON)
    else:
        job.fail(reason, NOON)
    return job


def test_what_failed_is_tried_once_more_and_nothing_else() -> None:
    mark = SyncMark(ServerId("sv_1"), NOON, SyncJobId("sj_1"))
    assert mark.retry_of(over("Attic: gone"), NOON) == NOON + RETRY_AFTER
    assert mark.retry_of(over(None), NOON) is None
    assert mark.retry_of(over(RESTARTED), NOON) is None
    again = SyncMark(ServerId("sv_1"), NOON, SyncJobId("sj_1"), is_retried=True)
    assert again.retry_of(over("Attic: gone"), NOON) is None
