"""What the owner decides about prerolls for all servers at once."""

from dataclasses import dataclass, field

from earshelf.domain.preroll_upkeep import OnDrift
from earshelf.domain.setting_values import choice


@dataclass(frozen=True, slots=True)
class PrerollSettings:
    """What is played where no schedule applies, and whether a change made on a server is respected.

    ``default`` is spelled as :attr:`Prerolls.value`; an empty one leaves every server what its owner had set there.
    """

    default: str = field(default="", metadata={"prerolls": True})
    on_drift: OnDrift = choice(OnDrift.RESPECT)
