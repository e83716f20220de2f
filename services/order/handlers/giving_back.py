"""Money that goes back to a card: owed on its payment, and credited on the invoice it paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.order.domain.credit_note import last_lines, left_by_order
from services.order.domain.invoice import Invoice
from services.order.domain.payment import Payment
from services.order.domain.refund import TooMuch
from services.order.domain.settlement import owe_back
from services.order.handlers.crediting import credit
from services.order.repository import invoices, ledger
from shared.database import Transaction
from shared.money import Money, total


@dataclass(frozen=True, slots=True)
class Share:
    """What is left of an order on an invoice that a payment of its own has paid."""

    invoice: Invoice
    payment: Payment
    left: Money


@dataclass(frozen=True, slots=True)
class Paid:
    """What cards paid for an order: by its payments, and by those of invoices that charge it."""

    payments: tuple[Payment, ...]
    shares: tuple[Share, ...]

    @property
    def is_left(self) -> bool:
        """Tell whether anything could still go back."""
        left = [each.left for each in self.payments] + [each.left for each in self.shares]
        return any(money.amount for money in left)


async def paid_for(work: Transaction, order_id: str) -> Paid:
    """Load what cards paid for a locked order, and lock the invoices that have it."""
    paid = (await ledger.of_orders(work.connection, [order_id]))[order_id]
    shares = []
    for invoice in await invoices.lock_of_order(work.connection, order_id):
        payment = await _own_payment(work, invoice)
        if payment:
            shares.append(Share(invoice, payment, left_by_order(invoice)[order_id]))
    return Paid(paid, tuple(shares))


async def give_back(
    work: Transaction, order_id: str, paid: Paid, amount: Money | None, reason: str
) -> tuple[Payment, ...]:
    """Owe an amount back of what cards paid for a locked order, all without one, and credit it.

    The order's own payments come first. Returns them as they are now; raises TooMuch. Another
    currency is a ValueError.
    """
    own, rest = _divided(paid, amount)
    owing = owe_back(paid.payments, own, reason, work.now)
    settled = await ledger.save_each(work.connection, paid.payments, owing, look_at=work.now)
    await _credit(work, order_id, paid.payments, settled, reason)
    for share in reversed(paid.shares):
        part = share.left if rest is None else min(share.left, rest, key=_minor)
        if part.amount:
            lines = last_lines(share.invoice, part, order_id)
            invoice, _, told = await credit(work, share.invoice, lines, reason)
            work.publish(*told)
            await owe(work, invoice, part, reason)
            rest = rest and rest - part
    return settled


async def owe(work: Transaction, invoice: Invoice, amount: Money, reason: str) -> None:
    """Owe some of what a card paid for a locked invoice back; raises TooMuch."""
    own = await _own_payment(work, invoice)
    paid: tuple[Payment, ...] = (own,) if own else ()
    if own is None and invoice.order_id:
        paid = (await ledger.of_orders(work.connection, [invoice.order_id]))[invoice.order_id]
    owing = owe_back(paid, amount, reason, work.now)
    await ledger.save_each(work.connection, paid, owing, look_at=work.now)


async def _own_payment(work: Transaction, invoice: Invoice) -> Payment | None:
    """Find the payment of an invoice's own that paid it, if one did."""
    if not invoice.paid_by_card or invoice.receipt is None:
        return None
    for payment in (await ledger.of_invoices(work.connection, [invoice.id]))[invoice.id]:
        if payment.id == invoice.receipt.payment_id:
            return payment
    return None


def _divided(paid: Paid, amount: Money | None) -> tuple[Money | None, Money | None]:
    """Divide an amount between the order's payments and those of invoices."""
    if amount is None:
        return None, None
    own = total((each.left for each in paid.payments), amount.currency)
    most = own + total((each.left for each in paid.shares), amount.currency)
    if amount.amount > most.amount:
        raise TooMuch(most)
    first = min(own, amount, key=_minor)
    return first, amount - first


async def _credit(
    work: Transaction,
    order_id: str,
    before: Sequence[Payment],
    after: Sequence[Payment],
    reason: str,
) -> None:
    """Credit what more is owed back of an order's payments than before, from the last line on."""
    currency = after[0].amount.currency if after else ""
    owed = total((each.refund_due for each in after), currency)
    amount = owed - total((each.refund_due for each in before), currency)
    by_order = {each.id for each in after}
    for invoice in reversed(await invoices.lock_of_order(work.connection, order_id)):
        receipt = invoice.receipt if invoice.paid_by_card else None
        mine = receipt is not None and receipt.payment_id in by_order
        part = last_lines(invoice, amount, order_id) if mine else {}
        if part:
            _, _, told = await credit(work, invoice, part, reason)
            work.publish(*told)
            amount -= total(part.values(), amount.currency)


def _minor(money: Money) -> int:
    return money.amount
