"""Signs what goes to one endpoint: what is sealed is opened once, not for each delivery."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.notifier.domain.signature import signed_headers
from services.notifier.domain.terms import SignatureKind
from services.notifier.repository.destinations import Destination
from services.notifier.sealing import SecretBox


class Signer:
    """Has the newest secret and key, and the former ones for as long as they are valid."""

    def __init__(self, destination: Destination, box: SecretBox) -> None:
        """Open what is sealed; raises SecretUnreadable."""
        sealed, endpoint_id = destination.secrets, destination.endpoint_id
        asymmetric = destination.terms.signature is SignatureKind.V1A

        def secret(encrypted: bytes | None) -> list[bytes]:
            return [] if encrypted is None else [box.open(encrypted, endpoint_id)]

        def key(encrypted: bytes | None) -> list[Callable[[bytes], bytes]]:
            opened = secret(encrypted) if asymmetric else []
            return [Ed25519PrivateKey.from_private_bytes(seed).sign for seed in opened]

        self._secrets, self._keys = secret(sealed.secret), key(sealed.signing_key)
        self._former_secrets = secret(sealed.former_secret)
        self._former_keys = key(sealed.former_signing_key)
        wished = destination.headers
        self._same = box.open_headers(wished, endpoint_id) if wished else {}
        self._same |= {"content-type": "application/json"}
        self._former_until = sealed.former_secret_until

    def headers(
        self, event_id: str, body: bytes, *, sent_at: datetime, now: datetime
    ) -> dict[str, str]:
        """Make all headers; `sent_at` is by the receivers' clocks, `now` by our own."""
        secrets, keys = self._secrets, self._keys
        if self._former_until is not None and now < self._former_until:
            secrets, keys = secrets + self._former_secrets, keys + self._former_keys
        return self._same | signed_headers(event_id, sent_at, body, secrets, keys)
