"""Random histories of quotes, payments and refunds, on a real database.

A thousand more, of the rules alone, are lived through in tests/unit/test_order_payment.py.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.paying import Paying
from services.order.domain import order as orders
from services.order.domain import payment as payments
from services.order.domain.credit_note import left_by_order
from services.order.domain.deal import opened
from services.order.domain.order import Status
from services.order.domain.outcome import TOO_LATE
from services.order.domain.sale import Quote
from services.order.domain.terms import Line, Terms, Vehicle
from services.order.handlers.settling import Till
from services.order.main import build
from services.order.payments.sandbox import FIRST_STATE, Sandbox
from services.order.repository import deals, invoices, projections
from services.order.repository import orders as orders_
from services.order.settings import OrderSettings
from shared.auth import Caller, Scope
from shared.ids import new_id
from shared.money import Money
from shared.shift import ShiftedClock

HISTORIES = int(os.environ.get("HISTORIES", "50"))
"""How many of each kind; `HISTORIES=1000` lives through a thousand."""

TOTAL = 44000
LINE = Line("itm_1", "tyres", "Four tyres", 4, None, Money(40000, "AUD"), Money(4000, "AUD"))
TERMS = Terms("reconditioning", "AUD", Vehicle(vin="1HGCM82633A004352"), (LINE,))
VALID = timedelta(hours=1)

CARDS = st.sampled_from(["tok_visa", *sorted(FIRST_STATE)])
WHICH = st.integers(0, 2)
AMOUNTS = st.sampled_from([None, 0, 1, TOTAL // 4, TOTAL // 2, TOTAL + 1])
BUY = st.tuples(st.just("buy"), CARDS, st.sampled_from([None, "a", "b"]))
REFUND = st.tuples(st.just("refund"), AMOUNTS)
KEYS = st.sampled_from([None, "a", "b"])
PAY_INVOICE = st.tuples(st.just("pay_invoice"), CARDS, KEYS)
OF_PAYMENTS = (
    st.tuples(st.just("bank"), WHICH, st.booleans()),
    st.tuples(st.just("settle_anyway"), WHICH),
    st.tuples(st.just("notice"), WHICH),
    st.tuples(st.just("deliver"), WHICH),
    st.tuples(st.just("cancel"), AMOUNTS),
    REFUND,
    st.tuples(st.just("settle")),
    st.tuples(st.just("wait"), st.sampled_from([1, 31, 61])),
)
COMMANDS = st.one_of(
    BUY, *OF_PAYMENTS, REFUND, st.tuples(st.just("move"), st.sampled_from(sorted(Status)))
)
OF_INVOICES = st.one_of(
    *OF_PAYMENTS,
    PAY_INVOICE,
    PAY_INVOICE,
    st.tuples(st.just("pay_due"), CARDS),
    st.tuples(st.just("find_more")),
    st.tuples(st.just("credit"), AMOUNTS),
    st.tuples(st.just("void")),
    st.tuples(st.just("transfer")),
)
# A deal's invoice; or an order's own, of work that was found once it was paid.
BILLED = st.sampled_from([[("roll_up",)], [("buy", "tok_visa", None), ("find_more",)]])

HYPOTHESIS = settings(
    max_examples=HISTORIES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

FOUND = """
WITH its_orders AS (SELECT * FROM orders WHERE quote_id = :q),
its_invoices AS (SELECT * FROM invoices WHERE id IN (
    SELECT invoice_id FROM invoice_lines WHERE order_id IN (SELECT id FROM its_orders))),
ours AS (SELECT * FROM payments WHERE order_id IN (SELECT id FROM its_orders)
    OR invoice_id IN (SELECT id FROM its_invoices))
SELECT
    (SELECT count(*) FROM its_orders) AS orders,
    (SELECT status FROM its_orders) AS status,
    (SELECT paid FROM its_orders) AS paid,
    (SELECT sequence FROM its_orders) AS sequence,
    (SELECT coalesce(sum(price + tax - credited_price - credited_tax), 0)::int FROM invoice_lines
        JOIN its_invoices i ON i.id = invoice_id WHERE i.status = 'paid' AND means = 'card')
        AS charged,
    (SELECT coalesce(sum(amount), 0)::int FROM sandbox_charges
        WHERE state IN ('succeeded', 'underway') AND key IN (SELECT id FROM ours)) AS came_in,
    (SELECT coalesce(sum(amount), 0)::int FROM sandbox_refunds
        WHERE charge_key IN (SELECT id FROM ours)) AS went_out,
    (SELECT json_agg(json_build_object('status', status, 'amount', amount, 'refunded', refunded,
        'due', refund_due, 'refunds', refunds, 'id', id) ORDER BY id) FROM ours) AS payments,
    (SELECT json_agg(json_build_array(from_status, to_status) ORDER BY position)
        FROM order_history WHERE order_id IN (SELECT id FROM its_orders)) AS history,
    (SELECT json_agg(json_build_array(subject, type, sequence) ORDER BY position) FROM events
        WHERE subject IN (SELECT id FROM ours UNION SELECT id FROM its_orders
            UNION SELECT id FROM its_invoices)) AS told
"""


@pytest_asyncio.fixture(scope="module")
async def quoted(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Any]:
    """Yield what makes quotes, each with all that can happen to it."""
    clock = ShiftedClock()
    service = build(
        OrderSettings(database_url=await module_database("order")), clock=clock, keys=keys
    )
    second = timedelta(seconds=1)
    sandbox = Sandbox(service.engine, clock, url="http://bank.test", late=3 * second)
    till = Till(service.database, sandbox, 5 * second, 2 * second, timedelta(minutes=30))

    async def make(*, on_deal: bool = False) -> Paying:
        payer = Caller("cli_payer", new_id("par"), frozenset({Scope.PARTNER}))
        quote = Quote(
            id=new_id("quo"),
            partner_id=payer.partner_id,
            version=1,
            declined=False,
            expires_at=clock.now() + VALID,
            terms=TERMS,
        )
        async with service.database.transaction() as work:
            if on_deal:
                deal, _ = opened(new_id("dea"), payer.partner_id, "D-1", "AUD", None, work.now)
                await deals.add(work.connection, deal)
                quote = replace(quote, deal_id=deal.id)
            await projections.keep_quote(work.connection, quote, sequence=1)
        return Paying(till, sandbox, clock, payer, quote.id, quote.deal_id)

    yield make
    await service.engine.dispose()


@pytest.mark.seed(7, 8, 9, 21, 66)
@pytest.mark.timeout(900)
@HYPOTHESIS
@given(first=BUY, further=st.lists(COMMANDS, min_size=1, max_size=5))
async def test_whatever_happens_the_money_adds_up(
    quoted: Any, first: tuple[Any, ...], further: list[tuple[Any, ...]]
) -> None:
    await lived_through(await quoted(), [first, *further])


@pytest.mark.seed(8, 18, 21, 66, 74)
@pytest.mark.timeout(900)
@HYPOTHESIS
@given(first=BILLED, further=st.lists(OF_INVOICES, min_size=1, max_size=6))
async def test_whatever_happens_to_an_invoice_the_money_adds_up(
    quoted: Any, first: list[tuple[Any, ...]], further: list[tuple[Any, ...]]
) -> None:
    await lived_through(await quoted(on_deal=first == [("roll_up",)]), [*first, *further])


async def lived_through(paying: Paying, commands: list[tuple[Any, ...]]) -> None:
    for name, *given_ in commands:
        await getattr(paying, name)(*given_)
    await paying.end()
    async with paying.till.database.reading() as connection:
        found = (await connection.execute(text(FOUND), {"q": paying.quote_id})).one()
        await what_is_due_is_on_invoices(connection, paying.quote_id)
    one_order(found)
    money_adds_up(found)
    no_step_outside_the_tables(found)


def one_order(found: Any) -> None:
    assert found.orders <= 1
    kinds = [type_ for _, type_, _ in found.told or ()]
    assert kinds.count("service.created") == int(bool(found.sequence))
    assert not found.paid or found.status != "awaiting-payment"


async def what_is_due_is_on_invoices(connection: AsyncConnection, quote_id: str) -> None:
    order = await orders_.of_quote(connection, quote_id)
    if order and order.sequence:
        due = 0
        for invoice in await invoices.lock_of_order(connection, order.id):
            if invoice.status in {"open", "draft"}:
                due += left_by_order(invoice)[order.id].amount
        assert order.balance_due.amount == due


def money_adds_up(found: Any) -> None:
    """What came in went out again or is held; held is what paid invoices still charge."""
    held = 0
    for payment in found.payments or ():
        assert payment["due"] == 0
        assert payment["refunded"] <= payment["amount"]
        made = [each["amount"]["amount"] for each in payment["refunds"] if each["made_at"]]
        assert sum(made) == payment["refunded"]
        if payment["status"] in {"succeeded", "partially-refunded", "refunded"}:
            held += payment["amount"] - payment["refunded"]
            too_late = any(each["reason"] == TOO_LATE for each in payment["refunds"])
            assert not too_late or payment["status"] == "refunded"
        else:
            assert payment["refunds"] == []
    assert found.came_in == found.went_out + held
    assert held == found.charged


def no_step_outside_the_tables(found: Any) -> None:
    ways = {
        (here, there or back)
        for (here, _), (there, _) in orders.TRANSITIONS.items()
        for back in ({there} if there else {Status.PENDING, Status.IN_PROGRESS})
    }
    [*steps] = found.history or ()
    for before, after in steps:
        assert before is None or before == after or (before, after) in ways
    announced = {each: told for (_, _), (each, told) in payments.TRANSITIONS.items() if told}
    for payment in found.payments or ():
        told = [type_ for subject, type_, _ in found.told if subject == payment["id"]]
        assert told[-1:] == [announced[payments.Status(payment["status"])]]
        assert told.count("payment.succeeded") <= 1
        assert told.count("payment.failed") <= 1
        assert told.count("payment.refunded") == len(payment["refunds"])
    for thing in {subject for subject, _, _ in found.told or ()}:
        its = [(type_, number) for subject, type_, number in found.told if subject == thing]
        numbers = [number for _, number in its]
        assert [type_ for type_, _ in its].count("invoice.paid") <= 1
        assert numbers == list(range(1, len(numbers) + 1))
