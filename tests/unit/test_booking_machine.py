"""A booking's walk through its statuses, held by the table and by what a visit may send."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.booking.domain import booking as bookings
from services.booking.domain.aftercare import (
    ReminderEvent,
    ReviewRequested,
    Status,
    ask_for_review,
    fall_due,
    months_later,
    remind,
)
from services.booking.domain.booking import (
    TRANSITIONS,
    Action,
    Booking,
    BookingEvent,
    NotAllowed,
    Place,
)
from services.booking.domain.details import (
    BookedService,
    Car,
    Change,
    Customer,
    Details,
    Registration,
    work_time,
)
from services.booking.domain.placement import Placement
from services.booking.domain.workshop import Aftercare, Category

NOW = datetime(2026, 11, 30, 21, tzinfo=UTC)
DETAILS = Details(
    service_category=Category.MAINTENANCE,
    services=(BookedService("Oil change", Category.MAINTENANCE),),
    customer=Customer("Ada", email="ada@example.com"),
    car=Car(Registration("ABC123", "AU")),
)
LATER = NOW + timedelta(hours=1)
PLACEMENT = Placement(
    "res_1", None, None, NOW, LATER, LATER, NOW, LATER, NOW.date(), ("any", "category:maintenance")
)
BOOKING = Booking(
    id="bkg_1",
    partner_id="par_1",
    workshop=Place("wks_1", "par_2", "Harbour Motors", "Australia/Sydney"),
    status=bookings.Status.PENDING,
    placement=PLACEMENT,
    details=DETAILS,
    created_at=NOW,
)


class Visit(RuleBasedStateMachine):
    """Does anything at any time; the table says what must come of it."""

    @initialize(review=st.booleans(), remind=st.booleans(), workshop=st.builds(Aftercare))
    def book(self, review: bool, remind: bool, workshop: Aftercare) -> None:
        self.aftercare = workshop
        asked = replace(BOOKING, send_review_request=review, schedule_reminder=remind)
        self.booking, events = bookings.booked(asked)
        self.published: list[object] = list(events)

    @rule(action=st.sampled_from(Action))
    def act(self, action: Action) -> None:
        before = self.booking
        expected = TRANSITIONS.get((before.status, action))
        if expected is None:
            with pytest.raises(NotAllowed) as refused:
                bookings.act(before, action)
            assert set(refused.value.allowed) == {
                to for (origin, _), (to, _) in TRANSITIONS.items() if origin is before.status
            }
            return
        self.booking, events = bookings.act(before, action)
        assert (self.booking.status, events[0].announcement) == expected
        self.published += events
        if self.booking.status is bookings.Status.DONE:
            self.booking, review = ask_for_review(self.booking, self.aftercare)
            _, reminder = remind(self.booking, self.aftercare, NOW, reminder_id="rem_1", code="A")
            self.published += [*review, *reminder]

    @rule(wanted=st.sampled_from(bookings.Status))
    def ask_for_a_status(self, wanted: bookings.Status) -> None:
        try:
            action = bookings.action_towards(self.booking, wanted)
        except NotAllowed:
            assert wanted not in bookings.allowed(self.booking.status)
        else:
            assert TRANSITIONS[self.booking.status, action][0] is wanted

    @rule(notes=st.none() | st.text(max_size=3))
    def amend(self, notes: str | None) -> None:
        before = self.booking
        self.booking, events = bookings.amend(
            before,
            replace(before.details, notes=notes),
            before.placement,
        )
        assert self.booking.status is before.status
        assert bool(events) == (notes != before.details.notes)
        self.published += events

    @invariant()
    def a_visit_that_is_done_is_followed_up_once_and_no_other_is(self) -> None:
        done = self.booking.status is bookings.Status.DONE
        reviews = sum(isinstance(event, ReviewRequested) for event in self.published)
        reminders = sum(isinstance(event, ReminderEvent) for event in self.published)
        wanted = self.aftercare.send_review_requests and self.booking.send_review_request
        planned = self.aftercare.schedule_reminders and self.booking.schedule_reminder
        assert reviews == int(done and wanted)
        assert reminders == int(done and planned)

    @invariant()
    def its_events_are_numbered_without_gaps(self) -> None:
        numbers = [
            event.booking.sequence
            for event in self.published
            if isinstance(event, BookingEvent | ReviewRequested)
        ]
        assert numbers == list(range(1, self.booking.sequence + 1))


@pytest.mark.seed(49, 52, 53, 54, 55)
class TestVisit(Visit.TestCase):
    pass


@pytest.mark.seed(49)
def test_changes_name_each_field():
    after = replace(
        DETAILS,
        service_category=Category.TYRES,
        customer=replace(DETAILS.customer, phone="+61412345678"),
        car=replace(DETAILS.car, mileage=120_000),
    )
    _, (event,) = bookings.amend(BOOKING, after, PLACEMENT)
    assert event.changes == (
        Change("service_category", "maintenance", "tyres"),
        Change("customer.phone", None, "+61412345678"),
        Change("car.mileage", None, 120_000),
    )


def test_work_takes_the_sum_of_its_services_or_an_hour():
    oil = BookedService("Oil", Category.MAINTENANCE, duration=timedelta(minutes=45))
    own_words = BookedService("A noise", Category.REPAIR)
    assert work_time([oil, oil, own_words]) == timedelta(minutes=90)
    assert work_time([own_words]) == work_time([]) == timedelta(hours=1)


@pytest.mark.seed(53)
def test_a_reminder_falls_due_once_and_not_before_its_time():
    reminder, _ = remind(BOOKING, Aftercare(), NOW, reminder_id="rem_1", code="A")
    assert reminder is not None
    assert fall_due(reminder, reminder.due_at - timedelta(seconds=1)) == (reminder, ())
    due, events = fall_due(reminder, reminder.due_at)
    assert due.status is Status.DUE
    assert len(events) == 1
    assert fall_due(due, reminder.due_at) == (due, ())


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-01-15", 6, "2026-07-15"),
        ("2026-12-31", 12, "2027-12-31"),
    ],
)
def test_months_are_calendar_months(start, months, end):
    assert months_later(datetime.fromisoformat(start), months) == datetime.fromisoformat(end)
