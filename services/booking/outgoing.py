"""A booking as it is published: on the topic, in the webhook, and by `GET`, one shape for all."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.booking.domain.aftercare import Reminder, ReminderEvent, ReviewRequested
from services.booking.domain.booking import Booking, BookingEvent
from services.booking.domain.details import BookedService, Car, Change, Customer
from services.booking.domain.hours import Span
from services.booking.domain.workshop import Cost, WorkshopEvent
from shared.contracts import BookingV1, ClockV1, ReminderV1, ReviewV1, WorkshopV1, common
from shared.contracts import booking as contract
from shared.events import Outgoing
from shared.money import Money

Event = BookingEvent | ReviewRequested | ReminderEvent | WorkshopEvent


def published(event: Event) -> Outgoing:
    """Put an event into its contract; a review's request is numbered with its booking's events."""
    match event:
        case BookingEvent(announcement, booking, changes):
            data = snapshot(booking, changes)
            return Outgoing(announcement, booking.id, booking.partner_id, booking.sequence, data)
        case ReviewRequested(booking):
            return Outgoing(
                "review.requested",
                booking.id,
                booking.partner_id,
                booking.sequence,
                _review(booking),
            )
        case ReminderEvent(announcement, reminder):
            return Outgoing(
                announcement,
                reminder.id,
                reminder.partner_id,
                reminder.sequence,
                reminder_shown(reminder),
            )
        case WorkshopEvent(announcement, workshop):
            return Outgoing(
                announcement,
                workshop.id,
                workshop.partner_id,
                workshop.sequence,
                _workshop(event),
            )


def snapshot(booking: Booking, changes: tuple[Change, ...] = ()) -> BookingV1:
    """Show the whole booking."""
    details = booking.details
    return BookingV1(
        id=booking.id,
        partner_id=booking.partner_id,
        workshop_id=booking.workshop.id,
        workshop_name=booking.workshop.name,
        workshop_time_zone=booking.workshop.time_zone,
        external_reference=booking.external_reference,
        status=booking.status,
        service_category=details.service_category,
        services=tuple(service(each) for each in details.services),
        drop_off_at=booking.drop_off_at,
        ends_at=booking.ends_at,
        pick_up_at=booking.placement.pick_up_at,
        loan_car=booking.placement.loan_car_id is not None,
        courtesy=details.courtesy,
        bay_id=booking.placement.bay_id,
        technician_id=booking.placement.technician_id,
        loan_car_id=booking.placement.loan_car_id,
        customer=_contact(details.customer),
        car=_car(details.car),
        notes=details.notes,
        products=tuple(
            contract.BookedProduct.model_validate(each, from_attributes=True)
            for each in details.products
        ),
        skip_notification=booking.skip_notification,
        send_review_request=booking.send_review_request,
        schedule_reminder=booking.schedule_reminder,
        reason=booking.reason,
        source=booking.source,
        series_id=booking.series_id,
        cancelled_by=booking.cancelled_by,
        customer_id=booking.customer_id,
        reminder_id=booking.reminder_id,
        quote_id=booking.quote_id,
        manage_url=booking.manage_url,
        warnings=booking.warnings,
        changes=tuple(
            common.Change(field=each.field, before=each.before, after=each.after)
            for each in changes
        ),
        created_at=booking.created_at,
    )


def _review(booking: Booking) -> ReviewV1:
    return ReviewV1(
        booking_id=booking.id,
        partner_id=booking.partner_id,
        workshop_id=booking.workshop.id,
        workshop_name=booking.workshop.name,
        customer=_contact(booking.details.customer),
        skip_notification=booking.skip_notification,
    )


def reminder_shown(reminder: Reminder) -> ReminderV1:
    """Show a reminder."""
    return ReminderV1(
        id=reminder.id,
        partner_id=reminder.partner_id,
        workshop_id=reminder.workshop.id,
        workshop_name=reminder.workshop.name,
        booking_id=reminder.booking_id,
        status=reminder.status,
        due_at=reminder.due_at,
        code=reminder.code,
        customer=_contact(reminder.customer),
        car=_car(reminder.car) if reminder.car else None,
        skip_notification=reminder.skip_notification,
        customer_id=reminder.customer_id,
        due_kilometres=reminder.due_kilometres,
        rebooking_id=reminder.rebooking_id,
    )


def _workshop(event: WorkshopEvent) -> WorkshopV1:
    workshop, profile = event.workshop, event.workshop.profile
    return WorkshopV1(
        id=workshop.id,
        partner_id=workshop.partner_id,
        name=profile.name,
        time_zone=profile.time_zone,
        country=profile.country,
        region=profile.region,
        email=profile.email,
        phone=profile.phone,
        hours={day: tuple(map(_span, spans)) for day, spans in profile.hours.items()},
        special_days={each.day: tuple(map(_span, each.spans)) for each in event.special_days},
        closures=tuple((each.first_day, each.last_day) for each in event.closures),
        created_at=workshop.created_at,
    )


def _span(span: Span) -> tuple[str, str]:
    return _wall(span.opens), _wall(span.closes)


def _wall(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def service(booked: BookedService) -> contract.BookedService:
    """Show a service as it was asked for."""
    return contract.BookedService(
        catalog_id=booked.catalog_id,
        code=booked.code,
        title=booked.title,
        category=booked.category,
        description=booked.description,
        duration=iso8601(booked.duration) if booked.duration else None,
        cost=fixed(booked.cost),
        cost_range=ranging(booked.cost),
    )


def _contact(customer: Customer) -> common.Contact:
    return common.Contact(name=customer.name, email=customer.email, phone=customer.phone)


def _car(car: Car) -> contract.Car:
    return contract.Car.model_validate(car, from_attributes=True)


def _amount(money: Money) -> common.Amount:
    return common.Amount(amount=money.amount, currency=money.currency)


def fixed(cost: Cost | None) -> common.Amount | None:
    """Show a cost that is one price."""
    return _amount(cost.low) if cost and cost.is_fixed else None


def ranging(cost: Cost | None) -> contract.CostRange | None:
    """Show a cost that is a range."""
    if cost is None or cost.is_fixed:
        return None
    return contract.CostRange(low=_amount(cost.low), high=_amount(cost.high))


def iso8601(duration: timedelta) -> str:
    """Write a duration, to the minute, as ISO 8601 does."""
    hours, minutes = divmod(int(duration.total_seconds()) // 60, 60)
    parts = f"{hours}H" * bool(hours) + f"{minutes}M" * bool(minutes or not hours)
    return f"PT{parts}"


def clock_advanced(partner_id: str, sequence: int, now: datetime, ahead: timedelta) -> Outgoing:
    """Tell of a sandbox's clock, which is one."""
    data = ClockV1(partner_id=partner_id, now=now, ahead=ahead)
    return Outgoing("clock.advanced", "clock", partner_id, sequence, data)
