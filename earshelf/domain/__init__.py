"""The rules of the library: pure Python on the standard library, without I/O, clock or randomness."""
