"""A simulated board and a simulated target, for `make run` and the tests; not in the board's image."""
