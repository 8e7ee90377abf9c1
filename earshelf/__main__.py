"""``earshelf``, also as ``python -m earshelf``."""

import sys


def main() -> int:
    """Runs the command and returns its exit code; it ends as quietly while it is still being loaded as later."""
    try:
        # what it takes along is most of a second in which people press Ctrl-C
        from earshelf.entrypoints import cli  # noqa: PLC0415

        return cli.main()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
