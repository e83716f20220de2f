"""The booking page's routes: `/book/{workshop}` and its steps."""

from __future__ import annotations

from fastapi import APIRouter

from services.booking.routes.book import choosing, confirming, managing, moving, times
from services.booking.routes.book.desk import Desk
from shared.browsers import answer_head


def build(desk: Desk) -> APIRouter:
    """Make the booking page's routes; they are in no OpenAPI document, being for people."""
    router = APIRouter(prefix="/book/{workshop_id}", include_in_schema=False)
    for step in (choosing, times, confirming, managing, moving):
        step.add(router, desk)
    answer_head(router)
    return router
