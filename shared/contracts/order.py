"""What the order service publishes on `order.events`."""

from __future__ import annotations

from datetime import date

from shared.contracts.common import Amount, Change, Contact, Contract, Moment, TaxShare, Vehicle


class ServiceItem(Contract):
    """A line of work; `total` is price and tax of the whole quantity, `work` how far it is."""

    id: str
    service: str
    description: str
    quantity: int
    notes: str | None = None
    labour: Amount | None = None
    parts: Amount | None = None
    fees: Amount | None = None
    price: Amount
    tax: Amount
    total: Amount
    supplement_id: str | None = None
    work: str | None = None


class Decision(Contract):
    """Who decided of a supplement, and how: `way` is `api`, `phone`, `pre-authorized` …

    `by` is the person whose word it was, where a client of role `role` recorded it.
    """

    way: str
    by: str | None = None
    role: str
    client_id: str | None = None
    note: str | None = None
    at: Moment
    recorded_at: Moment


class Supplement(Contract):
    """Work found on the way; its lines are among the order's once it is `authorized`."""

    id: str
    status: str
    reason: str
    items: tuple[ServiceItem, ...]
    subtotal: Amount
    tax: Amount
    total: Amount
    estimated_completion_at: Moment | None = None
    attachment_ids: tuple[str, ...] = ()
    decision: Decision | None = None
    created_at: Moment


class ServiceV1(Contract):
    """The whole order as it stands after the event, with what changed and why.

    Its total is that of the authorised lines, `items`; `balance_due` what is still to be paid, and
    `pay_url`, below the platform's own address, the page on which a card pays it.
    """

    id: str
    partner_id: str
    quote_id: str | None = None
    quote_version: int | None = None
    workshop_id: str | None = None
    deal_id: str | None = None
    external_reference: str | None = None
    type: str
    status: str
    vehicle: Vehicle
    items: tuple[ServiceItem, ...]
    subtotal: Amount
    tax: Amount
    total: Amount
    paid: bool
    payment_method: str | None = None
    balance_due: Amount | None = None
    pay_url: str | None = None
    pre_authorized: Amount | None = None
    supplements: tuple[Supplement, ...] = ()
    needed_by: Moment | None = None
    scheduled_at: Moment | None = None
    estimated_duration: str | None = None
    estimated_completion_at: Moment | None = None
    completed_at: Moment | None = None
    contact: Contact | None = None
    reason: str | None = None
    changes: tuple[Change, ...] = ()
    created_at: Moment


class PaymentRefund(Contract):
    """Some of a payment that is owed back, and went back once it has `made_at`."""

    id: str
    amount: Amount
    reason: str | None = None
    created_at: Moment
    made_at: Moment | None = None


class PaymentV1(Contract):
    """A payment, of an order or of an invoice; `refunded` is what went back so far."""

    id: str
    partner_id: str
    order_id: str | None = None
    invoice_id: str | None = None
    quote_id: str | None = None
    status: str
    method: str
    amount: Amount
    refunded: Amount
    refunds: tuple[PaymentRefund, ...] = ()
    failure_code: str | None = None
    created_at: Moment


class DealV1(Contract):
    """A deal: orders rolled up into one final invoice, and quotes that were paid on their own.

    `total` is what the orders on its invoice cost, less what was credited.
    """

    id: str
    partner_id: str
    reference: str
    status: str
    order_ids: tuple[str, ...] = ()
    quote_ids: tuple[str, ...] = ()
    currency: str | None = None
    contact: Contact | None = None
    total: Amount | None = None
    invoice_id: str | None = None
    created_at: Moment
    closed_at: Moment | None = None


class InvoiceLine(Contract):
    """One amount of an invoice, and the order line and event that it comes from."""

    order_id: str
    item_id: str | None = None
    event_id: str | None = None
    description: str
    quantity: int = 1
    price: Amount
    tax: Amount
    total: Amount


class InvoiceV1(Contract):
    """An invoice as it stands after the event; `number` is given when it opens.

    `taxes` has each tax apart, and sums to `tax`; what no name is known of is `Tax`.

    `pdf_url` shows it to whoever has that link, and `pay_url` takes what is due of it; both are
    below the platform's own address.
    """

    id: str
    partner_id: str
    order_id: str | None = None
    deal_id: str | None = None
    number: str | None = None
    status: str
    lines: tuple[InvoiceLine, ...]
    subtotal: Amount
    tax: Amount
    taxes: tuple[TaxShare, ...] = ()
    total: Amount
    credited: Amount | None = None
    amount_due: Amount | None = None
    issued_at: Moment | None = None
    due_on: date | None = None
    paid_at: Moment | None = None
    payment_method: str | None = None
    payment_id: str | None = None
    payment_reference: str | None = None
    reason: str | None = None
    rolled_into: str | None = None
    pdf_url: str | None = None
    pay_url: str | None = None
    contact: Contact | None = None
    created_at: Moment


class CreditNoteLine(InvoiceLine):
    """What is taken back of one line of the invoice; `position` counts its lines from 1."""

    position: int


class CreditNoteV1(Contract):
    """A credit note: it takes back some of an invoice, or all of it."""

    id: str
    partner_id: str
    invoice_id: str
    invoice_number: str
    number: str
    reason: str
    lines: tuple[CreditNoteLine, ...]
    subtotal: Amount
    tax: Amount
    total: Amount
    contact: Contact | None = None
    created_at: Moment
