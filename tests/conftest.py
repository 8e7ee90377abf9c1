"""What all tests share."""

import pytest

# before anybody imports them: the suites' plain asserts then say what was compared
pytest.register_assert_rewrite("tests.contract.suites")

# these run from the built wheel, in an environment of its own (see .ci/run): a checkout has no `earshelf.contracts`
collect_ignore = ["wheel"]

pytest_plugins = ["tests.databases.postgres"]
