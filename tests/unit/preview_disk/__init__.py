"""Results of previews on a real disk."""
