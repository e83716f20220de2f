"""The quote service's settings."""

from __future__ import annotations

from pydantic import Field

from shared.settings import ServiceSettings


class QuoteSettings(ServiceSettings):
    """What every service has, and how long a quote holds."""

    quote_valid_hours: float = Field(default=168, gt=0, le=8760)
