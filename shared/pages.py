"""Cursor pages in a total order: newest first, by id, which is made in the order of time."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

ITEM = TypeVar("ITEM")

DEFAULT_LIMIT = 20
MAX_LIMIT = 100


def _opened(cursor: str) -> str:
    try:
        opened = base64.urlsafe_b64decode(cursor.encode() + b"==").decode()
    except (binascii.Error, UnicodeError):
        opened = ""
    if not (opened and opened.isprintable()):
        raise PydanticCustomError("unknown-cursor", "Not a cursor of ours.")
    return opened


Cursor = Annotated[str, AfterValidator(_opened)]


class PageQuery(BaseModel):
    """Which page is asked for; `cursor` is the `next_cursor` of the page before.

    What it doesn't know is refused: a filter that is misspelt would list everything.
    """

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    cursor: Annotated[Cursor | None, Query(max_length=400)] = None


class Page(BaseModel, Generic[ITEM]):
    """A page of a list; there is more while `next_cursor` isn't null."""

    data: list[ITEM]
    next_cursor: str | None


def next_cursor(ids: Sequence[str], limit: int) -> str | None:
    """Make the cursor after a page, given the ids of `limit + 1` rows that were asked for."""
    if len(ids) <= limit:
        return None
    return cursor_after(ids[limit - 1])


def cursor_after(last_id: str) -> str:
    """Make the cursor after the last row of a page."""
    return base64.urlsafe_b64encode(last_id.encode()).decode().rstrip("=")
