"""Taking pictures out of videos by libav."""
