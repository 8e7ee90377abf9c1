"""What a librarian does: one class per activity, the only domain code that talks to ports."""
