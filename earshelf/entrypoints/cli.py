"""The command line: ``earshelf COMMAND``.

Exit codes: 0 done, 1 failed, 2 wrong usage. Errors are one line on stderr.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from earshelf.config.container import Container
from earshelf.config.logging import configure_logging
from earshelf.config.previews import PreviewContainer
from earshelf.config.process import LOG_FORMATS, LOG_LEVELS, ProcessSettings, installed_version
from earshelf.domain.access import Credential
from earshelf.domain.errors import EarshelfError, FilesUnavailable
from earshelf.domain.usecases.diagnosing import Severity
from earshelf.entrypoints import preview_options, previews
from earshelf.entrypoints.demo.main_job import play
from earshelf.entrypoints.openapi import SURFACES, document, spell
from earshelf.entrypoints.output import require_output, say
from earshelf.entrypoints.safekeeping import back_up, copy_database, restore, rotate_key
from earshelf.entrypoints.server import serve


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message} (try {self.prog} --help)", file=sys.stderr)
        raise SystemExit(2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except EarshelfError as problem:
        print(f"earshelf: {problem.message}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # whoever read our output has seen enough
        return 0
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = _OneLineParser(prog="earshelf", description="Audiobook library manager and media-server companion.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {installed_version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, help_text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help_text, description=help_text)
        added.add_argument("--config-dir", type=Path, help="folder of settings, keys and the SQLite file")
        return added

    serving = command("serve", "Run the server: API and background loops.")
    serving.add_argument("--host", help="address to listen on")
    serving.add_argument("--port", type=_port, help="port to listen on")
    serving.set_defaults(run=_serve)

    playing = command("demo", "Walk one book through the whole main job against simulators on loopback.")
    playing.add_argument("--once", action="store_true", help="exit after the last step instead of serving the result")
    playing.add_argument("--port", type=_port, default=0, help="port to serve on, a free one by default")
    playing.set_defaults(run=_demo)

    command("migrate", "Bring the database to this version.").set_defaults(run=_migrate)
    command("check", "Look for what is wrong with the configuration.").set_defaults(run=_check)
    for name, credential, what in (
        ("api-key", Credential.API_KEY, "the key of /api/v1"),
        ("token", Credential.OPERATOR_TOKEN, "the operator token of /api"),
    ):
        showing = command(name, f"Print {what}.")
        showing.add_argument("--regenerate", action="store_true", help="replace it first")
        showing.set_defaults(run=_credential, credential=credential)

    saving = command("backup", "Write database, settings and key into one file.")
    saving.add_argument("file", metavar="FILE")
    saving.set_defaults(run=_backup)

    restoring = command("restore", "Put a backup in the place of the library, once all of it was found sound.")
    restoring.add_argument("file", metavar="FILE")
    restoring.add_argument("--dry-run", action="store_true", help="only look whether the backup is sound")
    restoring.set_defaults(run=_restore)

    command("rotate-key", "Make a new encryption key and encrypt everything with it.").set_defaults(run=_rotate_key)

    copying = command("copy-database", "Copy everything into an empty database and compare it record for record.")
    copying.add_argument("from_url", metavar="FROM_URL", help="sqlite:///FILE or postgresql://USER@HOST/NAME")
    copying.add_argument("to_url", metavar="TO_URL", help="likewise; a password may come from PGPASSWORD")
    copying.set_defaults(run=_copy_database)

    previewing = command("previews", "Make preview thumbnails of videos, without a server.")
    preview_options.describe(previewing)
    previewing.epilog = "What is named in brackets with a _ is the setting that decides where the option is not given."
    previewing.set_defaults(run=_previews)

    printing = command("openapi", "Print the OpenAPI document of a surface.")
    printing.add_argument("surface", choices=sorted(SURFACES))
    printing.add_argument("--format", choices=("json", "yaml"), default="json")
    printing.set_defaults(run=_openapi)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is no port number")
    return int(text)


def _settings(options: argparse.Namespace) -> ProcessSettings:
    return ProcessSettings.from_environment(
        os.environ,
        config_dir=options.config_dir,
        host=getattr(options, "host", None),
        port=getattr(options, "port", None),
    )


def _configured(options: argparse.Namespace) -> Container:
    settings = _settings(options)
    known = [
        settings.api_key,
        settings.operator_token,
        settings.secret_key,
        settings.secret_key_next,
        settings.session_key,
    ]
    configure_logging(settings.log_level, settings.log_format, secrets=[secret for secret in known if secret])
    return Container(settings=settings)


def _serve(options: argparse.Namespace) -> int:
    container = _configured(options)
    asyncio.run(serve(container, on_ready=_tell_address))
    return 0


def _tell_address(url: str) -> None:
    # a server serves whether anybody reads along or not
    with suppress(FilesUnavailable, BrokenPipeError):
        say(f"Earshelf answers at {url}")


def _demo(options: argparse.Namespace) -> int:
    configure_logging(LOG_LEVELS[2], LOG_FORMATS[0])
    return asyncio.run(play(port=options.port, once=options.once))


def _migrate(options: argparse.Namespace) -> int:
    async def migrate(container: Container) -> None:
        async with container.opened():
            say("The database is at this version")

    asyncio.run(migrate(_configured(options)))
    return 0


def _check(options: argparse.Namespace) -> int:
    async def check(container: Container) -> int:
        async with container.opened():
            findings = await container.diagnosing().findings()
        for finding in findings:
            say(f"{finding.severity:<8}{finding.subject}: {finding.message}")
        return int(any(finding.severity is Severity.ERROR for finding in findings))

    return asyncio.run(check(_configured(options)))


def _credential(options: argparse.Namespace) -> int:
    require_output()

    async def show(container: Container) -> None:
        async with container.opened():
            authenticating = container.authenticating()
            if options.regenerate:
                say(await authenticating.regenerate(options.credential))
            else:
                say(await authenticating.current(options.credential))

    asyncio.run(show(_configured(options)))
    return 0


def _backup(options: argparse.Namespace) -> int:
    asyncio.run(back_up(_configured(options), options.file))
    return 0


def _restore(options: argparse.Namespace) -> int:
    asyncio.run(restore(_configured(options), options.file, dry_run=options.dry_run))
    return 0


def _rotate_key(options: argparse.Namespace) -> int:
    asyncio.run(rotate_key(_configured(options)))
    return 0


def _copy_database(options: argparse.Namespace) -> int:
    settings = _configured(options).settings()
    asyncio.run(copy_database(settings, options.from_url, options.to_url))
    return 0


def _previews(options: argparse.Namespace) -> int:
    settings = _settings(options)
    configure_logging(settings.log_level, settings.log_format)
    container = PreviewContainer(settings=settings, workers=options.workers, decoder=options.decoder)
    return previews.run(container, options)


def _openapi(options: argparse.Namespace) -> int:
    base = _settings(options).url_base
    say(spell(document(options.surface, url_base=base), options.format))
    return 0


if __name__ == "__main__":
    sys.exit(main())
