"""Who issues invoices, and to whom they are made out."""

from __future__ import annotations

from fastapi import APIRouter

from services.order.handlers import billing as handlers
from services.order.schemas import billing as schemas
from shared.auth import OperatorCaller, PartnerCaller
from shared.database import Database


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/billing", tags=["invoices"])

    @router.get("/issuer")
    async def read_issuer(caller: OperatorCaller) -> schemas.IssuerOut:
        """Read who issues invoices, and how they are numbered."""
        return schemas.IssuerOut.of(await handlers.read_issuer(database))

    @router.put("/issuer")
    async def put_issuer(body: schemas.IssuerInput, caller: OperatorCaller) -> schemas.IssuerOut:
        """Set who issues invoices, from the next one on."""
        return schemas.IssuerOut.of(await handlers.put_issuer(database, body.issuer()))

    @router.get("/details")
    async def read_details(caller: PartnerCaller) -> schemas.DetailsOut:
        """Read how invoices are made out to you."""
        buyer = await handlers.read_details(database, caller)
        return schemas.DetailsOut.of(buyer, caller.partner_id)

    @router.put("/details")
    async def put_details(body: schemas.PartyInput, caller: PartnerCaller) -> schemas.DetailsOut:
        """Set how invoices are made out to you, from the next one on."""
        buyer = await handlers.put_details(database, caller, body.party())
        return schemas.DetailsOut.of(buyer, caller.partner_id)

    return router
