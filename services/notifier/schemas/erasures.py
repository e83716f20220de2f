"""Erasures: what is asked of them, and how they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.notifier.domain.erasure import Erasure, ErasureStatus
from services.notifier.schemas.values import Reference
from shared.inputs import Body, Email, Phone


class ErasureInput(Body):
    """Whom to erase, by all that is known of them."""

    customer: Annotated[Reference | None, Field(description="A customer's id")] = None
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
    what was erased.
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
