"""What the demo plays with: one composed book, its audio, its torrent."""

from dataclasses import dataclass

from earshelf.config.silence import silent_mp3
from earshelf.domain.torrents import TorrentFile, make_torrent, read_torrent

TITLE = "The Lantern Keeper"
AUTHOR = "Imogen Ashdown"
NARRATOR = "Piers Holloway"
RELEASE = f"{AUTHOR} - {TITLE} (Unabridged) [MP3]"
_PART_SECONDS = 45.0
_ANNOUNCE = "http://127.0.0.1:1/announce"


@dataclass(frozen=True, slots=True)
class DemoAudio:
    """A torrent, and the files that it stands for by their path below the download folder."""

    torrent: TorrentFile
    files: dict[str, bytes]


def demo_audio(parts: int = 2) -> DemoAudio:
    """Makes a release of playable silence, in as many parts as wished."""
    files = {
        f"{TITLE} - Part {number}.mp3": silent_mp3(_PART_SECONDS, title=f"Part {number}", artist=AUTHOR, album=TITLE)
        for number in range(1, parts + 1)
    }
    torrent = read_torrent(make_torrent(RELEASE, list(files.items()), _ANNOUNCE))
    return DemoAudio(torrent, {f"{RELEASE}/{name}": content for name, content in files.items()})
