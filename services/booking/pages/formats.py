"""How values read on a page: by the visitor's language, and the clock on the workshop's wall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale
from babel.dates import (
    format_date,
    format_skeleton,
    format_time,
    get_timezone_location,
    get_timezone_name,
)
from babel.numbers import format_currency
from babel.units import format_unit

from services.booking.domain.workshop import Cost
from shared.money import Money, digits, whole

NOON = time(12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Formats:
    """Writes values for one locale and one zone."""

    locale: Locale
    zone: ZoneInfo

    def clock(self, moment: datetime) -> str:
        """Write a time of day, as `9:00 AM`."""
        return format_time(moment, "short", tzinfo=self.zone, locale=self.locale)

    def clocks(self, moments: Sequence[datetime]) -> list[str]:
        """Write times of one day; those that the clock shows twice are told apart by their zone."""
        shown = [self.clock(each) for each in moments]
        return [
            f"{said} {self.zone_name(at, 'short')}" if self._is_double(at) else said
            for said, at in zip(shown, moments, strict=True)
        ]

    def day(self, day: date | datetime) -> str:
        """Write a day, as `Tuesday, 1 December 2026`."""
        return format_date(day, "full", locale=self.locale)

    def weekday(self, day: date) -> str:
        """Write a weekday, as `Tue`."""
        return self._skeleton("EEE", day)

    def month_day(self, day: date) -> str:
        """Write a day within its year, as `1 Dec`."""
        return self._skeleton("MMMd", day)

    def moment(self, at: datetime) -> str:
        """Write a day and a time, in the workshop's zone, and name that where it matters."""
        return f"{self.day(at.astimezone(self.zone))}, {self.clocks([at])[0]}"

    def zone_name(self, at: datetime, width: Literal["long", "short"] = "long") -> str:
        """Name the zone as it is at a moment, as `Australian Eastern Daylight Time`."""
        return get_timezone_name(at.astimezone(self.zone), width=width, locale=self.locale)

    def city(self) -> str:
        """Name the place whose clock it is, as `Sydney`."""
        return get_timezone_location(self.zone, locale=self.locale, return_city=True)

    def money(self, amount: Money) -> str:
        """Write an amount in its currency."""
        exact = whole(amount.amount, amount.currency)
        # The decimals of ISO 4217: Babel's own are none for some that have two.
        own = digits(amount.currency) == 2
        return format_currency(exact, amount.currency, locale=self.locale, currency_digits=not own)

    def cost(self, cost: Cost) -> str:
        """Write a price, or a range of them."""
        low, high = self.money(cost.low), self.money(cost.high)
        return low if cost.is_fixed else f"{low}\N{EN DASH}{high}"

    def duration(self, lasting: timedelta) -> str:
        """Write how long something takes, as `1 hour 30 minutes`."""
        hours, minutes = divmod(int(lasting.total_seconds()) // 60, 60)
        parts = [(hours, "duration-hour"), (minutes, "duration-minute")]
        return " ".join(
            format_unit(number, unit, length="long", locale=self.locale)
            for number, unit in parts
            if number
        )

    def phone(self, number: str) -> str:
        """Write a number (E.164) as it is read."""
        international = phonenumbers.PhoneNumberFormat.INTERNATIONAL
        return phonenumbers.format_number(phonenumbers.parse(number), international)

    def _skeleton(self, skeleton: str, day: date) -> str:
        return format_skeleton(skeleton, datetime.combine(day, NOON), locale=self.locale)

    def _is_double(self, at: datetime) -> bool:
        wall = at.astimezone(self.zone).replace(tzinfo=None)
        first, second = (wall.replace(fold=fold, tzinfo=self.zone) for fold in (0, 1))
        return first.utcoffset() != second.utcoffset()
