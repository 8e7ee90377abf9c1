"""Whether the house stands, for probes, and what is wrong with it, for the operator."""

from aiohttp import web
from marshmallow import Schema

from earshelf.domain.usecases.diagnosing import Diagnosing, Severity
from earshelf.entrypoints.answers import answer, listed
from earshelf.entrypoints.operator.schemas import list_of, one_of, text
from earshelf.entrypoints.routing import Answer, Call, Route


class Health(Schema):
    """The answer to a probe."""

    status = text()


class Finding(Schema):
    """One thing that was looked at."""

    severity = one_of(Severity)
    subject = text(metadata={"description": "What was looked at"})
    message = text(metadata={"description": "How it is and, where something is wrong, the remedy"})


_HEALTHY = {"status": "healthy"}
_FINDING_EXAMPLE = {
    "severity": "warning",
    "subject": "library",
    "message": "no folder is set; set library.path in the settings",
}

ROUTES = (
    Route(
        "GET",
        "/health",
        "probe",
        "Probe the server",
        "health",
        {200: Answer("The server answers", Health, _HEALTHY)},
        is_open=True,
    ),
    Route(
        "GET",
        "/health/details",
        "details",
        "Look at everything",
        "health",
        {200: Answer("One finding per thing", list_of(Finding), {"data": [_FINDING_EXAMPLE], "total": 1})},
        description="Settings, disks and the last dealings with neighbours; contacts nobody.",
    ),
)


class HealthChecks:
    """Answers the routes of health."""

    def __init__(self, *, diagnosing: Diagnosing) -> None:
        self._diagnosing = diagnosing

    async def probe(self, _: Call) -> web.Response:
        """Answers a probe."""
        return answer(_HEALTHY)

    async def details(self, _: Call) -> web.Response:
        """Tells every finding."""
        findings = await self._diagnosing.findings()
        rows = [{"severity": one.severity.value, "subject": one.subject, "message": one.message} for one in findings]
        return listed(rows, len(rows))
