"""The HTTP surfaces, spoken with over loopback; every answer is checked against its closed document."""
