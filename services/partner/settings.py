"""The partner service's settings."""

from __future__ import annotations

from pydantic import Field, SecretStr

from shared.settings import ServiceSettings


class PartnerSettings(ServiceSettings):
    """What every service has, how long tokens live, and what their keys are kept under."""

    signing_keys_password: SecretStr = Field(min_length=16)
    """Encrypts the signing keys in the database."""

    access_token_seconds: int = Field(default=3600, ge=60, le=43_200)

    refresh_token_days: int = Field(default=30, ge=1, le=365)
