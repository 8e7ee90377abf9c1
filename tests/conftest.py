"""What all tests share."""

# these run from the built wheel, in an environment of its own (see .ci/run): a checkout has no `earshelf.contracts`
collect_ignore = ["wheel"]

pytest_plugins = ["tests.databases.postgres"]
