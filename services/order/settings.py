"""The order service's settings."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from shared.settings import ServiceSettings


class OrderSettings(ServiceSettings):
    """What every service has, and how payments are taken."""

    payment_provider: Literal["sandbox", "stripe"] = "sandbox"
    """`sandbox` takes no money, and has routes of its own to play the payer."""

    stripe_secret_key: SecretStr = SecretStr("")

    stripe_webhook_secret: SecretStr = SecretStr("")
    """Signs what Stripe sends to `/v1/payment-notices/stripe`."""

    stripe_url: str = "https://api.stripe.com"

    payment_provider_seconds: float = Field(default=10, gt=0, le=60)
    """How long one call to the provider may take."""

    payment_first_look_seconds: float = Field(default=2, gt=0, le=60)
    """How long the request that began a payment has it to itself."""

    payment_patience_seconds: float = Field(default=1800, gt=0, le=86_400)
    """How long a payer may take to act before a payment is given up."""

    sandbox_late_seconds: float = Field(default=3, ge=0, le=3600)
    """How long the sandbox takes to settle `tok_late_success`."""

    attachments_url: str = Field(
        default="file:///var/lib/roadworthy/attachments", pattern=r"^(file|s3)://"
    )
    """A folder (`file://`) or a bucket (`s3://bucket/prefix`, with `AWS_*` for its keys)."""

    attachment_max_bytes: int = Field(default=10_485_760, ge=1024, le=104_857_600)

    attachments_per_order: int = Field(default=50, ge=1, le=1000)

    default_currency: str = Field(default="AUD", pattern=r"^[A-Z]{3}$")
    """ISO 4217, of a deal that names none."""

    @model_validator(mode="after")
    def _stripe_is_whole(self) -> Self:
        secrets = (self.stripe_secret_key, self.stripe_webhook_secret)
        if self.payment_provider == "stripe" and not all(map(len, secrets)):
            raise ValueError(
                "PAYMENT_PROVIDER=stripe: set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET"
            )
        return self
