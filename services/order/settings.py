"""The order service's settings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.settings import ServiceSettings


class OrderSettings(ServiceSettings):
    """What every service has, and how payments are taken."""

    payment_provider: Literal["sandbox"] = "sandbox"
    """`sandbox` takes no money, and has routes of its own to play the payer."""

    payment_provider_seconds: float = Field(default=10, gt=0, le=60)
    """How long one call to the provider may take."""

    payment_first_look_seconds: float = Field(default=2, gt=0, le=60)
    """How long the request that began a payment has it to itself."""

    payment_patience_seconds: float = Field(default=1800, gt=0, le=86_400)
    """How long a payer may take to act before a payment is given up."""

    sandbox_late_seconds: float = Field(default=3, ge=0, le=3600)
    """How long the sandbox takes to settle `tok_late_success`."""

    default_currency: str = Field(default="AUD", pattern=r"^[A-Z]{3}$")
    """ISO 4217, of a deal that names none."""
