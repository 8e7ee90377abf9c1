"""Where the house is wired: environment, containers, reactions, logging."""
