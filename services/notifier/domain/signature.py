"""Standard Webhooks signatures, over `id.timestamp.body`: HMAC-SHA256 (`v1`), ed25519 (`v1a`).

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Callable, Iterable
from datetime import datetime

SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105 - what secrets begin with, not a secret
PUBLIC_KEY_PREFIX = "whpk_"


def written(secret: bytes) -> str:
    """Write a secret as its owner is shown it."""
    return SECRET_PREFIX + b64encode(secret).decode()


def public_key_written(key: bytes) -> str:
    """Write an ed25519 public key as receivers of `v1a` signatures need it."""
    return PUBLIC_KEY_PREFIX + b64encode(key).decode()


def signed_headers(
    event_id: str,
    sent_at: datetime,
    body: bytes,
    secrets: Iterable[bytes],
    keys: Iterable[Callable[[bytes], bytes]] = (),
) -> dict[str, str]:
    """Make the three headers of one attempt, signed with all that is still valid.

    `keys` are what signs with ed25519: `v1a`, beside the secrets' `v1`.
    """
    timestamp = str(int(sent_at.timestamp()))
    content = f"{event_id}.{timestamp}.".encode() + body
    signed = [b"v1," + b64encode(hmac.digest(each, content, "sha256")) for each in secrets]
    signed += [b"v1a," + b64encode(sign(content)) for sign in keys]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": b" ".join(signed).decode(),
    }
