"""How people and programs reach the library: HTTP surfaces, command line, demo."""
