"""Video and pictures in process, by libav."""
