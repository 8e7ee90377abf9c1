"""Backups, restores, copies and new keys, on real databases, through the container that the commands use."""
