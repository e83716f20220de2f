"""Where the contents of attachments are: a folder, or a bucket of any S3-like store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import cached_property
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

ASK_SECONDS = 30
RETRIES = 3
CHUNK_BYTES = 65_536


class ShelfUnavailable(ConnectionError):
    """The store doesn't take or give anything now."""


class Shelf:
    """A store by its URL (`file:///…`, `s3://bucket/prefix`); a bucket's keys come from `AWS_*`."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def _store(self) -> ObjectStore:
        if self._url.startswith("file:"):
            return from_url(self._url, mkdir=True)
        retries: Any = {"max_retries": RETRIES, "retry_timeout": timedelta(seconds=ASK_SECONDS)}
        timeout: Any = {"timeout": timedelta(seconds=ASK_SECONDS), "allow_http": True}
        return from_url(self._url, client_options=timeout, retry_config=retries)

    async def put(self, key: str, content: AsyncIterator[bytes]) -> None:
        """Store a content, wholly or not at all; what the iterator raises comes through."""
        try:
            await obstore.put_async(self._store, key, content, chunk_size=5 * 1024 * 1024)
        except (BaseError, OSError) as error:
            raise ShelfUnavailable(type(error).__name__) from error

    async def get(self, key: str) -> AsyncIterator[bytes]:
        """Open a content; raises FileNotFoundError or ShelfUnavailable before the first byte."""
        try:
            found = await obstore.get_async(self._store, key)
        except FileNotFoundError:
            raise
        except (BaseError, OSError) as error:
            raise ShelfUnavailable(type(error).__name__) from error
        return (bytes(chunk) async for chunk in found.stream(min_chunk_size=CHUNK_BYTES))

    async def remove(self, key: str) -> None:
        """Take a content off; one that isn't there is fine."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise ShelfUnavailable(type(error).__name__) from error
