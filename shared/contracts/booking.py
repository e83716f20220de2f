"""What the booking service publishes on `booking.events`."""

from __future__ import annotations

from datetime import date

from shared.contracts.common import Amount, Change, Contact, Contract, Moment, Registration


class Car(Contract):
    """The customer's car; mileage in kilometres."""

    registration: Registration
    vin: str | None = None
    make: str | None = None
    model: str | None = None
    year: int | None = None
    mileage: int | None = None


class CostRange(Contract):
    """What something costs, from the lower to the higher amount."""

    low: Amount
    high: Amount


class BookedService(Contract):
    """A service asked for: from the catalog (`catalog_id`) or described by the customer."""

    catalog_id: str | None = None
    code: str | None = None
    title: str
    category: str
    description: str | None = None
    duration: str | None = None
    cost: Amount | None = None
    cost_range: CostRange | None = None


class BookedProduct(Contract):
    """A product the booking names, with its description as it was sent."""

    name: str
    description: str | None = None
    quantity: int = 1


class BookingV1(Contract):
    """The whole booking as it stands after the event, with what changed and why.

    `source` is how it came about (`api`, `page`, `link`, `walk-in`, `series`, `reminder`),
    `cancelled_by` the `customer` or the `workshop`; a workshop's reason `no-show` is that nobody
    came. `warnings` say what is odd: `odometer-rollback`, `outside-hours` of a walk-in that the
    workshop took all the same. At `manage_url` a customer moves or cancels what was booked on the
    page.
    """

    id: str
    partner_id: str
    workshop_id: str
    workshop_name: str
    workshop_time_zone: str
    external_reference: str | None = None
    status: str
    service_category: str
    services: tuple[BookedService, ...]
    drop_off_at: Moment
    ends_at: Moment
    pick_up_at: Moment | None = None
    loan_car: bool | None = None
    courtesy: bool | None = None
    bay_id: str | None = None
    technician_id: str | None = None
    loan_car_id: str | None = None
    customer: Contact
    car: Car
    notes: str | None = None
    products: tuple[BookedProduct, ...] = ()
    skip_notification: bool = False
    send_review_request: bool = True
    schedule_reminder: bool = True
    reason: str | None = None
    changes: tuple[Change, ...] = ()
    created_at: Moment
    source: str | None = None
    series_id: str | None = None
    cancelled_by: str | None = None
    customer_id: str | None = None
    reminder_id: str | None = None
    quote_id: str | None = None
    manage_url: str | None = None
    warnings: tuple[str, ...] = ()


class ReminderV1(Contract):
    """A reminder that was planned, or is due now; `code` opens the rebooking page."""

    id: str
    partner_id: str
    workshop_id: str
    workshop_name: str
    booking_id: str | None = None
    status: str
    due_at: Moment
    code: str
    customer: Contact
    car: Car | None = None
    skip_notification: bool = False
    customer_id: str | None = None
    due_kilometres: int | None = None
    rebooking_id: str | None = None


class ReviewV1(Contract):
    """A request for a review, sent once when a booking is done."""

    booking_id: str
    partner_id: str
    workshop_id: str
    workshop_name: str
    customer: Contact
    skip_notification: bool = False


class WorkshopV1(Contract):
    """A workshop as it stands after the event; `partner_id` is the account that runs it.

    `region` is the state or province in its country, ISO 3166-2 (`CA-QC`).
    `hours` are spans of local wall time by weekday: `{"mon": [["08:00", "17:00"]]}`. Other days:
    `special_days` by date, with spans of their own (none: closed), and before them `closures`,
    first and last day; those of the last 400 days, and all to come.
    """

    id: str
    partner_id: str
    name: str
    time_zone: str
    country: str
    region: str | None = None
    email: str | None = None
    phone: str | None = None
    hours: dict[str, tuple[tuple[str, str], ...]] | None = None
    special_days: dict[date, tuple[tuple[str, str], ...]] | None = None
    closures: tuple[tuple[date, date], ...] | None = None
    created_at: Moment
