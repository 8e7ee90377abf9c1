"""The operator's API, ``/api``: configuration, review, and everything that the public API leaves out."""
