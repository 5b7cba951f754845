"""Measurements, not tests: ratios against peers and limits, taken in one run. `make bench` runs each module."""
