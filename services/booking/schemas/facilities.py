"""A workshop's resources."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.booking.domain.workshop import Facility, Kind, NotOfThisKind, Resource
from services.booking.schemas.values import FewADay, NotEditable, NotNull, Skills
from shared.inputs import Body, Line

_NOMINAL = {kind: 1 if kind is Kind.COURTESY else None for kind in Kind}
"""A capacity that is right for each kind, to see whether something else is wrong."""


class ResourceInput(Body):
    """Something that the workshop has a limited number of; `capacity` is courtesy's, a day."""

    kind: Kind
    name: Annotated[Line, Field(examples=["One"])]
    skills: Annotated[Skills, Field(description="A technician's alone")] = ()
    capacity: Annotated[FewADay | None, Field(validate_default=True)] = None

    @field_validator("skills", "capacity")
    @classmethod
    def _of_its_kind(cls, value: Any, info: ValidationInfo) -> Any:
        if kind := info.data.get("kind"):
            try:
                Facility(kind, "", **{"capacity": _NOMINAL[kind]} | {str(info.field_name): value})
            except NotOfThisKind as wrong:
                why = {"why": str(wrong)}
                raise PydanticCustomError("not-of-this-kind", "{why}", why) from None
        return value

    def facility(self) -> Facility:
        """Read it as the domain knows it."""
        return Facility(self.kind, self.name, self.skills, self.capacity)


class ResourceChange(Body):
    """What shall be different; what is out of service is given to no new booking."""

    name: Annotated[Line | None, NotNull] = None
    skills: Annotated[Skills | None, NotNull] = None
    capacity: Annotated[FewADay | None, NotNull] = None
    in_service: Annotated[bool | None, NotNull] = None
    kind: NotEditable = None

    def applied_to(self, facility: Facility) -> Facility:
        """Change a resource; raises NotOfThisKind."""
        return replace(facility, **{name: getattr(self, name) for name in self.model_fields_set})


class ResourceOut(BaseModel):
    """A bay, a technician or a loan car, or some courtesy."""

    id: str
    workshop_id: str
    kind: Kind
    name: str
    skills: list[str]
    capacity: int | None
    in_service: bool
    created_at: datetime

    @classmethod
    def of(cls, resource: Resource) -> ResourceOut:
        """Show a resource."""
        facility = resource.facility
        return cls(
            id=resource.id,
            workshop_id=resource.workshop_id,
            kind=facility.kind,
            name=facility.name,
            skills=list(facility.skills),
            capacity=facility.capacity,
            in_service=facility.in_service,
            created_at=resource.created_at,
        )
