"""When a server's libraries are read by themselves, in the owner's time zone."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum

from earshelf.domain.ids import ServerId, SyncJobId
from earshelf.domain.schedules import moment
from earshelf.domain.sync_jobs import RESTARTED, SyncJob, SyncStatus

RETRY_AFTER = timedelta(minutes=15)
"""How long after its end a sync that failed is tried once more."""

_DAY = timedelta(days=1)
_MONDAY = 0


class SyncEvery(StrEnum):
    """How often."""

    MANUAL = "manual"
    SIX_HOURS = "6h"
    TWELVE_HOURS = "12h"
    DAILY = "daily"
    WEEKLY = "weekly"


_HOURS = {SyncEvery.SIX_HOURS: 6, SyncEvery.TWELVE_HOURS: 12, SyncEvery.DAILY: 24, SyncEvery.WEEKLY: 24}


@dataclass(frozen=True, slots=True)
class SyncSchedule:
    """Every so often, reckoned from a time of the day; every week means Mondays."""

    every: SyncEvery = SyncEvery.MANUAL
    at: time = time(3)

    def latest(self, now: datetime, zone: tzinfo) -> datetime | None:
        """Returns the last moment, now included, at which it was time; None where that is never."""
        if self.every is SyncEvery.MANUAL:
            return None
        hours, today = _HOURS[self.every], now.astimezone(zone).date()
        days = (today - number * _DAY for number in range(-1, 9))
        walls = (
            datetime.combine(day, self.at) + timedelta(hours=passed)
            for day in days
            if self.every is not SyncEvery.WEEKLY or day.weekday() == _MONDAY
            for passed in range(0, 24, hours)
        )
        return max(at for wall in walls if (at := moment(wall, zone)) <= now)

    def is_due(self, since: datetime | None, *, now: datetime, zone: tzinfo) -> bool:
        """Whether it was time since a sync was asked for last; a server that never was is due with any schedule."""
        latest = self.latest(now, zone)
        return latest is not None and (since is None or since < latest)


@dataclass(frozen=True, slots=True)
class SyncMark:
    """When a whole sync of a server was asked for last.

    ``job_id`` is that of a sync that its schedule asked for. ``retry_at`` says when one that failed is tried once more,
    ``is_retried`` that this was it.
    """

    server_id: ServerId
    asked_at: datetime
    job_id: SyncJobId | None = None
    retry_at: datetime | None = None
    is_retried: bool = False

    def retry_of(self, job: SyncJob, now: datetime) -> datetime | None:
        """Says when its job should be tried once more; None where it should not.

        Only what failed is, and only once: an outage is told by a failure and a retry for each time of the schedule.
        What a stop cut short begins again by itself.
        """
        if self.is_retried or job.status is not SyncStatus.FAILED or job.error == RESTARTED:
            return None
        return (job.finished_at or now) + RETRY_AFTER
