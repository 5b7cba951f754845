"""Where the device can be reached."""
