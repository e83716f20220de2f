"""The booking service's settings."""

from __future__ import annotations

from pydantic import Field

from shared.settings import ServiceSettings


class BookingSettings(ServiceSettings):
    """What every service has, and how long a hold holds; the rest is each workshop's to set."""

    hold_seconds: int = Field(default=600, ge=30, le=3600)
