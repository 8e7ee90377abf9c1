"""Starts the real program inside two fences, since its addresses and folders are about to come from a generator.

Nothing but loopback can be reached or even looked up, and nothing can be written outside of the working folder. The
interpreter itself reports every such act before it happens, so no part of the program can step around the fences.
"""

import ipaddress
import os
import runpy
import sys
from pathlib import Path
from typing import Any

REFUSAL = "fence: refused"
_PROGRAM = "earshelf"
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# which of an act's arguments are paths that it changes
_CHANGED_PATHS = {
    "os.mkdir": (0,),
    "os.rmdir": (0,),
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.link": (1,),
    "os.symlink": (1,),
    "os.truncate": (0,),
    "os.chmod": (0,),
    "os.utime": (0,),
    "shutil.rmtree": (0,),
    "sqlite3.connect": (0,),
}
_RESOLVING = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
_SENDING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


class Fences:
    """The hook; ``folder`` is the only place where anything may be written."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def __call__(self, act: str, arguments: tuple[Any, ...]) -> None:
        """Refuses an act by raising what the operating system would raise."""
        if act in _RESOLVING and not _is_near(arguments[0]):
            raise _refusal(ConnectionRefusedError, arguments[0])
        if act in _SENDING and isinstance(arguments[1], tuple) and not _is_near(arguments[1][0]):
            raise _refusal(ConnectionRefusedError, arguments[1][0])
        for path in _changed(act, arguments):
            if not self._holds(path):
                raise _refusal(PermissionError, path)

    def _holds(self, path: Any) -> bool:
        text = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - pathlib would follow links by opening folders
        return text == os.devnull or text.startswith(self._folder)


def _changed(act: str, arguments: tuple[Any, ...]) -> list[Any]:
    if act == "open":
        path, _, flags = arguments
        return [path] if isinstance(path, str | bytes) and flags & _WRITING else []
    found = [arguments[place] for place in _CHANGED_PATHS.get(act, ())]
    return [path for path in found if isinstance(path, str | bytes | os.PathLike)]


def _is_near(host: Any) -> bool:
    name = host.decode(errors="replace") if isinstance(host, bytes) else host
    if name in (None, "localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _refusal(kind: type[OSError], what: Any) -> OSError:
    sys.stderr.write(f"{REFUSAL} {what!r}\n")
    return kind(f"{REFUSAL} {what!r}")


def main() -> None:
    """Puts up the fences and hands over to the program; the arguments are the program's."""
    folder = str(Path.cwd().resolve())
    sys.dont_write_bytecode = True
    sys.addaudithook(Fences(folder + os.sep))
    runpy.run_module(_PROGRAM, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
