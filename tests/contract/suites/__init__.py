"""Behaviour that every adapter of a port shows; outside adapters may subclass these tests."""
