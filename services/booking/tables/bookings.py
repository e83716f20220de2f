"""Bookings, and the holds that may become some."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    and_,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, ExcludeConstraint

from services.booking.domain import booking, hold
from services.booking.tables.base import MOMENT, is_one_of, metadata

_OCCUPYING = (hold.Status.HELD, booking.Status.PENDING, booking.Status.PROCESSING)
_COUNTED = (*_OCCUPYING, booking.Status.DONE)
_STATUSES = (*booking.Status, hold.Status.HELD, hold.Status.RELEASED, hold.Status.EXPIRED)


def _among(statuses: Iterable[StrEnum]) -> str:
    listed = ", ".join(f"'{each}'" for each in statuses)
    return f"status IN ({listed})"


bookings = Table(
    "bookings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("workshop_id", ForeignKey("workshops.id"), nullable=False),
    Column("bay_id", ForeignKey("resources.id"), nullable=False),
    Column("technician_id", ForeignKey("resources.id")),
    Column("loan_car_id", ForeignKey("resources.id")),
    Column("status", Text, CheckConstraint(_among(_STATUSES)), nullable=False),
    Column("drop_off_at", MOMENT, nullable=False),
    Column("ends_at", MOMENT, nullable=False),
    Column("pick_up_at", MOMENT, nullable=False),
    Column("kept_from", MOMENT, nullable=False),
    Column("kept_until", MOMENT, nullable=False),
    Column("during", TSTZRANGE, Computed("tstzrange(kept_from, kept_until)"), nullable=False),
    Column("lent", TSTZRANGE, Computed("tstzrange(drop_off_at, pick_up_at)"), nullable=False),
    Column("day", Date, nullable=False),
    Column("counts_as", ARRAY(Text), nullable=False),
    Column("external_reference", Text),
    Column("service_category", Text, nullable=False),
    Column("services", JSONB, nullable=False),
    Column("customer", JSONB),
    Column("car", JSONB),
    Column("notes", Text),
    Column("products", JSONB, nullable=False),
    Column("loan_car", Boolean, nullable=False),
    Column("courtesy", Boolean, nullable=False),
    Column("skip_notification", Boolean, nullable=False),
    Column("send_review_request", Boolean, nullable=False),
    Column("schedule_reminder", Boolean, nullable=False),
    Column("reason", Text),
    Column("sequence", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("changed_at", MOMENT, server_default=func.now(), onupdate=func.now(), nullable=False),
    Column("source", Text, is_one_of("source", booking.Source), nullable=False),
    Column("series_id", ForeignKey("booking_series.id")),
    Column("cancelled_by", Text, is_one_of("cancelled_by", booking.Party)),
    Column("customer_id", ForeignKey("customers.id")),
    Column("reminder_id", Text),
    Column("quote_id", Text),
    Column("manage_url", Text),
    Column("warnings", ARRAY(Text), nullable=False),
    Column("done_at", MOMENT),
    Column("hold_id", Text, unique=True),
    Column("hold_expires_at", MOMENT),
    Column("held_by_visitor", LargeBinary),
    CheckConstraint(
        f"NOT {_among(booking.Status)} OR (customer IS NOT NULL AND car IS NOT NULL)",
        name="bookings_have_a_customer",
    ),
    # What makes a double booking impossible, whatever the code above it does.
    ExcludeConstraint(
        ("bay_id", "="), ("during", "&&"), name="bookings_one_at_a_time", where=_among(_OCCUPYING)
    ),
    ExcludeConstraint(
        ("technician_id", "="),
        ("during", "&&"),
        name="technicians_one_at_a_time",
        where=f"technician_id IS NOT NULL AND {_among(_OCCUPYING)}",
    ),
    ExcludeConstraint(
        ("loan_car_id", "="),
        ("lent", "&&"),
        name="loan_cars_one_at_a_time",
        where=f"loan_car_id IS NOT NULL AND {_among(_OCCUPYING)}",
    ),
    Index("bookings_of_partner", "partner_id", "id"),
    Index("bookings_of_workshop", "workshop_id", "id"),
    Index("bookings_of_partner_by_time", "partner_id", "drop_off_at"),
    Index("bookings_of_workshop_by_time", "workshop_id", "drop_off_at"),
    Index("bookings_of_series", "series_id"),
    Index("bookings_of_customer", "customer_id", "drop_off_at"),
    Index("bookings_vin", text("(car #>> '{vin}')"), "partner_id", "id"),
    Index("bookings_plate", text("(car #>> '{registration,plate}')"), "partner_id", "id"),
)
Index(
    "bookings_reference",
    bookings.c.partner_id,
    bookings.c.external_reference,
    unique=True,
    postgresql_where=bookings.c.external_reference.is_not(None),
)
Index(
    "bookings_of_quote",
    bookings.c.quote_id,
    unique=True,
    postgresql_where=and_(
        bookings.c.quote_id.is_not(None), bookings.c.status != booking.Status.CANCELLED
    ),
)
Index(
    "bookings_in_the_way",
    bookings.c.bay_id,
    func.upper(bookings.c.during),
    postgresql_where=bookings.c.status.in_(_OCCUPYING),
)
Index(
    "technicians_in_the_way",
    bookings.c.technician_id,
    func.upper(bookings.c.during),
    postgresql_where=and_(bookings.c.technician_id.is_not(None), bookings.c.status.in_(_OCCUPYING)),
)
Index(
    "loan_cars_in_the_way",
    bookings.c.loan_car_id,
    func.upper(bookings.c.lent),
    postgresql_where=and_(bookings.c.loan_car_id.is_not(None), bookings.c.status.in_(_OCCUPYING)),
)
Index(
    "bookings_of_day",
    bookings.c.workshop_id,
    bookings.c.day,
    postgresql_where=bookings.c.status.in_(_COUNTED),
)
Index(
    "bookings_cancelled",
    bookings.c.workshop_id,
    bookings.c.day,
    postgresql_where=bookings.c.status == booking.Status.CANCELLED,
)
Index(
    "bookings_held",
    bookings.c.hold_expires_at,
    postgresql_where=bookings.c.status == hold.Status.HELD,
)
Index(
    "bookings_ended",
    bookings.c.hold_expires_at,
    postgresql_where=bookings.c.status.in_([hold.Status.RELEASED, hold.Status.EXPIRED]),
)
