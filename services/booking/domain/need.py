"""What a visit needs of its workshop: for how long, of what, and as what a day counts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from services.booking.domain.details import BookedService, Details, work_time
from services.booking.domain.schedule import MAX_DURATION
from services.booking.domain.workshop import Category, Kind

ANY = "any"
COURTESY = "courtesy"
_OF_CATEGORY = "category:"
_OF_SERVICE = "service:"


class TooLong(ValueError):
    """The services together take longer than a booking can."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked for: services of a category, and whether the customer stays mobile."""

    category: Category
    services: tuple[BookedService, ...] = ()
    loan_car: bool = False
    courtesy: bool = False

    @classmethod
    def of(cls, details: Details) -> Job:
        """Read it from a booking's details."""
        return cls(details.service_category, details.services, details.loan_car, details.courtesy)


@dataclass(frozen=True, slots=True)
class Need:
    """What a job needs: always a bay, for the work and the buffers around it.

    The technician, who has all the skills, is needed for as long as the bay; the loan car from
    drop-off to pick-up. `counts_as` names the limits of the day that the job is under.
    """

    duration: timedelta
    buffer_before: timedelta = timedelta()
    buffer_after: timedelta = timedelta()
    technician: bool = False
    skills: tuple[str, ...] = ()
    loan_car: bool = False
    counts_as: tuple[str, ...] = (ANY,)

    @property
    def service_ids(self) -> tuple[str, ...]:
        """List the services of the catalog."""
        return tuple(
            key.removeprefix(_OF_SERVICE) for key in self.counts_as if key.startswith(_OF_SERVICE)
        )


def needed(job: Job) -> Need:
    """Say what a job needs; raises TooLong.

    It counts under its services' categories, and its own when it has none of them.
    """
    duration = work_time(job.services)
    if duration > MAX_DURATION:
        raise TooLong("the services together take more than 24 hours")
    kinds = {kind for each in job.services for kind in each.resources}
    skills = {skill for each in job.services for skill in each.skills}
    return Need(
        duration=duration,
        buffer_before=max((each.buffer_before for each in job.services), default=timedelta()),
        buffer_after=max((each.buffer_after for each in job.services), default=timedelta()),
        technician=Kind.TECHNICIAN in kinds or bool(skills),
        skills=tuple(sorted(skills)),
        loan_car=job.loan_car or Kind.LOAN_CAR in kinds,
        counts_as=_counts_as(job, courtesy=job.courtesy or Kind.COURTESY in kinds),
    )


def of_category(category: Category) -> str:
    """Name what all work of a category counts as."""
    return f"{_OF_CATEGORY}{category}"


def of_service(service_id: str) -> str:
    """Name what all work of a service of the catalog counts as."""
    return f"{_OF_SERVICE}{service_id}"


def _counts_as(job: Job, *, courtesy: bool) -> tuple[str, ...]:
    categories = {each.category for each in job.services} or {job.category}
    services = {each.catalog_id for each in job.services if each.catalog_id}
    return (
        ANY,
        *sorted(map(of_category, categories)),
        *sorted(map(of_service, services)),
        *((COURTESY,) if courtesy else ()),
    )
