"""`python3 -m epaper`; see `command`."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    # Pillow and asyncio load OpenSSL and two compressors if they are there, and do without if they are not. This process
    # speaks to nobody and packs nothing: 9 MB of the board's 512.
    sys.modules |= dict.fromkeys(("ssl", "_hashlib", "bz2", "lzma"))  # type: ignore[arg-type]
    from epaper.command import main

    sys.exit(main(sys.argv[1:]))
