"""The public keys of v1a signatures, as receivers fetch them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from services.notifier.domain.signature import public_key_written
from services.notifier.handlers.webhook_keys import PublicKey


class PublicKeyOut(BaseModel):
    """A key that may have signed what comes now; until when, if a newer one has taken over."""

    key: Annotated[str, Field(examples=["whpk_…"])]
    valid_until: datetime | None

    @classmethod
    def of(cls, key: PublicKey) -> PublicKeyOut:
        """Show a key."""
        return cls(key=public_key_written(key.key), valid_until=key.valid_until)


class PublicKeysOut(BaseModel):
    """An endpoint's keys, newest first; a delivery is good if one of them says so."""

    keys: list[PublicKeyOut]
