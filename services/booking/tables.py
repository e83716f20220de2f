"""The booking service's tables."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Interval,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

from services.booking.domain import aftercare, booking, workshop

metadata = MetaData()

_moment = DateTime(timezone=True)
_OCCUPYING = f"status IN ('{booking.Status.PENDING}', '{booking.Status.PROCESSING}')"


def _one_of(column: str, values: type[booking.Status | aftercare.Status | workshop.Kind]) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


workshops = Table(
    "workshops",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("hours", JSONB, nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("slot_minutes", SmallInteger, CheckConstraint("slot_minutes > 0"), nullable=False),
    Column("aftercare", JSONB, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("created_at", _moment, nullable=False),
    Index("workshops_of_account", "partner_id", "id"),
)

resources = Table(
    "resources",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workshop_id", ForeignKey("workshops.id"), nullable=False),
    Column("kind", Text, CheckConstraint(_one_of("kind", workshop.Kind)), nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", _moment, nullable=False),
    Index("resources_of_workshop", "workshop_id", "kind", "id"),
)

catalog = Table(
    "catalog",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workshop_id", ForeignKey("workshops.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("duration", Interval, nullable=False),
    Column("cost", JSONB),
    Column("icon", Text),
    Column("colour", Text),
    Column("created_at", _moment, nullable=False),
    UniqueConstraint("workshop_id", "code", name="catalog_code"),
)

closures = Table(
    "closures",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workshop_id", ForeignKey("workshops.id"), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("reason", Text),
    CheckConstraint("first_day <= last_day"),
    Index("closures_of_workshop", "workshop_id", "last_day"),
)

bookings = Table(
    "bookings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("workshop_id", ForeignKey("workshops.id"), nullable=False),
    Column("bay_id", ForeignKey("resources.id"), nullable=False),
    Column("status", Text, CheckConstraint(_one_of("status", booking.Status)), nullable=False),
    Column("drop_off_at", _moment, nullable=False),
    Column("ends_at", _moment, nullable=False),
    Column("during", TSTZRANGE, Computed("tstzrange(drop_off_at, ends_at)"), nullable=False),
    Column("external_reference", Text),
    Column("service_category", Text, nullable=False),
    Column("services", JSONB, nullable=False),
    Column("customer", JSONB, nullable=False),
    Column("car", JSONB, nullable=False),
    Column("notes", Text),
    Column("products", JSONB, nullable=False),
    Column("skip_notification", Boolean, nullable=False),
    Column("send_review_request", Boolean, nullable=False),
    Column("schedule_reminder", Boolean, nullable=False),
    Column("reason", Text),
    Column("sequence", BigInteger, nullable=False),
    Column("created_at", _moment, nullable=False),
    # What makes a double booking impossible, whatever the code above it does.
    ExcludeConstraint(
        ("bay_id", "="), ("during", "&&"), name="bookings_one_at_a_time", where=_OCCUPYING
    ),
    Index("bookings_of_partner", "partner_id", "id"),
    Index("bookings_of_workshop", "workshop_id", "id"),
)
Index(
    "bookings_reference",
    bookings.c.partner_id,
    bookings.c.external_reference,
    unique=True,
    postgresql_where=bookings.c.external_reference.is_not(None),
)
Index(
    "bookings_in_the_way",
    bookings.c.bay_id,
    func.upper(bookings.c.during),
    postgresql_where=bookings.c.status.in_([booking.Status.PENDING, booking.Status.PROCESSING]),
)

reminders = Table(
    "reminders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("workshop_id", ForeignKey("workshops.id"), nullable=False),
    Column("booking_id", ForeignKey("bookings.id"), unique=True),
    Column("status", Text, CheckConstraint(_one_of("status", aftercare.Status)), nullable=False),
    Column("due_at", _moment, nullable=False),
    Column("code", Text, nullable=False, unique=True),
    Column("customer", JSONB, nullable=False),
    Column("car", JSONB),
    Column("skip_notification", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("created_at", _moment, nullable=False),
)
Index(
    "reminders_scheduled",
    reminders.c.due_at,
    postgresql_where=reminders.c.status == aftercare.Status.SCHEDULED,
)
