"""What simulators and real drivers have in common: the same test functions run against both.

On any machine the simulated board answers; in the kernel's virtual machine vivid and vicodec do. Where they differ, the board's own drivers decide,
and `differences.toml` says so.
"""
