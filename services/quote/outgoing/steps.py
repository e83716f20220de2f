"""How a line's price came about, step by step."""

from __future__ import annotations

from decimal import Decimal

from services.quote.domain.basis import Basis
from services.quote.domain.rate_card import Price
from services.quote.domain.tax import Tax
from services.quote.outgoing.values import amount, percent, plain
from shared.contracts.quote import PriceStep
from shared.money import Money, Rounding

TIMES = "\N{MULTIPLICATION SIGN}"


def steps(price: Price, basis: Basis, quantity: int) -> tuple[PriceStep, ...]:
    """Explain a price: the steps' amounts sum to the line's total, tax included."""
    named = {
        "parts": price.parts,
        "sublet": price.sublet,
        "fees": price.fees,
        "discount": Money(-price.discount.amount, price.discount.currency),
    }
    return (
        _step("labour", _labour(price, basis, quantity), price.labour),
        *(
            _step(name, _multiple(name.capitalize(), money, quantity), money)
            for name, money in named.items()
            if money.amount
        ),
        *(_step("tax", _tax(tax, price.net), tax.on(price.net)) for tax in basis.taxes),
    )


def _step(name: str, text: str, money: Money) -> PriceStep:
    return PriceStep(step=name, text=text, amount=amount(money))


def _labour(price: Price, basis: Basis, quantity: int) -> str:
    hours, hourly = basis.labour_hours, basis.hourly_rate
    unit = Money(price.labour.amount // quantity, hourly.currency)
    exact = hours * hourly.amount
    text = f"Labour {hours:.2f} h {TIMES} {plain(hourly)} = {_rounded(unit, exact, basis.rounding)}"
    return text if quantity == 1 else f"{text}, {TIMES} {quantity} = {plain(price.labour)}"


def _multiple(text: str, money: Money, quantity: int) -> str:
    if quantity == 1:
        return f"{text} {plain(money)}"
    unit = Money(money.amount // quantity, money.currency)
    return f"{text} {plain(unit)} {TIMES} {quantity} = {plain(money)}"


def _tax(tax: Tax, net: Money) -> str:
    whose = f" ({tax.jurisdiction})" if tax.jurisdiction else ""
    drawn = _rounded(tax.on(net), tax.rate * net.amount, tax.rounding)
    return f"{tax.name} {percent(tax.rate)}{whose} of {plain(net)} = {drawn}"


def _rounded(money: Money, exact: Decimal, policy: Rounding) -> str:
    return plain(money) if exact == money.amount else f"{plain(money)}, rounded {policy}"
