"""How values read on a page."""

from __future__ import annotations

from datetime import UTC, date, datetime

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal

from services.order.domain.terms import TaxShare, Vehicle
from shared.money import Money, digits, whole

LOCALE = "en"
REASONS = {
    "card-declined": "The card was declined by its bank.",
    "insufficient-funds": "The card's account doesn't have the money.",
    "expired-card": "The card has expired.",
    "incorrect-cvc": "The card's security code is wrong.",
    "authentication-failed": "The bank's confirmation was refused.",
    "amount-too-precise": "The provider takes whole units of this currency alone.",
    "payment-abandoned": "The bank's confirmation never came.",
}


def money(amount: Money) -> str:
    """Write an amount with its currency's code and decimals, as `AUD 1,234.50`."""
    # The decimals of ISO 4217: Babel's own are none for some that have two.
    pattern = f"¤¤\xa0#,##0.{'0' * digits(amount.currency)}".rstrip(".")
    exact = whole(amount.amount, amount.currency)
    return format_currency(exact, amount.currency, pattern, locale=LOCALE, currency_digits=False)


def moment(at: datetime) -> str:
    """Write a moment in UTC."""
    return f"{format_datetime(at, 'd MMM y, HH:mm', tzinfo=UTC, locale=LOCALE)} UTC"


def day(on: date) -> str:
    """Write a day."""
    return format_date(on, "d MMM y", locale=LOCALE)


def vehicle(it: Vehicle) -> str:
    """Name a vehicle by what it is, and by its VIN or plate."""
    name = " ".join(str(part) for part in (it.year, it.make, it.model) if part)
    sign = it.vin or (it.registration.plate if it.registration else None)
    return f"{name} ({sign})" if name and sign else name or sign or "Your vehicle"


def tax(share: TaxShare) -> str:
    """Name a tax, with its rate where that is known."""
    if share.tax_rate is None:
        return share.name
    rate = format_decimal(share.tax_rate * 100, "#,##0.####", locale=LOCALE)
    return f"{share.name} {rate}%"


def reason(code: str) -> str:
    """Say why a payment failed."""
    return REASONS.get(code) or f"The provider says: {code.replace('-', ' ')}."
