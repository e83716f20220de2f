"""What a partner asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.quote.domain.vehicle import Vehicle
from shared.money import Money

FAULT = "fault"
"""What stands for the service on a line that asks for a fault to be put right."""


class Severity(StrEnum):
    """How bad a fault is, as inspections grade it."""

    ADVISORY = "advisory"
    MINOR = "minor"
    MAJOR = "major"
    DANGEROUS = "dangerous"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that an inspection found; `code` is whoever inspected's own, or a trouble code."""

    description: str
    code: str | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that is asked for: a service, or to put a fault right."""

    service: str
    quantity: int = 1
    notes: str | None = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to tell about it."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a partner asks for."""

    vehicle: Vehicle
    items: Sequence[Asked]
    workshop_id: str | None = None
    deal_id: str | None = None
    needed_by: datetime | None = None
    external_reference: str | None = None
    contact: Contact | None = None
    pre_authorized: Money | None = None
