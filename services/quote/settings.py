"""The quote service's settings."""

from __future__ import annotations

from pydantic import Field

from shared.settings import ServiceSettings


class QuoteSettings(ServiceSettings):
    """What every service has, how long a quote holds, and in what currency it begins."""

    quote_valid_hours: float = Field(default=168, gt=0, le=8760)

    quote_working_hours: float = Field(default=8, gt=0, le=1000)
    """How many hours of work a workshop gets done a day: estimates count on it."""

    quote_currency: str = Field(default="AUD", pattern=r"^[A-Z]{3}$")
    """That of a quote of which nothing is priced yet (ISO 4217)."""
