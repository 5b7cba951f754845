"""`python3 -m epaper`; see `command`."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    # asyncio and segno would load OpenSSL if it were there, and this process speaks to nobody: 9 MB of 512.
    sys.modules |= dict.fromkeys(("ssl", "_hashlib"))  # type: ignore[arg-type]
    from epaper.command import main

    sys.exit(main(sys.argv[1:]))
