"""What a quote's line is asked for by: a service, or a fault."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.quote.domain.request import FAULT, Asked, Fault, Severity
from services.quote.schemas.values import ServiceCode
from shared.inputs import Body, Line, Paragraph


class FaultInput(Body):
    """What an inspection found; `code` is the inspection's own, or a trouble code (P0301)."""

    description: Annotated[Line, Field(examples=["Oil leaks at the sump"])]
    code: Annotated[Line, Field(max_length=64)] | None = None
    severity: Severity | None = None

    def fault(self) -> Fault:
        """Read it as the domain knows it."""
        return Fault(self.description, self.code, self.severity)


class ItemInput(Body):
    """A service from the rate card or, in its place, a fault to be put right."""

    fault: FaultInput | None = None
    service: Annotated[ServiceCode | None, Field(validate_default=True, examples=["detailing"])] = (
        None
    )
    quantity: Annotated[int, Field(ge=1, le=100)] = 1
    notes: Paragraph | None = None

    @field_validator("service")
    @classmethod
    def _one_of_the_two(cls, service: str | None, info: ValidationInfo) -> str | None:
        fault = info.data.get("fault")
        if "fault" in info.data and not fault and service is None:
            raise PydanticCustomError("missing", "Name a service, or give a fault.")
        if fault and service is not None:
            raise PydanticCustomError("not-both", "Name a service or give a fault, not both.")
        return service

    def asked(self) -> Asked:
        """Read it as the domain knows it."""
        fault = self.fault.fault() if self.fault else None
        return Asked(self.service or FAULT, self.quantity, self.notes, fault)
