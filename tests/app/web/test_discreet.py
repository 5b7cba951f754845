"""What is in the log of an error that nobody foresaw."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application, HTTPError, RequestHandler

from app.web.discreet import Discreet
from app.web.guard import Guarded
from app.web.join import _Astray
from app.web.ui import Page

SECRET = "planted"


def request() -> HTTPServerRequest:
    line = RequestStartLine("PUT", f"/api/tls?passwd={SECRET}", "HTTP/1.1")
    return HTTPServerRequest(
        start_line=line, headers=HTTPHeaders({"Host": "kvm", "X-KVMD-Passwd": SECRET}), connection=Mock()
    )


@pytest.mark.parametrize("error", [ZeroDivisionError("it was nothing"), HTTPError(400, "it was nothing")])
def test_neither_query_nor_headers_are_there(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    handler = Discreet(Application(), request())
    handler.log_exception(type(error), error, None)
    assert "PUT /api/tls" in caplog.text
    assert "it was nothing" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("handler", [Guarded, Page, _Astray])
def test_it_is_so_everywhere(handler: type[RequestHandler]) -> None:
    assert handler.log_exception is Discreet.log_exception
    assert handler._request_summary is Discreet._request_summary


def test_the_tornado_that_is_used_would_tell(caplog: pytest.LogCaptureFixture) -> None:
    """The control: were it not so, nothing would have to be left out."""
    handler = RequestHandler(Application(), request())
    handler.log_exception(ZeroDivisionError, ZeroDivisionError(), None)
    assert SECRET in caplog.text
