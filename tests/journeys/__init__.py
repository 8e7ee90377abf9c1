"""The program as a whole, with real daemons on the other side."""
