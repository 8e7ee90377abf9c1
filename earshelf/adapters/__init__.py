"""One module per outside system; each keeps the promises of the ports it serves."""
