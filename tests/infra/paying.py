"""One quote, its payer, its bank, its workshop and the worker: whatever they do, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from services.order.domain.order import Status
from services.order.domain.payment import Outcome
from services.order.domain.supplement import Action
from services.order.domain.terms import Line
from services.order.handlers import (
    checkout,
    closing,
    invoice_paying,
    invoices,
    progress,
    refunding,
    rolling,
    settling,
    supplements,
)
from services.order.handlers.paying import Means
from services.order.handlers.progress import Ending, Step
from services.order.handlers.refunding import Giving
from services.order.handlers.settling import Till
from services.order.handlers.supplements import Proposal, Said
from services.order.payments.sandbox import Sandbox
from services.order.repository.orders import SYSTEM
from shared.auth import Caller, Scope
from shared.idempotency import Answer, Once
from shared.money import Money
from shared.problems import Problem
from shared.shift import ShiftedClock

HOSES = Line("", "brakes", "Hoses", 1, None, Money(10000, "AUD"), Money(1000, "AUD"))
OPERATOR = Caller("cli_operator", "par_operator", frozenset({Scope.OPERATOR}))

ORDER = "SELECT id FROM orders WHERE quote_id = :q"
OURS = """
(order_id IN (SELECT id FROM orders WHERE quote_id = :q) OR invoice_id IN (
    SELECT invoice_id FROM invoice_lines JOIN orders ON orders.id = order_id WHERE quote_id = :q))
"""
PAYMENTS = f"SELECT id, token, amount FROM payments WHERE {OURS} ORDER BY id"  # noqa: S608 - ours
DUE = (
    f"SELECT count(*) FROM payments WHERE {OURS}"  # noqa: S608 - ours
    " AND (refund_due > 0 OR status = 'processing')"
)
INVOICE = """
SELECT i.id FROM invoices i WHERE EXISTS (
    SELECT FROM invoice_lines l JOIN orders o ON o.id = l.order_id
    WHERE l.invoice_id = i.id AND o.quote_id = :q
) ORDER BY i.id DESC LIMIT 1
"""
SETTLE_ANYWAY = """
UPDATE sandbox_charges SET state = 'succeeded'
WHERE key = :key AND state = 'payment-abandoned' AND amount > 0
"""


@dataclass
class Paying:
    """What can happen; whoever asks for what can't be is refused, and that is all."""

    till: Till
    sandbox: Sandbox
    clock: ShiftedClock
    payer: Caller
    quote_id: str
    deal_id: str | None
    noticed: list[tuple[str, Outcome]] = field(default_factory=list)

    async def buy(self, card: str, key: str | None) -> None:
        """Ask to buy; the same key is the same request again."""
        means, named = Means("card", card, "/payment/token"), key and f"{self.quote_id} {key}"
        once = Once(self.payer.partner_id, named, card.encode(), _seen)
        with suppress(Problem):
            await checkout.buy_quote(self.till, self.payer, self.quote_id, means, once, wait=0)

    async def roll_up(self) -> None:
        """Order on the deal, and have the deal's one invoice made of it."""
        database, payer, deal_id = self.till.database, self.payer, self.deal_id or ""
        with suppress(Problem):
            await rolling.buy_quote(database, payer, self.quote_id, _unkeyed(payer), wait=0)
            await closing.close_deal(
                database, payer, deal_id, unfinished=True, once=_unkeyed(payer)
            )

    async def find_more(self) -> None:
        """Find more to do, and authorise it."""
        database, order_id = self.till.database, await self._scalar(ORDER)
        found = Proposal("cracked", [HOSES])
        with suppress(Problem):
            await supplements.propose(database, OPERATOR, order_id, found, _unkeyed(OPERATOR))
            [*_, last] = await supplements.read(database, self.payer, order_id)
            await supplements.decide(
                database,
                self.payer,
                order_id,
                last.id,
                Action.AUTHORIZE,
                Said(),
                _unkeyed(self.payer),
            )

    async def pay_invoice(self, card: str, key: str | None) -> None:
        """Pay the last invoice; the same key is the same request again."""
        means, named = Means("card", card, "/payment/token"), key and f"{self.quote_id} i{key}"
        once = Once(self.payer.partner_id, named, card.encode(), _seen)
        if invoice_id := await self._scalar(INVOICE):
            with suppress(Problem):
                await invoice_paying.pay_invoice(
                    self.till, self.payer, invoice_id, means, once, wait=0
                )

    async def pay_due(self, card: str) -> None:
        """Pay what is due for the order."""
        once = _unkeyed(self.payer)
        if order_id := await self._scalar(ORDER):
            with suppress(Problem):
                await checkout.pay_order(
                    self.till, self.payer, order_id, Means("card", card, "/token"), once, wait=0
                )

    async def void(self) -> None:
        """Take the last invoice back."""
        if invoice_id := await self._scalar(INVOICE):
            with suppress(Problem):
                await invoices.void(
                    self.till.database, OPERATOR, invoice_id, "twice", _unkeyed(OPERATOR)
                )

    async def credit(self, amount: int | None) -> None:
        """Credit all of the last invoice, or a part."""
        asked = None if amount is None else {1: Money(amount, "AUD")}
        if invoice_id := await self._scalar(INVOICE):
            with suppress(Problem):
                await invoices.take_back(
                    self.till.database, OPERATOR, invoice_id, asked, "late", _unkeyed(OPERATOR)
                )

    async def transfer(self) -> None:
        """Pay the last invoice at the bank."""
        if invoice_id := await self._scalar(INVOICE):
            with suppress(Problem):
                await invoices.record_transfer(
                    self.till.database, OPERATOR, invoice_id, "ANZ 118", _unkeyed(OPERATOR)
                )

    async def bank(self, which: int, confirms: bool) -> None:
        """Confirm or refuse a payment that waits for that; nobody is told yet."""
        if payment := await self._payment(which):
            await (self.sandbox.authenticate if confirms else self.sandbox.refuse)(payment.id)

    async def settle_anyway(self, which: int) -> None:
        """Have the bank take money for a payment that it was told to forget."""
        if payment := await self._payment(which):
            async with self.till.database.transaction() as work:
                await work.connection.execute(text(SETTLE_ANYWAY), {"key": payment.id})

    async def notice(self, which: int) -> None:
        """See how a payment stands at the provider, to be told of it later."""
        if payment := await self._payment(which):
            outcome = await self._asked(payment)
            self.noticed.append((payment.id, outcome))

    async def deliver(self, which: int) -> None:
        """Tell of what was seen, however long ago and however often."""
        if self.noticed:
            payment_id, outcome = self.noticed[which % len(self.noticed)]
            await settling.conclude(self.till, payment_id, outcome, SYSTEM)

    async def cancel(self, part: int | None) -> None:
        """End the order, and give back all of what was paid, or a part."""
        ending = Ending("sold", None if part is None else Money(part, "AUD"))
        if order_id := await self._scalar(ORDER):
            with suppress(Problem):
                await progress.cancel(
                    self.till.database, self.payer, order_id, ending, _unkeyed(self.payer)
                )

    async def refund(self, amount: int | None) -> None:
        """Give some or all back."""
        giving = Giving("scratched", None if amount is None else Money(amount, "AUD"))
        if order_id := await self._scalar(ORDER):
            with suppress(Problem):
                await refunding.refund(
                    self.till.database, OPERATOR, order_id, giving, _unkeyed(OPERATOR)
                )

    async def move(self, status: Status) -> None:
        """Go on with the work."""
        if order_id := await self._scalar(ORDER):
            with suppress(Problem):
                await self._moved(order_id, status)

    async def settle(self) -> None:
        """Let the worker do what is due."""
        await settling.settle_due(self.till)

    async def wait(self, minutes: int) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(minutes=minutes))

    async def end(self) -> None:
        """Let everything come to its end: the provider tells until it was heard."""
        for payment in await self._payments():
            outcome = await self._asked(payment)
            await settling.conclude(self.till, payment.id, outcome, SYSTEM)
        while await self._scalar(DUE):
            await self.wait(40)
            await self.settle()

    async def _moved(self, order_id: str, status: Status) -> None:
        step, once = Step("parts"), _unkeyed(OPERATOR)
        await progress.move(self.till.database, OPERATOR, order_id, status, step, once)

    async def _asked(self, payment: Any) -> Outcome:
        amount = Money(payment.amount, "AUD")
        return await self.sandbox.charge(payment.id, payment.token, amount)

    async def _payments(self) -> Sequence[Any]:
        async with self.till.database.reading() as connection:
            return (await connection.execute(text(PAYMENTS), {"q": self.quote_id})).all()

    async def _payment(self, which: int) -> Any:
        rows = await self._payments()
        return rows[which] if which < len(rows) else None

    async def _scalar(self, query: str) -> Any:
        async with self.till.database.reading() as connection:
            return await connection.scalar(text(query), {"q": self.quote_id})


def _unkeyed(caller: Caller) -> Once[Any]:
    return Once(caller.partner_id, None, b"", _seen)


def _seen(_: object) -> Answer:
    return Answer(200, b"")
