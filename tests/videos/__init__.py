"""Videos that the tests make."""
