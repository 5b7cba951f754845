"""The SD card: its last partition takes the space that the image left free. `python3 -m app.card` does it, at every start.

Start reading at table.py, which says what to write; `grow.py` writes it and tells the kernel.
"""
