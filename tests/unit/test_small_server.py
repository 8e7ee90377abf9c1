"""What the server does not load: the libraries of previews are for processes of their own."""

import subprocess
import sys
from pathlib import Path

_SERVER = """
import sys
from pathlib import Path

from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.entrypoints import cli
from earshelf.entrypoints.app import create_app

create_app(Container(settings=ProcessSettings(database_url=sys.argv[1], config_dir=Path(sys.argv[2]))))
print(*sorted({"numpy", "av", "PIL", "re2", "asyncpg"} & sys.modules.keys()))
"""


def test_the_server_loads_nothing_that_only_previews_or_another_database_need(tmp_path: Path) -> None:
    where = f"sqlite:///{tmp_path}/earshelf.db"
    run = subprocess.run(
        [sys.executable, "-c", _SERVER, where, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []


def test_numpy_still_loads_afterwards() -> None:
    code = "import earshelf.adapters.sqlite.database, numpy; print(numpy.zeros(1).size)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "1"
