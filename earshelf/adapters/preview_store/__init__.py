"""Results of previews on the local disk."""
