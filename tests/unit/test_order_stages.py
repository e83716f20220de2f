"""Time in stage, against a clock that is read minute by minute."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.order.domain.order import Status
from services.order.domain.shop_hours import WEEKDAYS, ShopHours, SummedHours
from services.order.domain.stage_report import Stay, report
from services.order.domain.stages import (
    Move,
    OutOfOrder,
    Policy,
    Spell,
    check_correction,
    check_moment,
    spell,
    timeline,
)
from shared.money import Money

ZONES = ["Australia/Sydney", "Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC"]
# Each zone's clock is put forward or back within a week of one of these.
CHANGES = ((3, 7), (3, 28), (4, 4), (10, 3), (10, 24), (10, 31))
NEAR_CHANGES = [datetime(2026, month, day, tzinfo=UTC) for month, day in CHANGES]
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
NINE_TO_FIVE = dict.fromkeys(WEEKDAYS[:5], ((9 * 60, 17 * 60),))


@st.composite
def weeks(draw: st.DrawFn) -> dict[str, tuple[tuple[int, int], ...]]:
    week = {}
    for day in WEEKDAYS:
        edges = sorted(draw(st.sets(st.integers(0, 1440), max_size=4)))
        week[day] = tuple(zip(edges[::2], edges[1::2], strict=False))
    return week


def read_off_the_clock(start: datetime, end: datetime, hours: ShopHours) -> timedelta:
    minutes, moment = 0, start
    while moment < end:
        local = moment.astimezone(hours.zone)
        spans = hours.week.get(WEEKDAYS[local.weekday()], ())
        minutes += any(a <= local.hour * 60 + local.minute < b for a, b in spans)
        moment += timedelta(minutes=1)
    return timedelta(minutes=minutes)


@pytest.mark.seed(70)
@settings(max_examples=150)
@given(
    week=weeks(),
    zone=st.sampled_from(ZONES),
    start=st.sampled_from(NEAR_CHANGES),
    shift=st.integers(0, 3 * 1440),
    length=st.integers(0, 3 * 1440),
)
def test_open_time_is_what_the_local_clock_showed(
    week: dict[str, tuple[tuple[int, int], ...]],
    zone: str,
    start: datetime,
    shift: int,
    length: int,
) -> None:
    hours = ShopHours(ZoneInfo(zone), week)
    begun = start - timedelta(days=1) + timedelta(minutes=shift)
    ended = begun + timedelta(minutes=length)
    shown = read_off_the_clock(begun, ended, hours)
    assert hours.open_between(begun, ended) == shown
    summed = SummedHours(hours, begun - timedelta(hours=7), ended + timedelta(days=2))
    assert summed.open_between(begun, ended) == shown


def at(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


WORKED = [
    Move(1, Status.PENDING, at(0)),
    Move(2, Status.IN_PROGRESS, at(10)),
    Move(3, Status.DELAYED, at(12), "parts"),
    Move(4, Status.IN_PROGRESS, at(36)),
    Move(5, Status.COMPLETED, at(40)),
]


@pytest.mark.seed(70)
def test_working_and_waiting_are_told_apart_on_calendar_and_shop_hours() -> None:
    hours = ShopHours(ZoneInfo("UTC"), NINE_TO_FIVE)
    found = timeline(WORKED, at(99), hours, Policy(Money(4800, "AUD")))
    assert found.working == Spell(timedelta(hours=6), timedelta(hours=6))
    assert found.waiting == Spell(timedelta(hours=34), timedelta(hours=1 + 5 + 3))
    assert found.to_line == Spell(timedelta(hours=40), timedelta(hours=15))
    assert found.holding_cost == Money(8000, "AUD")  # 40 h at 48.00 a day
    assert [each.reason for each in found.visits if each.stage is Status.DELAYED] == ["parts"]


@pytest.mark.seed(70)
def test_closures_and_special_days_count_before_the_week() -> None:
    tuesday = MONDAY.date() + timedelta(days=1)
    short = {MONDAY.date(): ((10 * 60, 12 * 60),), tuesday: ((0, 1440),)}
    closed = ((tuesday, tuesday + timedelta(days=1)),)
    hours = ShopHours(ZoneInfo("UTC"), NINE_TO_FIVE, short, closed)
    days = [hours.open_between(at(24 * n), at(24 * n + 24)) for n in range(4)]
    assert days == [timedelta(hours=n) for n in (2, 0, 0, 8)]


def test_a_reports_stays_cost_no_more_for_being_long() -> None:
    """A day at a time, these took seconds, in which nobody else was answered."""
    stays = [(at(n), at(n + 24 * 200)) for n in range(2000)]
    hours = ShopHours(ZoneInfo("Australia/Sydney"), NINE_TO_FIVE)
    begun = time.process_time()
    summed = SummedHours(hours, at(0), stays[-1][1])
    shop = {summed.open_between(*each) for each in stays}
    assert time.process_time() - begun < 1
    assert {each // timedelta(hours=24) for each in shop} == {47, 48}


def test_an_open_stage_counts_up_to_now_and_nothing_is_on_the_line_yet() -> None:
    found = timeline(WORKED[:3], at(20), None, Policy())
    assert found.visits[-1].until is None
    assert found.visits[-1].spell == Spell(timedelta(hours=8))
    assert (found.to_line, found.holding_cost, found.working.shop) == (None, None, None)


@pytest.mark.seed(70)
@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=9))
def test_stays_sum_to_the_whole_and_a_correction_recomputes_it(gaps: list[int]) -> None:
    stages = [Status.PENDING, *([Status.IN_PROGRESS, Status.DELAYED] * 4)][: len(gaps)]
    moment, moves = MONDAY, []
    for number, (stage, gap) in enumerate(zip(stages, gaps, strict=True)):
        moves.append(Move(number, stage, moment))
        moment += timedelta(seconds=gap)
    found = timeline(moves, moment, None, Policy())
    assert found.working.calendar + found.waiting.calendar == moment - MONDAY

    middle = MONDAY + timedelta(seconds=gaps[0] // 2)
    check_correction(middle, 1, moves, moment)
    corrected = [moves[0], Move(1, moves[1].to, middle), *moves[2:]]
    again = timeline(corrected, moment, None, Policy())
    assert again.working.calendar + again.waiting.calendar == moment - MONDAY
    assert again.visits[0].spell.calendar == middle - MONDAY


def test_what_would_put_the_history_out_of_order_is_refused() -> None:
    for position, moment in ((2, at(-1)), (2, at(13)), (5, at(41)), (1, at(11))):
        with pytest.raises(OutOfOrder):
            check_correction(moment, position, WORKED, at(40.5))
    with pytest.raises(LookupError):
        check_correction(at(1), 9, WORKED, at(41))
    for moment in (at(39), at(42)):
        with pytest.raises(OutOfOrder):
            check_moment(moment, WORKED, at(41))
    check_moment(at(40), WORKED, at(41))


def test_a_report_has_median_percentile_and_cost_of_each_stage_and_workshop() -> None:
    stays = [
        Stay(shop, Status.PENDING, spell(at(0), at(hours), None))
        for shop, hours in (("wks_1", 1), ("wks_1", 2), ("wks_1", 12), ("wks_2", 24))
    ]
    first, second = report(stays, Policy(Money(2400, "AUD")))
    assert (first.workshop_id, first.count, first.median, first.p90, first.mean) == (
        "wks_1",
        3,
        2.0,
        10.0,
        5.0,
    )
    assert (first.holding_cost, first.is_work) == (Money(1500, "AUD"), False)
    assert (second.p90, second.holding_cost) == (24.0, Money(2400, "AUD"))
