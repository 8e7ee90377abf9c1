"""A Plex server that lies in a script: its libraries are composed, and it misbehaves on demand."""
