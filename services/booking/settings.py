"""The booking service's settings."""

from __future__ import annotations

from pydantic import Field

from shared.settings import SealingKeys, ServiceSettings


class BookingSettings(ServiceSettings):
    """What every service has, and how long a hold holds; the rest is each workshop's to set."""

    hold_seconds: int = Field(default=600, ge=30, le=3600)

    booking_links_key: SealingKeys
    """32 bytes in base64 that seal the booking page's links; a new one goes before the old, `,`."""
