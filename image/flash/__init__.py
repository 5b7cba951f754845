"""Writes an image to a card, so that nothing else is overwritten and nothing half-written passes for good. Read `__main__` next."""
