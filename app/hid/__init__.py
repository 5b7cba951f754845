"""Keyboard and mouse: from a browser's events to USB HID reports. Read next: `keyboard`, then `output`."""
