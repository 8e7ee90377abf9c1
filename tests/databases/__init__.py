"""A PostgreSQL for the tests, brought along or named by ``EARSHELF_TEST_DSN``."""
