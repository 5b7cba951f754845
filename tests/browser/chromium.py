"""Debian's Chromium, headless and offline but for the page."""

from __future__ import annotations

import shutil

PATH = shutil.which("chromium")
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",  # tests run as root in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
