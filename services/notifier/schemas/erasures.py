"""Erasures: what is asked of them, and how they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.notifier.domain.erasure import Erasure, ErasureStatus
from shared.inputs import Body, Email, Phone

CustomerId = Annotated[
    str,
    StringConstraints(pattern=r"^cus_[0-7][0-9a-hjkmnp-tv-z]{25}$"),
    Field(description="A customer's id", examples=["cus_01kd2m4w7me6sqf8t3v5x2y9za"]),
]
"""Of no other form: a short word, looked for in every text, would be in everybody's."""


class ErasureInput(Body):
    """Whom to erase, by all that is known of them."""

    customer: CustomerId | None = None
    email: Email | None = None
    phone: Phone | None = None

    @model_validator(mode="after")
    def _names_somebody(self) -> ErasureInput:
        if not self.keys():
            raise PydanticCustomError("nobody", "Give a customer, an email or a phone.")
        return self

    def keys(self) -> tuple[str, ...]:
        """List what is given."""
        return tuple(key for key in (self.customer, self.email, self.phone) if key)


class ErasedOut(BaseModel):
    """How many rows something personal was taken out of."""

    model_config = ConfigDict(from_attributes=True)

    messages: int
    deliveries: int
    attempts: int
    emails: int
    texts: int
    replays: int
    parked: int


class ErasureOut(BaseModel):
    """The record of an erasure; of whom, only a hash of what they were known by.

    The last of its `passes` through every event found nothing. `digest` is a chain of SHA-256 over
    what was erased. `keys_hash` is scrypt (N 2^14, r 8, p 1, 32 bytes, in hex) of what was given,
    in lower case, sorted, a line for each; its salt is `id`.
    """

    model_config = ConfigDict(from_attributes=True)

    id: str
    status: ErasureStatus
    requested_by: str
    keys_hash: str
    passes: int
    erased: ErasedOut
    digest: str
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, erasure: Erasure) -> ErasureOut:
        """Show the record of one."""
        return cls.model_validate(erasure)
