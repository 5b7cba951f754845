"""What every handler's log leaves out."""

from __future__ import annotations

from types import TracebackType

from tornado.log import app_log
from tornado.web import HTTPError, RequestHandler


class Discreet(RequestHandler):
    """The log repeats neither a request's query nor its headers: somebody may have put a password there."""

    def _request_summary(self) -> str:
        return f"{self.request.method} {self.request.path} ({self.request.remote_ip})"

    def log_exception(
        self, typ: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        """Tornado adds the whole request to an error that nobody expected."""
        if isinstance(value, HTTPError):
            super().log_exception(typ, value, tb)
        else:
            app_log.error("not foreseen: %s", self._request_summary(), exc_info=(typ, value, tb))  # type: ignore[arg-type]
