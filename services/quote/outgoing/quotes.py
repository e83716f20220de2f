"""A quote as it is published: on the topic, in the webhook, and by `GET`, one shape for all."""

from __future__ import annotations

from services.quote.domain.authorization import Consent
from services.quote.domain.doubt import Doubt
from services.quote.domain.doubts import doubts
from services.quote.domain.lifecycle import QuoteEvent, Status
from services.quote.domain.line import Item
from services.quote.domain.quote import Quote
from services.quote.domain.request import Contact, Fault
from services.quote.domain.tax import Share
from services.quote.domain.vehicle import Vehicle
from services.quote.outgoing.steps import steps
from services.quote.outgoing.values import amount, iso8601
from shared.contracts import QuoteV1
from shared.contracts import common as contract
from shared.contracts.common import TaxShare
from shared.contracts.quote import AuthorizedBy, QuoteItem
from shared.contracts.quote import Doubt as DoubtShown
from shared.contracts.quote import Fault as FaultShown
from shared.events import Outgoing


def event(quote: Quote, what: QuoteEvent, shown: QuoteV1) -> Outgoing:
    """Say what happened, with the whole quote as it is shown now."""
    return Outgoing(
        type=what,
        subject=quote.id,
        partner_id=quote.partner_id,
        sequence=quote.sequence,
        data=shown,
    )


def snapshot(quote: Quote) -> QuoteV1:
    """Show the whole quote."""
    request, duration = quote.request, quote.duration
    subtotal, tax, total = quote.subtotal, quote.tax, quote.total
    return QuoteV1(
        id=quote.id,
        partner_id=quote.partner_id,
        workshop_id=request.workshop_id,
        deal_id=request.deal_id,
        external_reference=request.external_reference,
        type="reconditioning",
        status=quote.status,
        version=quote.version,
        vehicle=_vehicle(request.vehicle),
        items=tuple(_item(item) for item in quote.items),
        currency=quote.currency,
        subtotal=amount(subtotal) if subtotal else None,
        tax=amount(tax) if tax else None,
        taxes=tuple(map(_share, quote.taxes)),
        total=amount(total) if total else None,
        authorized_total=amount(quote.authorized_total),
        estimated_duration=None if duration is None else iso8601(duration),
        estimated_completion_at=quote.estimated_completion_at,
        needed_by=request.needed_by,
        expires_at=quote.expires_at,
        contact=_contact(request.contact),
        pre_authorized=amount(request.pre_authorized) if request.pre_authorized else None,
        checkout_url=quote.checkout_url,
        paid=quote.status is Status.ORDERED,
        order_id=quote.order_id,
        ordered_version=quote.ordered_version,
        booking_id=quote.booking_id,
        reason=quote.reason,
        warnings=tuple(map(_doubt, doubts(quote))),
        created_at=quote.created_at,
    )


def anonymous(shown: QuoteV1) -> QuoteV1:
    """Leave out whom a quote is for: people's names and addresses, and the vehicle's plate."""
    return shown.model_copy(
        update={
            "contact": None,
            "vehicle": shown.vehicle.model_copy(update={"registration": None}),
            "items": tuple(_unnamed(item) for item in shown.items),
        }
    )


def _unnamed(item: QuoteItem) -> QuoteItem:
    if item.authorized_by is None:
        return item
    by = item.authorized_by.model_copy(update={"name": None})
    return item.model_copy(update={"authorized_by": by})


def _doubt(doubt: Doubt) -> DoubtShown:
    return DoubtShown.model_validate(doubt, from_attributes=True)


def _item(item: Item) -> QuoteItem:
    price, basis = item.price, item.basis
    return QuoteItem(
        id=item.id,
        service=item.asked.service,
        description=item.description,
        quantity=item.asked.quantity,
        notes=item.asked.notes,
        fault=_fault(item.asked.fault),
        labour=amount(price.labour) if price else None,
        parts=amount(price.parts) if price else None,
        sublet=amount(price.sublet) if price else None,
        fees=amount(price.fees) if price else None,
        discount=amount(price.discount) if price else None,
        price=amount(price.net) if price else None,
        tax=amount(price.tax) if price else None,
        taxes=tuple(map(_share, item.taxes)),
        total=amount(price.total) if price else None,
        authorization=item.authorization,
        how=steps(price, basis, item.asked.quantity) if price and basis else None,
        rate_card_id=basis.card_id if basis else None,
        rate_card_version=basis.card_version if basis else None,
        authorized_by=_consent(item.consent),
    )


def _share(share: Share) -> TaxShare:
    tax, drawn = share.tax, amount(share.amount)
    if tax is None:
        return TaxShare(name="Tax", amount=drawn)
    return TaxShare(name=tax.name, tax_rate=tax.rate, jurisdiction=tax.jurisdiction, amount=drawn)


def _consent(consent: Consent | None) -> AuthorizedBy | None:
    return AuthorizedBy.model_validate(consent, from_attributes=True) if consent else None


def _fault(fault: Fault | None) -> FaultShown | None:
    if fault is None:
        return None
    return FaultShown(code=fault.code, description=fault.description, severity=fault.severity)


def _vehicle(vehicle: Vehicle) -> contract.Vehicle:
    registration = vehicle.registration
    return contract.Vehicle(
        vin=vehicle.vin,
        registration=registration
        and contract.Registration(plate=registration.plate, country=registration.country),
        make=vehicle.make,
        model=vehicle.model,
        year=vehicle.year,
        mileage=vehicle.mileage,
        vehicle_class=vehicle.vehicle_class,
    )


def _contact(contact: Contact | None) -> contract.Contact | None:
    if contact is None:
        return None
    return contract.Contact(name=contact.name, email=contact.email, phone=contact.phone)
