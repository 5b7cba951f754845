"""The USB gadget: what the target sees on the cable. Read next: `plan`."""
