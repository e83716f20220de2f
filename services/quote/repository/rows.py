"""Quotes and lines as rows, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from services.quote.domain.authorization import Authorization, Consent, How
from services.quote.domain.lifecycle import Status
from services.quote.domain.line import Item
from services.quote.domain.quote import Quote
from services.quote.domain.rate_card import Price
from services.quote.domain.request import Asked, Contact, Fault, Request, Severity
from services.quote.domain.vehicle import Registration, Vehicle, VehicleClass
from services.quote.repository import bases
from shared.money import Money, Rounding

PRICED = [field.name for field in fields(Price)]


def quote_row(quote: Quote) -> dict[str, Any]:
    """Make the row of a quote."""
    request = quote.request
    return {
        "id": quote.id,
        "partner_id": quote.partner_id,
        "status": quote.status,
        "version": quote.version,
        "sequence": quote.sequence,
        "workshop_id": request.workshop_id,
        "deal_id": request.deal_id,
        "external_reference": request.external_reference,
        "vehicle": request.vehicle,
        "contact": request.contact,
        "needed_by": request.needed_by,
        "pre_authorized": request.pre_authorized.amount if request.pre_authorized else None,
        "currency": quote.currency,
        "rounding": quote.rounding,
        "checkout_url": quote.checkout_url,
        "order_id": quote.order_id,
        "ordered_version": quote.ordered_version,
        "booking_id": quote.booking_id,
        "reason": quote.reason,
        "created_at": quote.created_at,
        "expires_at": quote.expires_at,
        "estimated_completion_at": quote.estimated_completion_at,
        "workshop_account": quote.workshop_account,
    }


def item_row(quote: Quote, line: int, item: Item) -> dict[str, Any]:
    """Make the row of a line, all of it JSON; `line` counts from 0."""
    price = item.price
    return {
        "quote_id": quote.id,
        "line": line,
        "id": item.id,
        "service": item.asked.service,
        "description": item.description,
        "quantity": item.asked.quantity,
        "notes": item.asked.notes,
        "duration": f"{item.duration.total_seconds()} s",
        "authorization": item.authorization,
        "consent": item.consent,
        "fault": item.asked.fault,
        "by_person": item.by_person,
        "basis": item.basis and bases.row(item.basis),
        **{name: getattr(price, name).amount if price else None for name in PRICED},
    }


def quote_from(row: Row[Any], lines: Sequence[Row[Any]]) -> Quote:
    """Read a quote from its row and those of its lines."""
    vehicle = dict(row.vehicle)
    registration = vehicle.pop("registration")
    pre_authorized = row.pre_authorized
    items = tuple(_item(line, row.currency) for line in lines)
    return Quote(
        id=row.id,
        partner_id=row.partner_id,
        status=Status(row.status),
        request=Request(
            vehicle=Vehicle(
                **vehicle | {"vehicle_class": VehicleClass(vehicle["vehicle_class"])},
                registration=Registration(**registration) if registration else None,
            ),
            items=[item.asked for item in items],
            workshop_id=row.workshop_id,
            deal_id=row.deal_id,
            needed_by=row.needed_by,
            external_reference=row.external_reference,
            contact=Contact(**row.contact) if row.contact else None,
            pre_authorized=None if pre_authorized is None else Money(pre_authorized, row.currency),
        ),
        items=items,
        currency=row.currency,
        rounding=Rounding(row.rounding),
        checkout_url=row.checkout_url,
        created_at=row.created_at,
        expires_at=row.expires_at,
        estimated_completion_at=row.estimated_completion_at,
        workshop_account=row.workshop_account,
        version=row.version,
        sequence=row.sequence,
        order_id=row.order_id,
        ordered_version=row.ordered_version,
        booking_id=row.booking_id,
        reason=row.reason,
    )


def _item(line: Row[Any], currency: str) -> Item:
    return Item(
        id=line.id,
        asked=Asked(
            service=line.service,
            quantity=line.quantity,
            notes=line.notes,
            fault=_fault(line.fault) if line.fault else None,
        ),
        description=line.description,
        price=None if line.labour is None else _price(line, currency),
        duration=line.duration,
        by_person=line.by_person,
        basis=line.basis and bases.read(line.basis, currency),
        authorization=Authorization(line.authorization),
        consent=_consent(line.consent) if line.consent else None,
    )


def _price(line: Row[Any], currency: str) -> Price:
    return Price(**{name: Money(getattr(line, name), currency) for name in PRICED})


def _consent(kept: dict[str, Any]) -> Consent:
    return Consent(**kept | {"how": How(kept["how"]), "at": datetime.fromisoformat(kept["at"])})


def _fault(kept: dict[str, Any]) -> Fault:
    severity = kept["severity"]
    return Fault(**kept | {"severity": Severity(severity) if severity else None})
