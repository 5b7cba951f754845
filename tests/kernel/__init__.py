"""Tests against real kernel drivers, run inside a virtual machine. `bench` is the way in."""
