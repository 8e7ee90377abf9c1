"""Downloads come from strangers: nothing in one may lead out of it, or stop an import of its neighbours."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from earshelf.adapters.audio import MutagenReader
from earshelf.adapters.files.local import LocalFiles
from earshelf.domain.errors import FilesUnavailable
from earshelf.domain.ids import ImportId
from earshelf.domain.import_errors import UnsafeSource
from earshelf.domain.imports import ImportMode
from earshelf.domain.naming import NamingFacts, NamingTemplate, TemplateKind, file_names
from earshelf.ports.files import SourceFile, StagedFile, StagingPlan

IMPORT = ImportId("im_AAAAAAAAAAAAAAAAAAAAAA")
DEPTH = 1500
ROOT = Path(__file__).parents[2]


@pytest.fixture
def download(tmp_path: Path) -> Path:
    folder = tmp_path / "downloads" / "book"
    folder.mkdir(parents=True)
    (folder / "01.mp3").write_bytes(b"sound")
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Path:
    (tmp_path / "library").mkdir()
    return tmp_path / "library"


def below(folder: Path) -> list[str]:
    """Everything in a folder and below, hidden things too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


async def names(download: Path, library: Path) -> list[str]:
    found = await LocalFiles().audio_below(str(download), library=str(library))
    return [file.path for file in found or []]


@pytest.mark.parametrize(
    "leads_to",
    ["/etc/passwd", "../../secret.mp3", "../../elsewhere", "..", "/", "/dev/zero", "nowhere.mp3", "02.mp3"],
)
async def test_an_audio_name_that_links_out_or_nowhere_is_refused(
    leads_to: str, download: Path, library: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.mp3").write_bytes(b"secret")
    (tmp_path / "elsewhere").mkdir()
    (download / "02.mp3").symlink_to(leads_to)
    with pytest.raises(UnsafeSource, match=r"02\.mp3"):
        await names(download, library)


@pytest.mark.parametrize("leads_to", ["..", "/", "/etc", "../../elsewhere"])
async def test_a_folder_link_out_of_the_download_is_refused(
    leads_to: str, download: Path, library: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (download / "disc").mkdir()
    (download / "disc" / "more").symlink_to(download / leads_to)
    with pytest.raises(UnsafeSource, match="more"):
        await names(download, library)


@pytest.mark.parametrize("leads_to", ["/etc/passwd", "nowhere", "cover.jpg", "/dev/zero"])
async def test_links_that_bring_no_sound_are_left_out(leads_to: str, download: Path, library: Path) -> None:
    (download / "cover.jpg").symlink_to(leads_to)
    assert await names(download, library) == ["01.mp3"]


async def test_links_that_run_in_circles_inside_the_download_do_no_harm(download: Path, library: Path) -> None:
    (download / "disc").mkdir()
    (download / "disc" / "02.mp3").write_bytes(b"sound")
    (download / "disc" / "again").symlink_to(download)
    (download / "same").symlink_to("disc")
    assert await names(download, library) == ["01.mp3", "disc/02.mp3"]


async def test_a_link_to_a_file_inside_is_that_file_and_counts_once(download: Path, library: Path) -> None:
    (download / ".data").mkdir()
    (download / ".data" / "blob").write_bytes(b"hidden sound")
    (download / "02.mp3").symlink_to(".data/blob")
    (download / "03.mp3").symlink_to("01.mp3")
    found = await LocalFiles().audio_below(str(download), library=str(library))
    blob = str(download / ".data" / "blob")
    assert (found or [])[1:] == [SourceFile(path="02.mp3", absolute=blob, size=12)]


async def test_a_download_that_is_itself_a_link_elsewhere_is_refused(
    download: Path, library: Path, tmp_path: Path
) -> None:
    (tmp_path / "private").mkdir()
    (download.parent / "link").symlink_to(tmp_path / "private")
    (download.parent / "nowhere").symlink_to(tmp_path / "gone")
    (download.parent / "neighbour").symlink_to(download)
    with pytest.raises(UnsafeSource):
        await names(download.parent / "link", library)
    assert await names(download.parent / "neighbour", library) == ["01.mp3"]
    assert await LocalFiles().audio_below(str(download.parent / "nowhere"), library=str(library)) is None


async def test_a_source_that_reaches_the_library_through_a_link_is_refused(library: Path, tmp_path: Path) -> None:
    (library / "Author").mkdir()
    (tmp_path / "mapped").symlink_to(library)
    (tmp_path / "upwards").symlink_to(tmp_path)
    for source in (
        tmp_path / "mapped" / "Author",
        tmp_path / "mapped",
        tmp_path / "upwards",
        tmp_path / "upwards/library",
    ):
        with pytest.raises(UnsafeSource):
            await names(source, library)


async def test_pipes_sockets_and_folders_with_audio_names_are_no_audio(download: Path, library: Path) -> None:
    os.mkfifo(download / "pipe.mp3")
    (download / "folder.mp3").mkdir()
    with socket.socket(socket.AF_UNIX) as ear:
        ear.bind(str(download / "s.mp3"))
        assert await names(download, library) == ["01.mp3"]
    assert await names(download / "pipe.mp3", library) == []
    facts = await MutagenReader().facts(str(download / "pipe.mp3"))
    assert facts.seconds is None


STRANGE = [
    "📚 第一章.mp3",
    "line\nbreak.mp3",
    "-rf.mp3",
    "--help.mp3",
    "dots....mp3",
    "trailing. .mp3",
    "back\\slash\\..\\up.mp3",
    "C:evil.mp3",
    "nul.mp3",
    "$(reboot).mp3",
    "'; DROP TABLE books; --.mp3",
    "\u202e3pm.mp3",
    "e\u0301.mp3",
    "x" * 251 + ".mp3",
    "🎧" * 62 + ".mp3",
    os.fsdecode(b"latin \xe9\xff.mp3"),
    " .mp3",
]


async def test_strange_names_are_imported_under_tame_ones(download: Path, library: Path) -> None:
    for name in STRANGE:
        (download / name).write_bytes(os.fsencode(name))
    found = await LocalFiles().audio_below(str(download), library=str(library)) or []
    assert sorted(file.path for file in found) == sorted([*STRANGE, "01.mp3"])
    template = NamingTemplate.parse("{title} - {trackNumber:00} - {partName}", TemplateKind.FILE)
    tame = file_names(template, NamingFacts(title="Title"), [file.path for file in found])
    staged = [StagedFile(file.absolute, name) for file, name in zip(found, tame, strict=True)]
    target = library / "Author" / "Title"
    files = LocalFiles()
    await files.stage(StagingPlan(IMPORT, str(target), staged, ImportMode.COPY), library=str(library))
    await files.publish(IMPORT, str(target))
    await files.settle(IMPORT, str(target))
    for file, name in zip(found, tame, strict=True):
        assert (target / name).read_bytes() == (download / file.path).read_bytes()
    assert below(target) == sorted(tame)


@pytest.mark.parametrize("name", [name for name in STRANGE if "/" not in name])
async def test_strange_names_survive_staging_as_they_are(name: str, download: Path, library: Path) -> None:
    plan = StagingPlan(
        IMPORT, str(library / "Title"), [StagedFile(str(download / "01.mp3"), name)], ImportMode.HARDLINK
    )
    files = LocalFiles()
    await files.stage(plan, library=str(library))
    await files.publish(IMPORT, plan.target)
    await files.discard(IMPORT, plan.target)
    assert below(library) == []


async def test_a_name_that_no_disk_can_hold_is_refused_in_words(download: Path, library: Path) -> None:
    for name, fault in (("\ud800.mp3", UnsafeSource), ("y" * 252 + ".mp3", FilesUnavailable)):
        plan = StagingPlan(
            IMPORT, str(library / "Title"), [StagedFile(str(download / "01.mp3"), name)], ImportMode.COPY
        )
        with pytest.raises(fault) as refusal:
            await LocalFiles().stage(plan, library=str(library))
        assert str(refusal.value).encode()
    assert below(library) == []


async def test_a_refusal_over_a_name_that_is_not_utf_8_can_be_printed(download: Path, library: Path) -> None:
    (download / os.fsdecode(b"\xff.mp3")).symlink_to("/etc/passwd")
    with pytest.raises(UnsafeSource) as refusal:
        await names(download, library)
    assert "?.mp3" in refusal.value.message
    assert refusal.value.message.encode()


@pytest.fixture
def abyss(download: Path) -> Iterator[Path]:
    """A file in more folders than Python calls functions."""
    handle = os.open(download, os.O_RDONLY)
    for _ in range(DEPTH):
        os.mkdir("d", dir_fd=handle)
        deeper = os.open("d", os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = deeper
    os.close(os.open("deep.mp3", os.O_CREAT | os.O_WRONLY, dir_fd=handle))
    os.close(handle)
    yield download
    subprocess.run(["rm", "-rf", str(download)], check=True)


async def test_a_file_below_very_many_folders_is_found(abyss: Path, library: Path) -> None:
    assert await names(abyss, library) == ["01.mp3", "d/" * DEPTH + "deep.mp3"]


BIND = ["unshare", "--user", "--map-root-user", "--mount"]
CAN_BIND = (
    shutil.which("unshare") is not None
    and subprocess.run([*BIND, "true"], check=False, capture_output=True).returncode == 0
)
LOOK = """
import asyncio, sys
from earshelf.adapters.files.local import LocalFiles
asyncio.run(LocalFiles().audio_below(sys.argv[1], library=sys.argv[2]))
"""


@pytest.mark.skipif(not CAN_BIND, reason="this system lets no ordinary user mount folders")
@pytest.mark.parametrize(("source", "verdict"), [("other name", "UnsafeSource"), ("downloads", "")])
def test_the_library_mounted_under_another_name_is_recognised(
    source: str, verdict: str, download: Path, library: Path, tmp_path: Path
) -> None:
    (tmp_path / "other name").mkdir()
    script = 'mount --bind "$1" "$2" && exec "$3" -c "$4" "$5" "$1"'
    arguments = [str(library), str(tmp_path / "other name"), sys.executable, LOOK, str(tmp_path / source)]
    command = [*BIND, "sh", "-c", script, "sh", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode != 0) == bool(verdict), done.stderr
    assert verdict in done.stderr
