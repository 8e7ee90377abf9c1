"""The command before any of its subcommands runs."""

import signal
import subprocess
import sys

from earshelf.config.process import installed_version

COMMAND = [sys.executable, "-m", "earshelf"]


def test_it_says_its_version() -> None:
    told = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, check=True, timeout=30)
    assert told.stdout == f"earshelf {installed_version()}\n"


def test_an_interruption_while_it_is_being_loaded_prints_no_traceback() -> None:
    # the interpreter tells of every module it has loaded
    line = [sys.executable, "-X", "importtime", "-m", "earshelf", "check"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while "earshelf.domain" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=30)
    assert "Traceback" not in rest
    assert process.returncode == 130
