"""Measurements, not tests: ratios against peers and limits, taken in one run. `make bench` runs each module."""

NOTHING = 77
"""The status of one that cannot measure here and has said in a line why."""
