"""Text messages: a port, and what is behind it."""

from __future__ import annotations

from typing import Protocol

import aiohttp
import structlog

ANSWER_SECONDS = 15.0
ANSWER_BYTES = 20_000

log = structlog.get_logger(__name__)


class TextRefused(Exception):
    """A text message wasn't taken; `final` says that it never will be."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


class Texts(Protocol):
    """Whoever takes text messages."""

    async def send(self, to: str, words: str) -> None:
        """Hand one in; raises TextRefused or OSError."""
        ...


class NoTexts:
    """Nobody takes any: what a partner asks for waits for an operator's choice."""

    async def send(self, to: str, words: str) -> None:
        """Refuse it for good."""
        raise TextRefused("no-provider: set SMS_PROVIDER", final=True)


class LoggedTexts:
    """Writes them to the log, number and all: for a machine of one's own."""

    async def send(self, to: str, words: str) -> None:
        """Write one down."""
        log.info("text.sent", to=to, words=words)


class TwilioTexts:
    """Twilio's Messages resource, and whatever speaks like it.

    Source: https://www.twilio.com/docs/messaging/api/message-resource
    """

    def __init__(self, url: str, account: str, token: str, sender: str) -> None:
        self._url = f"{url.rstrip('/')}/2010-04-01/Accounts/{account}/Messages.json"
        self._login = {"Authorization": aiohttp.encode_basic_auth(account, token)}
        self._sender = sender

    async def send(self, to: str, words: str) -> None:
        """Hand one in: a 4xx but 429 is final, as the same would be refused again."""
        form = {"To": to, "From": self._sender, "Body": words}
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=self._login) as session,
                session.post(self._url, data=form, allow_redirects=False) as answer,
            ):
                said = (await answer.content.read(ANSWER_BYTES)).decode(errors="replace")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TextRefused(f"not-reached: {type(error).__name__}", final=False) from error
        if answer.status not in (200, 201):
            final = 400 <= answer.status < 500 and answer.status != 429
            raise TextRefused(f"answered {answer.status}: {said[:300]}", final=final)
