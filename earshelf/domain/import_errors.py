"""Why a download does not become a book as it stands: its files, or the shelf that it should go to."""

from earshelf.domain.errors import EarshelfError


class ImportRefused(EarshelfError):
    """A download cannot become a book as it stands; nothing was changed."""

    code = "import_refused"


class SourceNotFound(ImportRefused):
    """The download's files are not where the client says they are."""

    code = "source_not_found"

    def __init__(self, path: str, client: str) -> None:
        super().__init__(f"'{path}' does not exist here; add a path mapping for client '{client}'")
        self.path = path


class UnsafeSource(ImportRefused):
    """The files to import leave their folder, or overlap with the library."""

    code = "unsafe_source"


class NoAudio(ImportRefused):
    """The download holds nothing that can be listened to."""

    code = "no_audio"

    def __init__(self, path: str) -> None:
        super().__init__(f"'{path}' holds no audio file")
        self.path = path


class InsufficientSpace(ImportRefused):
    """The library's disk has no room for the book and the reserve that the owner keeps."""

    code = "insufficient_space"

    def __init__(self, needed: int, free: int) -> None:
        super().__init__(f"The library needs {needed} bytes free and has {free}; free some or lower the reserve")


class LibraryUnavailable(ImportRefused):
    """There is no shelf to put books on just now; imports wait, and go on by themselves once there is."""

    code = "library_unavailable"


class LibraryNotSet(LibraryUnavailable):
    """Imports wait until the owner says where the library is."""

    code = "library_not_set"

    def __init__(self) -> None:
        super().__init__("No library folder is set; set library.path in the settings")


class LibraryMissing(LibraryUnavailable):
    """The library folder is set, but not there; it may be a mount that is away."""

    code = "library_missing"

    def __init__(self, path: str) -> None:
        super().__init__(f"The library folder '{path}' does not exist; create or mount it")


class LibraryEmpty(LibraryUnavailable):
    """The library folder is there, but what lies in it is not; it may be the bare place of a mount that is away."""

    code = "library_empty"

    def __init__(self, path: str, books: int) -> None:
        lost = "1 book lies" if books == 1 else f"{books} books lie"
        super().__init__(f"'{path}' is empty although {lost} in it; mount its disk, or put the files back")
        self.path = path
