"""inkvm's appliance: HDMI in, H.264 out to browsers, keyboard and mouse back over USB.

Read next: `app/__main__.py`, which names every part once.
"""

__version__ = "0.1.0"
