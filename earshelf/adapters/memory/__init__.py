"""Adapters that live in this process: first-class storage for trials, and the doubles of tests."""
