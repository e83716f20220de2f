"""The domain's refusals, as the caller reads them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services.order.domain.direct import StartPassed
from services.order.domain.invoice import Invoice
from services.order.domain.order import NotAllowed, Order, ReasonMissing, Undecided
from services.order.domain.payment import Payment
from services.order.domain.refund import TooMuch
from services.order.domain.sale import NotForSale
from shared.problems import FieldError, Problem, invalid


@contextmanager
def told() -> Iterator[None]:
    """Turn what the domain refuses into problems."""
    try:
        yield
    except NotForSale as refused:
        raise Problem(409, refused.code, str(refused)) from None
    except StartPassed:
        detail = "The time for which it was ordered has gone by: order again, at today's price."
        raise Problem(409, "start-passed", detail) from None
    except ReasonMissing:
        raise invalid("/reason", "missing", "Say why.") from None
    except Undecided as refused:
        detail = f"Somebody has to decide first of: {refused}."
        undecided = {"supplement_ids": [each.id for each in refused.supplements]}
        raise Problem(409, "supplement-undecided", detail, extra=undecided) from None
    except NotAllowed as refused:
        ways = ", ".join(refused.allowed) or "nothing"
        detail = f"The order is {refused.status}; from there it can become: {ways}."
        extra = {"order_status": refused.status, "allowed": refused.allowed}
        raise Problem(409, "transition-not-allowed", detail, extra=extra) from None


@contextmanager
def of_refund(pointer: str) -> Iterator[None]:
    """Refuse to give back more than is left; the pointer says where the request has the amount."""
    try:
        yield
    except TooMuch as refused:
        most = f"{refused.left.amount} {refused.left.currency}"
        raise invalid(
            f"{pointer}/amount", "too-much", f"There is {most} left, at the most."
        ) from None
    except ValueError:
        message = "This isn't the currency that was paid in."
        raise invalid(f"{pointer}/currency", "other-currency", message) from None


def nothing_to_refund(order: Order) -> Problem:
    """Refuse to give back what nobody paid, or what went back already."""
    detail = f"Nothing is left to give back of what was paid for the order {order.id}."
    return Problem(409, "nothing-to-refund", detail, extra={"order_id": order.id})


def already_ordered(order: Order) -> Problem:
    """Name the order that a quote, or an attempt to pay, has led to."""
    detail = f"The quote was ordered already: it is {order.id}."
    extra = {"order_id": order.id, "order_status": order.status}
    return Problem(409, "quote-already-ordered", detail, extra=extra)


def nothing_due(order: Order) -> Problem:
    """Refuse money that nobody asked for."""
    detail = f"Nothing is to be paid for the order {order.id}: it is {order.status}."
    extra = {"order_id": order.id, "order_status": order.status}
    return Problem(409, "nothing-due", detail, extra=extra)


def invoice_not_due(invoice: Invoice) -> Problem:
    """Refuse money for an invoice of which nothing is to be paid: not yet, or not any more."""
    detail = f"Nothing is to be paid of the invoice {invoice.id}: it is {invoice.status}."
    extra = {"invoice_id": invoice.id, "invoice_status": invoice.status}
    return Problem(409, "nothing-due", detail, extra=extra)


def on_deal(order: Order) -> Problem:
    """Refuse to charge twice what the deal's invoice will have."""
    detail = f"The order {order.id} is on the deal {order.deal_id}: what is due is on an invoice."
    extra = {"order_id": order.id, "deal_id": order.deal_id}
    return Problem(409, "on-deal", detail, extra=extra)


def payment_in_progress(payment: Payment) -> Problem:
    """Name the payment whose outcome has to come first."""
    what, paid = _what(payment)
    detail = f"The payment {payment.id} of {what} is still being settled."
    extra = paid | {"payment_id": payment.id}
    return Problem(409, "payment-in-progress", detail, extra=extra, headers={"Retry-After": "1"})


def payment_failed(payment: Payment, *, pointer: str) -> Problem:
    """Say why the money didn't come; what was to be paid waits for another attempt."""
    code = payment.failure_code or "payment-failed"
    message = f"The provider refused the payment: {code.replace('-', ' ')}."
    what, paid = _what(payment)
    detail = f"{message} {what.capitalize()} still awaits payment."
    extra = paid | {"payment_id": payment.id}
    return Problem(402, code, detail, [FieldError(pointer, code, message)], extra)


def _what(payment: Payment) -> tuple[str, dict[str, object]]:
    if payment.invoice_id:
        return f"the invoice {payment.invoice_id}", {"invoice_id": payment.invoice_id}
    return f"the order {payment.order_id}", {"order_id": payment.order_id}


def unknown_token(pointer: str) -> Problem:
    """Refuse a token that the provider never issued."""
    return invalid(pointer, "unknown-token", "The payment provider doesn't know this token.")


def provider_unavailable() -> Problem:
    """Say that nothing was begun, for want of a provider."""
    detail = "The payment provider doesn't answer. Nothing was changed; try again."
    return Problem(503, "provider-unavailable", detail, headers={"Retry-After": "2"})
