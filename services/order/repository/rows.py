"""Between the domain's values and the tables' rows."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from services.order.domain import order as orders
from services.order.domain import payment as payments
from services.order.domain.order import Order
from services.order.domain.payment import NextAction, Payment
from services.order.domain.refund import Refund
from services.order.domain.sale import Quote
from services.order.domain.supplement import Supplement
from services.order.domain.terms import Terms
from shared.money import Money

_TERMS = TypeAdapter(Terms)
_REFUNDS = TypeAdapter(tuple[Refund, ...])
_SUPPLEMENTS = TypeAdapter(tuple[Supplement, ...])


def order_row(order: Order) -> dict[str, Any]:
    """Flatten an order."""
    vehicle = order.terms.vehicle
    return _values(order) | {
        "vin": vehicle.vin,
        "plate": vehicle.registration and bare_plate(vehicle.registration.plate),
        "terms": _TERMS.dump_python(order.terms, mode="json"),
        "supplements": _SUPPLEMENTS.dump_python(order.supplements, mode="json"),
    }


def order_from(row: RowMapping) -> Order:
    """Rebuild an order."""
    was = row["delayed_from"]
    typed = {
        "status": orders.Status(row["status"]),
        "terms": _TERMS.validate_python(row["terms"]),
        "delayed_from": was and orders.Status(was),
        "supplements": _SUPPLEMENTS.validate_python(row["supplements"]),
    }
    return Order(**_named(Order, row) | typed)


def bare_plate(plate: str) -> str:
    """Write a plate as it is looked for: ABC123 for `abc-123`."""
    return "".join(filter(str.isalnum, plate.upper()))


def quote_row(quote: Quote) -> dict[str, Any]:
    """Flatten a quote."""
    return _values(quote) | {"terms": quote.terms and _TERMS.dump_python(quote.terms, mode="json")}


def quote_from(row: RowMapping) -> Quote:
    """Rebuild a quote."""
    terms = row["terms"]
    return Quote(**_named(Quote, row) | {"terms": terms and _TERMS.validate_python(terms)})


def payment_row(payment: Payment) -> dict[str, Any]:
    """Flatten a payment: one currency for all its amounts; what it pays knows whose it is."""
    flat = {
        "amount": payment.amount.amount,
        "refunded": payment.refunded.amount,
        "refund_due": payment.refund_due.amount,
        "currency": payment.amount.currency,
        "next_action": payment.next_action and asdict(payment.next_action),
        "refunds": _REFUNDS.dump_python(payment.refunds, mode="json"),
    }
    values = _values(payment) | flat
    return {name: values[name] for name in values if name not in {"partner_id", "quote_id"}}


def payment_from(row: RowMapping) -> Payment:
    """Rebuild a payment from its row joined with that of what it pays."""
    currency, action = row["currency"], row["next_action"]
    typed = {
        "amount": Money(row["amount"], currency),
        "refunds": _REFUNDS.validate_python(row["refunds"]),
        "status": payments.Status(row["status"]),
        "next_action": action and NextAction(**action),
    }
    return Payment(**_named(Payment, row) | typed)


def _values(thing: Order | Payment | Quote) -> dict[str, Any]:
    return {field.name: getattr(thing, field.name) for field in fields(thing)}


def _named(type_: type[Order | Payment | Quote], row: RowMapping) -> dict[str, Any]:
    return {field.name: row[field.name] for field in fields(type_)}
