"""The ffmpeg program: command lines, devices, failures, and its end."""
