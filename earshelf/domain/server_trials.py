"""How trying a media server went."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from earshelf.domain.accounts import TokenState
from earshelf.domain.connection_faults import REFUSED_TOKEN
from earshelf.domain.servers import ServerDescription


@dataclass(frozen=True, slots=True)
class ServerTrial:
    """How trying a server went; ``code`` and ``fields`` say what was wrong, ``description`` what was met."""

    ok: bool
    message: str
    code: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    description: ServerDescription | None = None
    latency_ms: float | None = None

    @property
    def token_state(self) -> TokenState:
        """What the trial showed of the token."""
        if self.ok:
            return TokenState.VALID
        return TokenState.REVOKED if self.code == REFUSED_TOKEN else TokenState.UNREACHABLE
