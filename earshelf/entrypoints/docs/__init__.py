"""Browsable documents of both surfaces."""
