"""The settings of services that run on one machine, on the embedded parts."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from roadworthy.composition import settings_of
from roadworthy.embedded.data import write_private
from roadworthy.status import Addresses
from shared.settings import ServiceSettings

LOOPBACK_NETWORKS = ("127.0.0.0/8", "::1/128")
EMBEDDED_PARTITIONS = 3
"""One process shares them with nobody, and asks for each 66 times a second (decision 6)."""


def local_settings(
    name: str, addresses: Addresses, data: Path, *, embedded_broker: bool
) -> ServiceSettings:
    """Put a service on the embedded parts; webhooks may go to this machine."""
    fixed: dict[str, Any] = {
        "database_url": addresses.databases[name],
        "kafka_bootstrap_servers": addresses.kafka,
        "kafka_embedded": embedded_broker,
        "jwks_url": f"{addresses.http}/.well-known/jwks.json",
    }
    usual: dict[str, Any] = {"public_url": addresses.http, "sandbox_clock": True}
    if embedded_broker:
        usual["kafka_partitions"] = EMBEDDED_PARTITIONS
    if name == "order":
        usual["attachments_url"] = (data / "attachments").resolve().as_uri()
    if name == "partner":
        usual["signing_keys_password"] = _secrets(data)["signing_keys_password"]
    if name == "booking":
        usual["booking_links_key"] = _secrets(data)["booking_links_key"]
    if name == "notifier":
        host, _, port = addresses.smtp.partition(":")
        fixed |= {"smtp_host": host, "smtp_port": int(port), "smtp_security": "none"}
        usual |= {
            "webhook_secrets_key": _secrets(data)["webhook_secrets_key"],
            "webhook_allowed_networks": LOOPBACK_NETWORKS,
        }
    return settings_of(name, fixed=fixed, usual=usual)


def _secrets(data: Path) -> dict[str, str]:
    """Return this installation's own secrets, each drawn at the first start that needs it."""
    file = data / "secrets.json"
    drawn: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    new = {name: draw() for name, draw in _DRAWN.items() if name not in drawn}
    if new:
        drawn |= new
        write_private(file, drawn)
    return drawn


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


_DRAWN: dict[str, Callable[[], str]] = {
    "webhook_secrets_key": _key,
    "booking_links_key": _key,
    "signing_keys_password": lambda: secrets.token_urlsafe(32),
}
