"""What a laptop at the other end of the USB cable does. Run in its namespace: `page AUTHORITY HOST ADDRESS`, `reach ADDRESS PORT SECONDS`."""

from __future__ import annotations

import http.client
import socket
import ssl
import sys

PATIENCE = 60.0


def page(authority: str, host: str, address: str) -> str:
    """The title of the page at that address, whose certificate has to be for `host`; or why it is not trusted."""
    context = ssl.create_default_context(cafile=authority)
    try:
        with socket.create_connection((address, 443), PATIENCE) as plain:
            secure = context.wrap_socket(plain, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    connection = http.client.HTTPSConnection(host)
    connection.sock = secure
    connection.request("GET", "/")
    text = connection.getresponse().read().decode()
    return text.partition("<title>")[2].partition("</title>")[0]


def reach(address: str, port: str, seconds: str) -> str:
    """Whether somebody answers there: `open`, `refused` or, after so many seconds, `silent`."""
    try:
        socket.create_connection((address, int(port)), float(seconds)).close()
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "silent"
    return "open"


if __name__ == "__main__":
    print({"page": page, "reach": reach}[sys.argv[1]](*sys.argv[2:]))
