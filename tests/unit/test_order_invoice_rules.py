"""Invoices under random actions, and credit notes that never take back more than was charged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.order.domain import billing
from services.order.domain.credit_note import NothingToCredit, TooMuch, credited, left_of
from services.order.domain.invoice import (
    TRANSITIONS,
    Action,
    Announcement,
    Invoice,
    InvoiceEvent,
    InvoiceLine,
    Issue,
    Means,
    NotAllowed,
    Receipt,
    Status,
    discard,
    issue,
    pay,
    void,
)
from services.order.domain.issuer import Buyer, Issuer, Kind, Party, numbered
from services.order.domain.order import Action as OrderAction
from services.order.domain.order import Order, act
from services.order.domain.order import Status as OrderStatus
from services.order.domain.terms import Line, Terms, Vehicle
from shared.money import Money

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
GIVEN = Issue("INV-2026-0001-00001", date(2026, 12, 15), {"name": "We"}, {"name": "You"})
BY_BANK = Receipt(Means.BANK_TRANSFER, reference="ANZ 118")


def aud(amount: int) -> Money:
    return Money(amount, "AUD")


def line(price: int, tax: int, order_id: str = "ord_1") -> InvoiceLine:
    return InvoiceLine(order_id, "itm_1", "event", "Wash", 1, aud(price), aud(tax), aud(0), aud(0))


def drafted(*lines: InvoiceLine) -> Invoice:
    return Invoice("inv_1", "par_1", "AUD", Status.DRAFT, lines, NOON)


LINES = st.builds(line, st.integers(0, 10**7), st.integers(0, 10**6))
INVOICES = st.lists(LINES, min_size=1, max_size=6).map(lambda lines: drafted(*lines))


def act_on(invoice: Invoice, action: Action) -> tuple[Invoice, InvoiceEvent | None]:
    match action:
        case Action.ISSUE:
            return issue(invoice, GIVEN, NOON)
        case Action.PAY:
            return pay(invoice, BY_BANK, NOON)
        case Action.VOID:
            return void(invoice, "a mistake")
        case Action.DISCARD:
            return discard(invoice, "canceled"), None


class AnInvoice(RuleBasedStateMachine):
    @initialize(invoice=INVOICES)
    def begin(self, invoice: Invoice) -> None:
        self.invoice = invoice
        self.told: list[InvoiceEvent] = []
        self.taken = aud(0)

    @rule(action=st.sampled_from(Action))
    def do(self, action: Action) -> None:
        entry = TRANSITIONS.get((self.invoice.status, action))
        try:
            self.invoice, event = act_on(self.invoice, action)
        except NotAllowed:
            assert entry is None
            return
        assert entry is not None
        assert (self.invoice.status, event and event.announcement) == entry
        self.told += [event] if event else []

    @rule(data=st.data())
    def credit_some(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(1, len(self.invoice.lines)))
        left = self.invoice.lines[place - 1].remaining
        amount = aud(data.draw(st.integers(0, left.amount + 1)))
        try:
            self.invoice, notes = credited(self.invoice, {place: amount})
        except NothingToCredit:
            assert amount.amount == 0 or self.invoice.status in {Status.DRAFT, Status.VOID}
        except TooMuch:
            assert amount.amount > left.amount
        else:
            [note] = notes
            assert note.total == amount
            assert min(note.price.amount, note.tax.amount) >= 0
            self.taken += note.total

    @invariant()
    def the_total_is_the_sum_of_its_lines(self) -> None:
        prices = sum(each.price.amount for each in self.invoice.lines)
        taxes = sum(each.tax.amount for each in self.invoice.lines)
        assert self.invoice.total == aud(prices + taxes)
        assert self.invoice.subtotal + self.invoice.tax == self.invoice.total

    @invariant()
    def no_more_is_credited_than_charged_by_line_by_tax_and_in_all(self) -> None:
        for each in self.invoice.lines:
            assert 0 <= each.credited_price.amount <= each.price.amount
            assert 0 <= each.credited_tax.amount <= each.tax.amount
        assert self.invoice.credited == self.taken

    @invariant()
    def only_an_open_invoice_has_something_due(self) -> None:
        due = self.invoice.total - self.invoice.credited
        assert self.invoice.amount_due == (due if self.invoice.status is Status.OPEN else aud(0))

    @invariant()
    def the_sequence_counts_what_was_told(self) -> None:
        assert [each.invoice.sequence for each in self.told] == [
            *range(1, self.invoice.sequence + 1)
        ]
        assert [each.announcement for each in self.told[:1]] in ([], [Announcement.CREATED])


TestAnInvoice = AnInvoice.TestCase


@given(INVOICES.map(lambda each: issue(each, GIVEN, NOON)[0]), st.data())
def test_what_is_taken_back_bit_by_bit_is_in_the_end_what_was_charged(
    invoice: Invoice, data: st.DataObject
) -> None:
    rest = left_of(invoice)
    part = {place: aud(data.draw(st.integers(0, left.amount))) for place, left in rest.items()}
    for asked in (part, None):
        try:
            invoice, _ = credited(invoice, left_of(invoice) if asked is None else asked)
        except NothingToCredit:
            assert all(some.amount == 0 for some in (asked or left_of(invoice)).values())
    for each in invoice.lines:
        assert (each.credited_price, each.credited_tax) == (each.price, each.tax)


ITEM = Line("itm_1", "wash", "Wash", 1, None, aud(1000), aud(100))
UNPAID = Order(
    id="ord_1",
    partner_id="par_1",
    status=OrderStatus.AWAITING_PAYMENT,
    terms=Terms("reconditioning", "AUD", Vehicle(), (ITEM,)),
    created_at=NOON,
)


@pytest.mark.seed(20, 21)
def test_an_order_is_charged_once_it_is_placed_and_taken_back_once_it_is_canceled() -> None:
    placed, _ = act(UNPAID, OrderAction.CONFIRM, NOON)
    started, _ = act(placed, OrderAction.START, NOON)
    canceled, _ = act(started, OrderAction.CANCEL, NOON, reason="sold")
    assert billing.newly_charged(None, UNPAID) == ()
    assert billing.newly_charged(UNPAID, placed) == (ITEM,)
    assert billing.newly_charged(placed, started) == ()
    assert [billing.was_canceled(a, b) for a, b in ((UNPAID, placed), (placed, started))] == [
        False
    ] * 2
    assert billing.was_canceled(started, canceled)
    gone, _ = act(UNPAID, OrderAction.CANCEL, NOON, reason="sold")
    assert not billing.was_canceled(UNPAID, gone)


def test_a_line_that_is_added_later_is_charged_by_itself() -> None:
    placed, _ = act(UNPAID, OrderAction.CONFIRM, NOON)
    more = replace(ITEM, id="itm_2", description="Polish")
    longer = replace(placed, terms=replace(placed.terms, lines=(ITEM, more)))
    assert billing.newly_charged(placed, longer) == (more,)


OURS: dict[str, Any] = {
    "party": Party("Harbour Reconditioning"),
    "invoice_prefix": "INV",
    "credit_note_prefix": "CN",
    "due_days": 14,
}


def test_the_day_and_the_numbers_year_are_the_issuers() -> None:
    new_year = datetime(2026, 12, 31, 14, tzinfo=UTC)
    here = Issuer(**OURS, time_zone="UTC")
    sydney = Issuer(**OURS, time_zone="Australia/Sydney")
    buyer = Buyer(7, Party("Dealer One"))
    assert numbered(here.series(Kind.INVOICE, new_year), buyer, 42) == "INV-2026-0007-00042"
    assert numbered(sydney.series(Kind.CREDIT_NOTE, new_year), buyer, 1) == "CN-2027-0007-00001"
    assert (here.due_on(new_year), sydney.due_on(new_year)) == (
        date(2027, 1, 14),
        date(2027, 1, 15),
    )
