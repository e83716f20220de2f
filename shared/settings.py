"""The settings that every service has; each service adds its own and reads them once, in `main`."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.database_urls import dsn

SEALING_KEY_BYTES = 32


def _is_a_database(url: SecretStr) -> SecretStr:
    dsn(url.get_secret_value())
    return url


def _is_an_origin(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/")):
        raise ValueError("not an origin such as https://roadworthy.example")
    return url.rstrip("/")


def _are_keys(written: SecretStr) -> SecretStr:
    try:
        keys = [b64decode(key, validate=True) for key in written.get_secret_value().split(",")]
    except binascii.Error:
        keys = [b""]
    if any(len(key) != SEALING_KEY_BYTES for key in keys):
        raise ValueError(
            f"not {SEALING_KEY_BYTES} bytes in base64, as `openssl rand -base64 32` gives"
        )
    return written


SealingKeys = Annotated[SecretStr, AfterValidator(_are_keys)]
"""One key, or several with commas between: the first seals, each opens."""


class ServiceSettings(BaseSettings):
    """Read from the environment (`DATABASE_URL`, …); `.env.example` documents each."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    database_url: Annotated[SecretStr, AfterValidator(_is_a_database)]
    """`postgresql://role:password@host:port/database`, with `?sslmode=…` where it is wanted."""

    database_pool_size: int = Field(default=8, ge=2, le=100)

    kafka_bootstrap_servers: str = "127.0.0.1:9092"

    kafka_topic_prefix: str = ""
    """Put before every topic and group, so that several installations can share one cluster."""

    kafka_partitions: int = Field(default=12, ge=1, le=1000)

    kafka_replication_factor: int = Field(default=1, ge=1, le=9)

    kafka_embedded: bool = False
    """The embedded broker needs short waits and no idempotent producer (decision 6)."""

    kafka_tls: bool = False

    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"

    kafka_username: str | None = None

    kafka_password: SecretStr = SecretStr("")

    auth_issuer: str = "https://roadworthy.dev"

    auth_audience: str = "roadworthy"

    jwks_url: str = "http://127.0.0.1:8000/.well-known/jwks.json"
    """Where the keys are that sign access tokens, unless they are handed over directly."""

    public_url: Annotated[str, AfterValidator(_is_an_origin)] = "http://127.0.0.1:8000"
    """What a customer's browser and a partner's client see as the origin; empty: none in links."""

    sandbox_clock: bool = False
    """Whether an operator may put business time forward; never where work is real (decision 17)."""

    retention_days: int = Field(default=30, ge=1, le=3650)
    """How long events stay in the log, and what was received in the inbox."""
