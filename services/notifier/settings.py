"""The notifier's settings."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic.networks import IPvAnyNetwork

from services.notifier.domain.breaker import LONGEST_PAUSE
from services.notifier.domain.endpoint import PATIENCE
from services.notifier.domain.schedule import RETRIES
from shared.settings import SealingKeys, ServiceSettings


def _has_an_address(sender: str) -> str:
    if "@" not in parseaddr(sender)[1]:
        raise ValueError("not a sender such as Roadworthy <notifications@roadworthy.example>")
    return sender


Seconds = Annotated[float, Field(gt=0, le=30 * 24 * 3600)]


class NotifierSettings(ServiceSettings):
    """Read from the environment; `.env.example` documents each."""

    webhook_secrets_key: SealingKeys
    """32 bytes in base64 that encrypt the webhook secrets; a new one goes before the old, `,`."""

    webhook_allowed_networks: tuple[IPvAnyNetwork, ...] = ()
    """Networks that webhooks may go to though they aren't public, as a JSON list of CIDRs."""

    webhook_retries: tuple[Seconds, ...] = tuple(wait.total_seconds() for wait in RETRIES)
    """Seconds to wait before each retry, as a JSON list."""

    webhook_timeout: Seconds = 15.0
    """Seconds that a receiver has to answer."""

    webhook_window: int = Field(default=4, ge=1, le=100)
    """How many deliveries to one endpoint are in flight at once; one, while it fails."""

    webhook_in_flight: int = Field(default=512, ge=1, le=10_000)
    """How many deliveries one process has in flight at once: each has a socket open."""

    webhook_lease: Seconds = 60.0
    """Seconds after which another worker takes over the endpoints of one that was killed."""

    webhook_longest_pause: Seconds = LONGEST_PAUSE
    """Seconds between probes of an endpoint that keeps failing, at the most; a second at first."""

    webhook_patience: Seconds = PATIENCE.total_seconds()
    """Seconds that an endpoint may fail, without one success, before it is disabled."""

    webhook_secret_overlap: Seconds = 24 * 3600.0
    """Seconds that an old secret still signs after a rotation."""

    smtp_host: str = "127.0.0.1"

    smtp_port: int = Field(default=1025, ge=1, le=65_535)

    smtp_username: str | None = None

    smtp_password: SecretStr = SecretStr("")

    smtp_security: Literal["none", "opportunistic", "starttls", "tls"] = "opportunistic"
    """STARTTLS never, if it is offered, or always; or TLS from the first byte."""

    mail_per_hour: int = Field(default=20, ge=1, le=10_000)
    """How many mails one recipient gets in an hour; the others wait."""

    mail_per_account_per_hour: int = Field(default=1000, ge=1, le=20_000)
    """How many mails and texts to others go out for one account in an hour; the others wait."""

    sms_provider: Literal["none", "log", "twilio"] = "none"
    """Who takes text messages: nobody, the log, or Twilio and what speaks like it."""

    sms_url: str = "https://api.twilio.com"

    sms_account: str = ""

    sms_token: SecretStr = SecretStr("")

    sms_from: str = ""
    """The number, or the name, that text messages come from."""

    mail_from: Annotated[str, AfterValidator(_has_an_address)] = (
        "Roadworthy <notifications@roadworthy.dev>"
    )

    @model_validator(mode="after")
    def _twilio_needs_a_login(self) -> NotifierSettings:
        login = (self.sms_account, self.sms_token.get_secret_value(), self.sms_from)
        if self.sms_provider == "twilio" and not all(login):
            raise ValueError("SMS_PROVIDER=twilio needs SMS_ACCOUNT, SMS_TOKEN and SMS_FROM")
        return self

    @model_validator(mode="after")
    def _leases_outlast_sends(self) -> NotifierSettings:
        if self.webhook_lease <= self.webhook_timeout:
            raise ValueError("WEBHOOK_LEASE has to be longer than WEBHOOK_TIMEOUT")
        return self
