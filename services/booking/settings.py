"""The booking service's settings."""

from __future__ import annotations

from shared.settings import ServiceSettings


class BookingSettings(ServiceSettings):
    """What every service has: a workshop's own settings are the workshop's to change."""
