"""Slots against the clock on the wall: closed days, closures, daylight saving."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain.hours import Interval, NotASchedule, Span, moments, spans
from services.booking.domain.schedule import Closed, Closure, OutsideHours, Schedule

HOUR = timedelta(hours=1)
SYDNEY = ZoneInfo("Australia/Sydney")
SPRING_FORWARD = date(2026, 10, 4)  # 02:00 becomes 03:00
FALL_BACK = date(2026, 4, 5)  # 03:00 becomes 02:00


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def every_day(*pairs: tuple[int, int], zone: ZoneInfo = SYDNEY, step: int = 30) -> Schedule:
    open_spans = tuple(Span(opens * 60, closes * 60) for opens, closes in pairs)
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return Schedule(zone, dict.fromkeys(days, open_spans), timedelta(minutes=step))


def wall_times(schedule: Schedule, day: date, duration: timedelta = HOUR) -> list[str]:
    return [
        slot.start.astimezone(schedule.zone).strftime("%H:%M")
        for slot in schedule.slots(day, day, duration)
    ]


@pytest.mark.seed(35)
def test_slots_fill_each_span_and_never_cross_a_break():
    schedule = every_day((8, 10), (13, 15))
    assert wall_times(schedule, date(2026, 12, 1)) == [
        "08:00", "08:30", "09:00", "13:00", "13:30", "14:00",
    ]  # fmt: skip
    assert wall_times(schedule, date(2026, 12, 1), 2 * HOUR) == ["08:00", "13:00"]
    assert wall_times(schedule, date(2026, 12, 1), 3 * HOUR) == []


@pytest.mark.seed(35)
def test_a_closure_takes_its_days_both_ends_included():
    closure = Closure("clo_1", "wks_1", date(2026, 12, 25), date(2026, 12, 26))
    schedule = Schedule(SYDNEY, every_day((8, 9)).hours, HOUR, (closure,))
    found = {
        schedule.local_date(slot.start)
        for slot in schedule.slots(date(2026, 12, 24), date(2026, 12, 27), HOUR)
    }
    assert found == {date(2026, 12, 24), date(2026, 12, 27)}


@pytest.mark.seed(73)
def test_the_hour_that_is_skipped_is_never_offered():
    schedule = every_day((0, 6))
    assert wall_times(schedule, SPRING_FORWARD) == [
        "00:00", "00:30", "01:00", "01:30", "03:00", "03:30", "04:00", "04:30", "05:00",
    ]  # fmt: skip


@pytest.mark.seed(73)
def test_a_workshop_open_only_in_the_skipped_hour_is_closed():
    assert wall_times(every_day((2, 3)), SPRING_FORWARD) == []


@pytest.mark.seed(73)
def test_the_hour_that_comes_twice_is_offered_twice():
    slots = list(every_day((2, 4)).slots(FALL_BACK, FALL_BACK, HOUR))
    assert [slot.start for slot in slots] == [
        utc("2026-04-04T15:00"),
        utc("2026-04-04T15:30"),
        utc("2026-04-04T16:00"),
        utc("2026-04-04T16:30"),
        utc("2026-04-04T17:00"),
    ]
    assert wall_times(every_day((2, 4)), FALL_BACK) == ["02:00", "02:30", "02:00", "02:30", "03:00"]


@pytest.mark.seed(73)
def test_a_span_that_begins_within_the_doubled_hour_is_open_in_both():
    assert moments(FALL_BACK, [Span(150, 240)], SYDNEY) == [
        Interval(utc("2026-04-04T15:30"), utc("2026-04-04T16:00")),
        Interval(utc("2026-04-04T16:30"), utc("2026-04-04T18:00")),
    ]


@pytest.mark.seed(73)
@pytest.mark.parametrize(
    ("zone", "day", "hours_long"),
    [
        ("America/Santiago", date(2026, 9, 6), 23.0),  # midnight itself doesn't exist
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),  # half an hour
        ("Asia/Kathmandu", date(2026, 10, 4), 24.0),
        ("Pacific/Kiritimati", date(2026, 1, 1), 24.0),  # 14 h ahead of UTC
        ("Etc/GMT+12", date(2026, 1, 1), 24.0),  # 12 h behind
        ("Europe/Lisbon", date(2026, 10, 25), 25.0),
    ],
)
def test_a_day_is_as_long_as_its_clock_says(zone, day, hours_long):
    (whole_day,) = moments(day, [Span(0, 1440)], ZoneInfo(zone))
    assert (whole_day.end - whole_day.start) / HOUR == hours_long
    assert whole_day.start.astimezone(ZoneInfo(zone)).date() == day


ZONES = [
    "Australia/Sydney",
    "America/New_York",
    "Europe/Berlin",
    "America/Santiago",
    "Asia/Kolkata",
]


@pytest.mark.seed(73)
@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    day=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    bounds=st.tuples(st.integers(0, 287), st.integers(1, 288)).filter(lambda b: b[0] < b[1]),
)
def test_open_moments_are_those_whose_wall_time_is_within_hours(zone, day, bounds):
    span = Span(bounds[0] * 5, bounds[1] * 5)
    found = moments(day, [span], zone)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    for minutes in range(0, 54 * 60, 5):
        moment = midnight + timedelta(minutes=minutes)
        wall = moment.astimezone(zone)
        on_the_wall = (
            wall.date() == day and span.opens <= wall.hour * 60 + wall.minute < span.closes
        )
        assert any(each.start <= moment < each.end for each in found) == on_the_wall


def test_a_workshop_that_never_closes_takes_work_over_midnight():
    schedule = every_day((0, 24))
    assert wall_times(schedule, date(2026, 12, 1))[-1] == "23:30"


@pytest.mark.parametrize("pairs", [[(9, 9)], [(10, 9)], [(8, 10), (9, 11)], [(0, 1441)]])
def test_hours_that_are_no_schedule_are_refused(pairs):
    with pytest.raises(NotASchedule):
        spans(Span(*pair) for pair in pairs)


@pytest.mark.seed(46)
def test_work_is_checked_against_hours_and_closures():
    weekdays = Schedule(SYDNEY, {"tue": (Span(8 * 60, 17 * 60),)}, HOUR)
    opening = utc("2026-11-30T21:00")  # Tuesday 08:00 in Sydney
    weekdays.check(Interval(opening, opening + HOUR))
    with pytest.raises(OutsideHours):
        weekdays.check(Interval(opening - timedelta(minutes=1), opening + HOUR))
    with pytest.raises(OutsideHours):
        weekdays.check(Interval(opening + 8 * HOUR, opening + 10 * HOUR))
    with pytest.raises(Closed):
        weekdays.check(Interval(opening + 24 * HOUR, opening + 25 * HOUR))
