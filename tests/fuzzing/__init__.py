"""Schemathesis against the running program; a program of its own, not collected by pytest."""
