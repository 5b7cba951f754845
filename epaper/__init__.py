"""The e-paper panel: its own process, fed by the daemon's status socket. Read next: `service`, which names the flow.

`link` reads the status (`arrival` waits for its socket), `steady` calms it, `page` puts it into words, `layout` places
them, `view` draws them, `policy` says when, `v4`, `v3` and `v2` turn a picture into SPI transactions (`panel` has what
they share), and `display` plays those on a `Port`: the wires (`spi`) or the simulator (`sim`). `mirror` leaves what the
glass shows for others, `ledger` counts over the device's life.
"""
