"""What a command prints: every line reaches standard output, or the command fails and says why."""

import os
import sys

from earshelf.domain.errors import FilesUnavailable


def say(text: str, *, end: str = "\n") -> None:
    """Prints a text at once.

    :raises FilesUnavailable: standard output is closed, or takes no more.
    :raises BrokenPipeError: whoever read it has seen enough.
    """
    # Python has no standard output where the process was started without one
    if sys.stdout is None:
        raise FilesUnavailable("Standard output is closed; nothing could be printed")
    try:
        sys.stdout.write(text + end)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        raise
    except OSError as problem:
        _drop_output()
        raise FilesUnavailable(f"Standard output cannot be written: {problem.strerror}") from problem


def require_output() -> None:
    """Sees to it before anything is done that there is somewhere to print to.

    :raises FilesUnavailable: standard output is closed.
    """
    say("", end="")


def is_terminal() -> bool:
    """Whether a person is watching."""
    return sys.stdout is not None and sys.stdout.isatty()


def _drop_output() -> None:
    """Lets go of what could not be printed, lest the interpreter try again and complain at its end."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
