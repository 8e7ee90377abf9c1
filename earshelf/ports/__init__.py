"""Conversations the domain has with the outside world, as protocols and their traffic types."""
