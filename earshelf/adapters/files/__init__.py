"""The library and the downloads on a local or mounted disk."""
