"""Plain values as they are published."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from shared.contracts.common import Amount
from shared.money import Money, whole


def amount(money: Money) -> Amount:
    """Show an amount."""
    return Amount(amount=money.amount, currency=money.currency)


def plain(money: Money) -> str:
    """Write an amount in whole units of its currency, without it: `580.00` AUD, `580` JPY."""
    return f"{whole(money.amount, money.currency):f}"


def percent(fraction: Decimal) -> str:
    """Write a fraction in percent: `9.975%`."""
    return f"{(fraction * 100).normalize():f}%"


def iso8601(duration: timedelta) -> str:
    """Show a duration in hours and minutes, such as `PT6H30M`."""
    hours, minutes = divmod(int(duration.total_seconds()) // 60, 60)
    parts = f"{hours}H" * bool(hours) + f"{minutes}M" * bool(minutes or not hours)
    return f"PT{parts}"
