"""What the quote service publishes on `quote.events`."""

from __future__ import annotations

from shared.contracts.common import Amount, Contact, Contract, Moment, TaxShare, Vehicle


class Fault(Contract):
    """What an inspection found; `severity` is `advisory`, `minor`, `major` or `dangerous`."""

    code: str | None = None
    description: str
    severity: str | None = None


class PriceStep(Contract):
    """One step to a price, in words and as an amount: labour, parts, …, discount (negative), tax.

    The amounts of a line's steps sum to its total.
    """

    step: str
    text: str
    amount: Amount


class AuthorizedBy(Contract):
    """Whose word on a line it is: `how` is `api`, `phone`, `pre-authorized`, `payment` …

    `name` is the person's, where a client of role `role` recorded it.
    """

    how: str
    name: str | None = None
    role: str | None = None
    client_id: str | None = None
    at: Moment


class QuoteItem(Contract):
    """A line: `total` is price and tax of the whole quantity; null until a person priced it.

    `price` is labour, parts, sublet and fees, less the discount. The service of a line that asks
    for a fault to be put right is `fault`. `taxes` sum to `tax`. `how` explains the price; the card
    is the one that priced it, in its version then, and null for a person's price.
    """

    id: str
    service: str
    description: str
    quantity: int
    notes: str | None = None
    fault: Fault | None = None
    labour: Amount | None = None
    parts: Amount | None = None
    sublet: Amount | None = None
    fees: Amount | None = None
    discount: Amount | None = None
    price: Amount | None = None
    tax: Amount | None = None
    taxes: tuple[TaxShare, ...] = ()
    total: Amount | None = None
    authorization: str
    how: tuple[PriceStep, ...] | None = None
    rate_card_id: str | None = None
    rate_card_version: int | None = None
    authorized_by: AuthorizedBy | None = None


class Doubt(Contract):
    """Something doubtful that was let pass; the pointer is into the request's body.

    `suggestion` is the value that would settle it, where that can be told.
    """

    pointer: str
    code: str
    message: str
    suggestion: str | None = None


class QuoteV1(Contract):
    """The whole quote after the event; `estimated_duration` is ISO 8601 (`PT6H30M`).

    Its total is what is to be paid: the sum of all lines but those declined.
    """

    id: str
    partner_id: str
    workshop_id: str | None = None
    deal_id: str | None = None
    external_reference: str | None = None
    type: str
    status: str
    version: int
    vehicle: Vehicle
    items: tuple[QuoteItem, ...]
    currency: str
    subtotal: Amount | None = None
    tax: Amount | None = None
    taxes: tuple[TaxShare, ...] = ()
    total: Amount | None = None
    authorized_total: Amount | None = None
    estimated_duration: str | None = None
    estimated_completion_at: Moment | None = None
    needed_by: Moment | None = None
    expires_at: Moment
    contact: Contact | None = None
    pre_authorized: Amount | None = None
    checkout_url: str
    paid: bool
    order_id: str | None = None
    ordered_version: int | None = None
    booking_id: str | None = None
    reason: str | None = None
    warnings: tuple[Doubt, ...] = ()
    created_at: Moment
