"""Thumbnails through the ffmpeg program, for machines whose GPU decodes."""
