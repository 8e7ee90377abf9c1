"""``python -m earshelf`` is the ``earshelf`` command."""

import sys

from earshelf.entrypoints.cli import main

sys.exit(main())
