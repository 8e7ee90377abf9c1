"""The library in PostgreSQL, shared by any number of processes."""
