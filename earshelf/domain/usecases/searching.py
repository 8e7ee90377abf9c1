"""Asking every indexer for a book, and choosing among what they offer."""
