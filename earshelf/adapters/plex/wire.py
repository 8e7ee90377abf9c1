"""What a Plex server tells of the items of its libraries, as types that a large body is decoded into at once.

Only what is read stands here, under the server's names in small letters. A body in which any of it is of another type
than the ordinary one is read by :mod:`earshelf.adapters.plex.mending`.
"""

from typing import Annotated, ClassVar, TypeAlias

from msgspec import Meta, Struct, field

Text: TypeAlias = str | None
Term: TypeAlias = Annotated[str, Meta(min_length=1)] | None
"""A word of the server's own, such as a codec, that is taken as it is told."""
Real: TypeAlias = float | None
Whole: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None
"""What a database can hold."""
Word: TypeAlias = str | int | float | None
"""A text that servers write as a number, too."""
Flag: TypeAlias = bool | int | str | None
"""What is told once of a file, by many servers as 1."""


class Wire(Struct, gc=False, rename="camel"):
    """An object of a body; none refers to itself, so that nobody has to look for circles."""


class Tag(Wire):
    """A genre, a director, or whatever else is told by its name."""

    tag: Word = None


class Person(Wire):
    """Somebody in the cast."""

    tag: Word = None
    role: Word = None
    thumb: Text = None


class Guid(Wire):
    """An item's id at another catalogue, such as ``imdb://tt1``."""

    id: Text = None


class Track(Wire):
    """A stream of a file: ``stream_type`` 1 is picture, 2 sound, 3 a subtitle; with a ``key`` it is a file itself."""

    unknown: ClassVar[None] = None
    """What is not read of streams of its kind."""

    stream_type: Whole = None
    index: Whole = None
    codec: Term = None
    profile: Term = None
    bitrate: Whole = None
    title: Text = None
    display_title: Text = None
    extended_display_title: Text = None
    language: Term = None
    language_code: Term = None
    language_tag: Term = None
    default: bool = False
    selected: bool = False
    forced: bool = False
    hearing_impaired: bool = False
    key: Text = None
    format: Term = None
    width: Whole = None
    height: Whole = None
    frame_rate: Real = None
    scan_type: Term = None
    bit_depth: Whole = None
    color_primaries: Term = None
    color_range: Term = None
    color_space: Term = None
    color_trc: Term = None
    chroma_subsampling: Term = None
    channels: Whole = None
    audio_channel_layout: Term = None
    sampling_rate: Whole = None
    audio_spatial_format: Text = None
    video_range_type: Text = None
    dv_present: Flag = field(default=None, name="DOVIPresent")
    dv_profile: Word = field(default=None, name="DOVIProfile")
    dv_compatible: Word = field(default=None, name="DOVIBLCompatID")
    hdr10_plus: Flag = field(default=None, name="HDR10PlusPresent")

    @property
    def is_external(self) -> bool:
        """Whether it is a file of its own: what is one can be asked for."""
        return self.key is not None and self.key.strip() != ""


class Part(Wire):
    """A file of a version; ``size`` in bytes."""

    id: Word = None
    file: Text = None
    size: Whole = None
    container: Text = None
    optimized_for_streaming: Flag = None
    audio_profile: Text = None
    tracks: tuple[Track, ...] = field(default=(), name="Stream")


class Media(Wire):
    """A version of an item; ``duration`` in milliseconds, ``bitrate`` in kbit/s."""

    id: Word = None
    duration: Whole = None
    bitrate: Whole = None
    width: Whole = None
    height: Whole = None
    aspect_ratio: Word = None
    audio_channels: Whole = None
    audio_codec: Text = None
    audio_profile: Text = None
    video_codec: Text = None
    video_resolution: Word = None
    video_frame_rate: Word = None
    video_profile: Text = None
    container: Text = None
    proxy_type: Whole = None
    optimized_for_streaming: Flag = None
    parts: tuple[Part, ...] = field(default=(), name="Part")


class Row(Wire):
    """An item; times in seconds since 1970, ``duration`` and ``view_offset`` in milliseconds, ratings from 0 to 10."""

    rating_key: Word = None
    type: Text = None
    title: Word = None
    title_sort: Word = None
    guid: Text = None
    parent_rating_key: Word = None
    grandparent_rating_key: Word = None
    original_title: Word = None
    tagline: Word = None
    summary: Word = None
    studio: Word = None
    content_rating: Word = None
    edition_title: Word = None
    rating_image: Text = None
    audience_rating_image: Text = None
    parent_title: Word = None
    grandparent_title: Word = None
    chapter_source: Text = None
    thumb: Text = None
    art: Text = None
    parent_thumb: Text = None
    grandparent_thumb: Text = None
    year: Whole = None
    index: Whole = None
    parent_index: Whole = None
    absolute_index: Whole = None
    rating_count: Whole = None
    duration: Whole = None
    rating: Real = None
    audience_rating: Real = None
    originally_available_at: Text = None
    added_at: Whole = None
    updated_at: Whole = None
    view_count: Whole = None
    last_viewed_at: Whole = None
    view_offset: Whole = None
    user_rating: Real = None
    library_section_id: Word = field(default=None, name="librarySectionID")
    versions: tuple[Media, ...] = field(default=(), name="Media")
    genres: tuple[Tag, ...] = field(default=(), name="Genre")
    directors: tuple[Tag, ...] = field(default=(), name="Director")
    writers: tuple[Tag, ...] = field(default=(), name="Writer")
    countries: tuple[Tag, ...] = field(default=(), name="Country")
    labels: tuple[Tag, ...] = field(default=(), name="Label")
    collections: tuple[Tag, ...] = field(default=(), name="Collection")
    roles: tuple[Person, ...] = field(default=(), name="Role")
    guids: tuple[Guid, ...] = field(default=(), name="Guid")


class Page(Wire):
    """A ``MediaContainer`` of items; what stands among its rows and is no object is a row without a key."""

    rows: tuple[Row, ...] = field(default=(), name="Metadata")
    directories: tuple[Row, ...] = field(default=(), name="Directory")
    size: Whole = None
    total_size: Whole = None
    library_section_id: Word = field(default=None, name="librarySectionID")


class Body(Wire):
    """A whole answer."""

    page: Page = field(name="MediaContainer")
