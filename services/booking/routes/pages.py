"""A page of any kind as an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from pydantic import BaseModel

from shared.pages import Page, next_cursor


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


ITEM = TypeVar("ITEM", bound=_Identified)
SHOWN = TypeVar("SHOWN", bound=BaseModel)


def shown(found: Sequence[ITEM], show: Callable[[ITEM], SHOWN], limit: int) -> Page[SHOWN]:
    """Show a page of the `limit + 1` things that were asked for."""
    return Page(
        data=[show(each) for each in found[:limit]],
        next_cursor=next_cursor([each.id for each in found], limit),
    )
