"""What thumbnails cost, side by side with the ffmpeg program doing what other generators do."""
