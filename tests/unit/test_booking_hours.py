"""Slots against the clock on the wall: closed days, closures, daylight saving."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain.hours import Interval, NotASchedule, Span, moments, spans
from services.booking.domain.need import Need
from services.booking.domain.obstacle import Cause
from services.booking.domain.openings import Openings
from services.booking.domain.placement import Stay
from services.booking.domain.plan import Plan
from services.booking.domain.schedule import Closure, Schedule, SpecialDay
from services.booking.domain.workshop import Rules

HOUR = timedelta(hours=1)
LONG_AGO = datetime(2023, 1, 1, tzinfo=UTC)
SYDNEY = ZoneInfo("Australia/Sydney")
SPRING_FORWARD = date(2026, 10, 4)  # 02:00 becomes 03:00
FALL_BACK = date(2026, 4, 5)  # 03:00 becomes 02:00


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def every_day(*pairs: tuple[int, int], zone: ZoneInfo = SYDNEY, step: int = 30) -> Schedule:
    open_spans = tuple(Span(opens * 60, closes * 60) for opens, closes in pairs)
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return Schedule(zone, dict.fromkeys(days, open_spans), timedelta(minutes=step))


def planned(
    schedule: Schedule,
    first: date,
    last: date,
    duration: timedelta = HOUR,
    *,
    rules: Rules | None = None,
    now: datetime = LONG_AGO,
) -> Plan:
    rules = rules or Rules(horizon=timedelta(days=100_000))
    openings = Openings.of(schedule, first, last, rules.drop_off_hours, rules.pick_up_hours)
    return Plan(openings, rules, Need(duration), now)


def offered(plan: Plan, *days: date) -> list[Stay]:
    stays = [plan.stay(start) for day in days for start in plan.starts(day)]
    return [stay for stay in stays if not plan.obstacles(stay)]


def wall_times(schedule: Schedule, day: date, duration: timedelta = HOUR) -> list[str]:
    return [
        stay.drop_off_at.astimezone(schedule.zone).strftime("%H:%M")
        for stay in offered(planned(schedule, day, day, duration), day)
    ]


def causes(plan: Plan, drop_off_at: datetime) -> list[Cause]:
    return [each.cause for each in plan.obstacles(plan.stay(drop_off_at))]


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
    days = [date(2026, 12, number) for number in (24, 25, 26, 27)]
    plan = planned(schedule, days[0], days[-1])
    assert {plan.day_of(stay) for stay in offered(plan, *days)} == {days[0], days[-1]}


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
    slots = offered(planned(every_day((2, 4)), FALL_BACK, FALL_BACK), FALL_BACK)
    assert [slot.drop_off_at for slot in slots] == [
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
    day = date(2026, 12, 1)
    plan = planned(weekdays, day, day + timedelta(days=1), 2 * HOUR)
    assert causes(plan, opening) == []
    assert causes(plan, opening - timedelta(minutes=1)) == [Cause.OUTSIDE_HOURS]
    assert causes(plan, opening + 8 * HOUR) == [Cause.OUTSIDE_HOURS]
    assert causes(plan, opening + HOUR / 2) == [Cause.OFF_GRID]
    assert causes(plan, opening + 24 * HOUR) == [Cause.CLOSED]


@pytest.mark.seed(35, 72)
def test_cars_come_and_go_when_the_workshop_says():
    windows = Rules(
        drop_off_hours={"tue": (Span(8 * 60, 10 * 60),)},
        pick_up_hours={"tue": (Span(16 * 60, 18 * 60),), "wed": (Span(0, 9 * 60),)},
        lead_time=timedelta(hours=12),
        horizon=timedelta(days=30),
    )
    day = date(2026, 12, 1)
    opening = utc("2026-11-30T21:00")
    schedule = every_day((8, 17), step=60)
    now = opening - timedelta(hours=11)
    plan = planned(schedule, day, day, rules=windows, now=now - timedelta(hours=2))
    assert [(stay.drop_off_at, stay.pick_up_at) for stay in offered(plan, day)] == [
        (opening, opening + 8 * HOUR),
        (opening + HOUR, opening + 8 * HOUR),
    ]
    assert causes(plan, opening + 2 * HOUR) == [Cause.OUTSIDE_DROP_OFF]
    assert plan.openings.next_pick_up(opening + 9 * HOUR) == opening + 9 * HOUR  # closing time
    assert plan.openings.next_pick_up(opening + 9.5 * HOUR) == opening + 24 * HOUR
    late = planned(schedule, day, day, rules=windows, now=now)
    assert causes(late, opening) == [Cause.TOO_SOON]
    early = planned(schedule, day, day, rules=windows, now=now - timedelta(days=40))
    assert causes(early, opening) == [Cause.TOO_FAR_AHEAD]
    never = Rules(pick_up_hours={}, horizon=timedelta(days=100_000))
    assert causes(planned(schedule, day, day, rules=never), opening) == [Cause.NO_PICK_UP]


@pytest.mark.seed(35, 72)
def test_a_special_day_is_offered_as_itself_and_explained_against_the_usual_one():
    day = date(2026, 12, 1)
    special = SpecialDay("wks_1", day, (Span(12 * 60, 14 * 60),), "Party")
    schedule = Schedule(SYDNEY, every_day((9, 14)).hours, HOUR, (), (special,))
    plan = planned(schedule, day, day)
    noon = utc("2026-12-01T01:00")
    assert [stay.drop_off_at for stay in offered(plan, day)] == [noon, noon + HOUR]
    assert plan.starts(day, usual=True) == [noon + n * HOUR for n in range(-3, 2)]
    assert causes(plan, noon - 3 * HOUR) == [Cause.OUTSIDE_HOURS]
    closure = Closure("clo_1", "wks_1", day, day, "Flood")
    closed = planned(Schedule(SYDNEY, schedule.hours, HOUR, (closure,), (special,)), day, day)
    assert len(closed.starts(day, usual=True)) == 5
    assert str(closed.closed(day)) == "The workshop is closed that day: Flood."


@pytest.mark.seed(73)
@pytest.mark.parametrize(
    ("zone", "day", "offset_hours"),
    [
        ("Australia/Sydney", date(2026, 10, 4), -1),
        ("Australia/Sydney", date(2026, 4, 5), 1),
        ("Europe/London", date(2026, 3, 29), -1),
        ("Europe/London", date(2026, 10, 25), 1),
        ("America/New_York", date(2026, 3, 8), -1),
        ("America/New_York", date(2026, 11, 1), 1),
        ("Australia/Lord_Howe", date(2026, 10, 4), -0.5),
        ("Australia/Lord_Howe", date(2026, 4, 5), 0.5),
        ("Australia/Brisbane", date(2026, 10, 4), 0),
        ("Asia/Tokyo", date(2026, 3, 29), 0),
        ("Asia/Kathmandu", date(2026, 11, 1), 0),
        ("UTC", date(2026, 10, 25), 0),
    ],
)
def test_a_day_and_night_workshop_offers_each_real_half_hour_once(zone, day, offset_hours):
    schedule = every_day((0, 24), zone=ZoneInfo(zone))
    slots = [stay.drop_off_at for stay in offered(planned(schedule, day, day), day)]
    assert len(slots) == 48 + 2 * offset_hours
    assert {later - earlier for earlier, later in pairwise(slots)} == {HOUR / 2}
    assert len(set(slots)) == len(slots)
    week = [day + timedelta(days=n) for n in range(-3, 4)]
    whole = offered(planned(schedule, week[0], week[-1]), *week)
    assert [stay.drop_off_at for stay in whole if stay.drop_off_at in slots] == slots
