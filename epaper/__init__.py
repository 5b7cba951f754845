"""The e-paper panel: its own process, fed by the daemon's status socket. Read next: `service`, which names the flow.

`link` reads the status, `page` puts it into words, `view` draws the words, `policy` says when, `panel` turns a
picture into SPI transactions, and `display` plays those on a `Port`: the wires (`spi`) or the simulator (`sim`).
"""
