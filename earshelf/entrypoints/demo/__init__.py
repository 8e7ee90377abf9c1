"""Simulators of other systems, speaking their real protocols on this machine only."""
