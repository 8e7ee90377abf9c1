"""The advisory locks that processes on one database share."""

from enum import IntEnum

_OURS = 0x4541_5253 << 32  # other programs on the same database have numbers of their own


class Lock(IntEnum):
    """What one process at a time may hold; presence is shared by all that serve, unless one wants to be alone.

    The pen is held by every unit of work from its beginning to its end. Units therefore never deadlock, whatever order
    they write in, and the counts that every write touches cost nobody a second wait.
    """

    MIGRATION = _OURS + 1
    PEN = _OURS + 2
    LEADERSHIP = _OURS + 3
    PRESENCE = _OURS + 4
