"""Measured, never asserted: figures of one machine in one run, as ratios where a ratio says more."""
