"""A descriptor that polls as a capture node's does: readable for each filled buffer, exceptional while an event waits."""

from __future__ import annotations

import select
import socket


class Line:
    """Both ends of a connection to oneself. Only TCP has urgent data, which is what POLLPRI was made for."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self._driver = socket.create_connection(listener.getsockname())
            self._node, _address = listener.accept()
        self._driver.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._event = False
        self.fd = self._node.fileno()

    def frame(self) -> None:
        """One more buffer is filled."""
        self._driver.send(b"f")

    def take_frame(self) -> None:
        """One less."""
        self._node.recv(1)

    def event(self) -> None:
        """Something happened; once is as good as often."""
        if not self._event:
            self._event = True
            self._driver.send(b"!", socket.MSG_OOB)

    def take_event(self) -> bool:
        """Whether something did."""
        if not self._event:
            return False
        urgent = select.poll()
        urgent.register(self.fd, select.POLLPRI)
        urgent.poll()
        self._node.recv(1, socket.MSG_OOB)
        self._event = False
        return True

    def close(self) -> None:
        """Both ends."""
        self._node.close()
        self._driver.close()
