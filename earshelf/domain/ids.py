"""Typed opaque identifiers.

An identifier is a prefix that names the kind and 22 characters of unpadded base64url: 16 random bytes.
It is never derived from a database row.
"""

from base64 import urlsafe_b64encode
from enum import StrEnum
from typing import NewType

BookId = NewType("BookId", str)
AuthorId = NewType("AuthorId", str)
NarratorId = NewType("NarratorId", str)
SeriesId = NewType("SeriesId", str)
DownloadId = NewType("DownloadId", str)
ImportId = NewType("ImportId", str)
IntegrationId = NewType("IntegrationId", str)
ServerId = NewType("ServerId", str)
BlackoutId = NewType("BlackoutId", str)
PrerollPresetId = NewType("PrerollPresetId", str)
PrerollScheduleId = NewType("PrerollScheduleId", str)
MediaId = NewType("MediaId", str)
SyncJobId = NewType("SyncJobId", str)

ENTROPY_BYTES = 16


class IdPrefix(StrEnum):
    """What an identifier's first letters say about its kind."""

    BOOK = "bk"
    AUTHOR = "au"
    NARRATOR = "nr"
    SERIES = "sr"
    DOWNLOAD = "dl"
    IMPORT = "im"
    INDEXER = "ix"
    DOWNLOAD_CLIENT = "dc"
    CONNECTOR = "cn"
    SERVER = "sv"
    BLACKOUT = "bo"
    PREROLL_PRESET = "pp"
    PREROLL_SCHEDULE = "ps"
    MEDIA = "md"
    SYNC_JOB = "sj"


def opaque_id(prefix: IdPrefix, entropy: bytes) -> str:
    """Spells 16 random bytes as an identifier such as ``bk_3Qp9zJ2vTq-0aWc4hKxY1A``.

    :raises ValueError: the entropy is not exactly 16 bytes.
    """
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"an identifier takes {ENTROPY_BYTES} bytes of entropy, not {len(entropy)}")
    return f"{prefix}_{urlsafe_b64encode(entropy).rstrip(b'=').decode()}"
