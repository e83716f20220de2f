"""One HTTP/1.1 connection to a receiver, with one request on it at a time.

The answer is parsed by llhttp (`httptools`). What is read of it is bounded: its head, and of its
body what is kept; the rest is cut off with the connection.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

import httptools

ANSWER_BYTES = 20_000
HEAD_BYTES = 64 * 1024


class AnswerMalformed(OSError):
    """What came back is no HTTP."""


class ConnectionLost(OSError):
    """The connection ended without an answer; `untouched` if not one byte of it came."""

    def __init__(self, *, untouched: bool) -> None:
        super().__init__("the connection ended without an answer")
        self.untouched = untouched


@dataclass(slots=True)
class Answer:
    """What came back by now; `status` is 0 until the head is complete."""

    status: int = 0
    retry_after: str | None = None
    body: bytearray = field(default_factory=bytearray)


class Connection(asyncio.Protocol):
    """Opened by a loop's `create_connection`; `reusable` once an answer came to its end."""

    def __init__(self) -> None:
        self.reusable = True
        self.idle_since = 0.0
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._done: asyncio.Future[Answer] | None = None
        self._answer = Answer()
        self._read = self._head = 0
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        """Goes on from one request to the next: to set one for each is a tenth of its CPU."""

    async def exchange(self, request: bytes, deadline: float) -> Answer:
        """Send a request and return what was answered until the deadline, a loop's time.

        A connection's deadlines only grow. Raises TimeoutError when not even its head came,
        AnswerMalformed, and ConnectionLost.
        """
        if self._transport is None or self._transport.is_closing():
            raise ConnectionLost(untouched=True)
        self._answer, self._read, self._head, self.reusable = Answer(), 0, 0, False
        self._done = self._loop.create_future()
        self._deadline = deadline
        if self._timer is None:
            self._timer = self._loop.call_at(deadline, self._look_at_deadline)
        try:
            self._transport.write(request)
            return await self._done
        finally:
            self._done = None
            if not self.reusable:
                self.close()

    def close(self) -> None:
        """End the connection at once."""
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse on; what nobody asked for ends the connection."""
        if self._done is None or self._done.done():
            self.close()
            return
        self._read += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.reusable = False
            self._end(AnswerMalformed("not HTTP"))
        else:
            if not self._answer.status and self._read > HEAD_BYTES:
                self._end(AnswerMalformed("too long a head"))

    def connection_lost(self, error: Exception | None) -> None:
        """Take what there is: an answer may well end with its connection."""
        self.reusable = False
        if self._timer is not None:
            self._timer.cancel()
        self._end(ConnectionLost(untouched=self._read == 0))

    # What llhttp calls.

    def on_message_begin(self) -> None:
        """Take a second answer for what it is: nobody's, and no reason to change the first."""
        if self._answer.status:
            self.reusable = False
            self._answer = Answer()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the one header that means something here."""
        self._head += len(name) + len(value)
        if name.lower() == b"retry-after":
            self._answer.retry_after = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Note the final status; an interim one (1xx) is passed by, with what it said."""
        status = self._parser.get_status_code()
        if self._head > HEAD_BYTES:
            self._end(AnswerMalformed("too long a head"))
        elif status >= 200:
            self._answer.status = status
        else:
            self._answer.retry_after = None

    def on_body(self, part: bytes) -> None:
        """Keep the beginning."""
        body = self._answer.body
        body += part[: ANSWER_BYTES - len(body)]
        if len(body) >= ANSWER_BYTES:
            self._end(None)

    def on_message_complete(self) -> None:
        """Hand the answer over, and keep the connection if both sides may.

        Not one on which the request is still being written: an answer may come early.
        """
        if self._answer.status and self._done is not None and not self._done.done():
            sent = self._transport is not None and not self._transport.get_write_buffer_size()
            self.reusable = sent and self._parser.should_keep_alive()
            self._done.set_result(self._answer)

    def _look_at_deadline(self) -> None:
        self._timer = None
        if self._done is None:
            return
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._look_at_deadline)
        else:
            self._end(TimeoutError("no answer in time"))

    def _end(self, error: Exception | None) -> None:
        """Finish before the answer's end: its status counts if it came, else there is an error."""
        if self._done is None or self._done.done():
            return
        if self._answer.status or error is None:
            self._done.set_result(self._answer)
        else:
            self._done.set_exception(error)
