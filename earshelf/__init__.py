"""Earshelf: an audiobook library manager and media-server companion."""
