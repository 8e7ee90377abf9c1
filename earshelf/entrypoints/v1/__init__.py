"""The public API, ``/api/v1``: what third parties build against."""
