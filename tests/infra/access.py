"""Access tokens for tests, signed as the partner service does, by a key of the test's own."""

from __future__ import annotations

import time

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.ids import new_id

MONTH_SECONDS = 30 * 24 * 3600  # tests put clocks forward


class SigningKeys:
    """A key source whose tokens a test can make at will."""

    def __init__(self) -> None:
        self._key = ECKey.generate_key("P-256", {"kid": "test"}, auto_kid=False)

    async def keys(self, *, unknown: bool = False) -> KeySet:
        return KeySet([self._key])

    def token(
        self,
        *scopes: str,
        partner_id: str | None = None,
        lifetime: float = MONTH_SECONDS,
        issuer: str = "https://roadworthy.dev",
    ) -> str:
        claims = {
            "iss": issuer,
            "aud": "roadworthy",
            "sub": new_id("cli"),
            "partner_id": partner_id or new_id("par"),
            "scope": " ".join(scopes),
            "iat": int(time.time()),
            "exp": int(time.time() + lifetime),
        }
        return jwt.encode({"alg": "ES256", "kid": "test"}, claims, self._key)

    def headers(
        self, *scopes: str, partner_id: str | None = None, lifetime: float = MONTH_SECONDS
    ) -> dict[str, str]:
        """Make the header of a caller with these scopes."""
        token = self.token(*scopes, partner_id=partner_id, lifetime=lifetime)
        return {"Authorization": f"Bearer {token}"}
