"""The page in a real browser against the real appliance with its simulated board and target."""
