"""How values read on a page and on paper, by a language; on paper it is English."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from babel import Locale
from babel.dates import format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent

from services.order.domain.tax_summary import UNNAMED
from services.order.domain.terms import TaxShare, Vehicle
from shared.languages import DEFAULT
from shared.money import Money, digits, whole

# English as most of the world writes its days: `1 Dec 2026`.
_LOCALES = {DEFAULT: Locale.parse("en_001")}


def money(amount: Money, language: str = DEFAULT) -> str:
    """Write an amount with its currency's code and decimals, as `AUD 1,234.50`."""
    spoken = _locale(language)
    # A code is written where the language has a sign, and apart from the digits.
    written = spoken.currency_formats["standard"].pattern.replace("¤", "¤¤")
    apart = written.replace("¤¤#", "¤¤\xa0#")
    # The decimals of ISO 4217: Babel's own are none for some that have two.
    decimals = f".{'0' * digits(amount.currency)}".rstrip(".")
    exact = whole(amount.amount, amount.currency)
    pattern = apart.replace(".00", decimals)
    return format_currency(exact, amount.currency, pattern, locale=spoken, currency_digits=False)


def number(count: int, language: str = DEFAULT) -> str:
    """Write a number."""
    return format_decimal(count, locale=_locale(language))


def moment(at: datetime, language: str = DEFAULT) -> str:
    """Write a moment in UTC, as `1 Dec 2026, 06:00 UTC`."""
    clock = format_skeleton("Hm", at.astimezone(UTC), tzinfo=UTC, locale=_locale(language))
    return f"{day(at.astimezone(UTC).date(), language)}, {clock} UTC"


def day(on: date, language: str = DEFAULT) -> str:
    """Write a day, as `1 Dec 2026`."""
    noon = datetime.combine(on, time(12), UTC)
    return format_skeleton("yMMMd", noon, tzinfo=UTC, locale=_locale(language))


def vehicle(it: Vehicle, unknown: str = "Your vehicle") -> str:
    """Name a vehicle by what it is, and by its VIN or plate."""
    name = " ".join(str(part) for part in (it.year, it.make, it.model) if part)
    sign = it.vin or (it.registration.plate if it.registration else None)
    return f"{name} ({sign})" if name and sign else name or sign or unknown


def tax(share: TaxShare, language: str = DEFAULT, unnamed: str = UNNAMED) -> str:
    """Name a tax, with its rate where that is known."""
    name = unnamed if share.name == UNNAMED else share.name
    if share.tax_rate is None:
        return name
    rate = format_percent(share.tax_rate, locale=_locale(language), decimal_quantization=False)
    return f"{name} {rate}"


def _locale(language: str) -> Locale:
    return _LOCALES.get(language) or Locale.parse(language)
