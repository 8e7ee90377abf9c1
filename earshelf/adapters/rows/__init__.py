"""What the databases share: how aggregates become rows, and which columns a list is ordered by."""
