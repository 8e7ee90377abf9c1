"""The test suites of Earshelf."""
