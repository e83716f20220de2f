"""Invoices: reading them, and what a person does to them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from services.order.handlers import documents, invoice_paying
from services.order.handlers import invoices as handlers
from services.order.handlers.settling import Till
from services.order.routes.documents import saved
from services.order.schemas import invoices as schemas
from services.order.tables.invoices import invoices
from shared.auth import OperatorCaller, PartnerCaller
from shared.contracts import CreditNoteV1
from shared.idempotency import Answer, Idempotency
from shared.negotiation import Accepted, preferred
from shared.pages import Page, PageQuery, cursor_after
from shared.prefer import WaitSeconds

PDF, XML = "application/pdf", "application/xml"
WRITE = {PDF: documents.as_pdf, XML: documents.as_xml}

InvoiceId = Annotated[str, Path(max_length=64)]


class InvoiceList(PageQuery, schemas.InvoiceQuery):
    """Which page of which invoices is asked for."""


def build(till: Till) -> APIRouter:
    """Make the routes over a database and a payment provider."""
    database = till.database
    router = APIRouter(prefix="/v1/invoices", tags=["invoices"])

    @router.get(
        "/{invoice_id}",
        response_model=schemas.InvoiceOut,
        responses={200: {"content": {PDF: {}, XML: {}}}},
    )
    async def read_invoice(
        invoice_id: InvoiceId, caller: PartnerCaller, accepted: Accepted
    ) -> Response:
        """Read an invoice: its lines, what is due of it, and its credit notes.

        `Accept: application/pdf` asks for the printed invoice, `application/xml` for UBL of
        EN 16931; so do `.pdf` and `.xml` after the id.
        """
        wanted = preferred(accepted, ("application/json", PDF, XML))
        if wanted in WRITE:
            paper = await documents.of_callers(database, caller, invoice_id, WRITE[wanted])
            return saved(paper)
        return schemas.shown(await handlers.read(database, caller, invoice_id)).response()

    @router.get("", response_model=Page[schemas.InvoiceOut])
    async def list_invoices(
        caller: PartnerCaller, asked: Annotated[InvoiceList, Query()]
    ) -> Response:
        """List invoices, newest first; drafts are what a deal's final invoice will have.

        A page has fewer than `limit` where they have thousands of lines.
        """
        filters = asked.model_dump(
            include=set(schemas.InvoiceQuery.model_fields), exclude_none=True
        )
        conditions = [invoices.c[name] == value for name, value in filters.items()]
        found, more = await handlers.page(
            database, caller, conditions, before=asked.cursor, limit=asked.limit
        )
        page = Page[schemas.InvoiceOut](
            data=[schemas.InvoiceOut.of(view) for view in found],
            next_cursor=cursor_after(found[-1].invoice.id) if more else None,
        )
        return Answer(200, page.model_dump_json().encode()).response()

    @router.post(
        "/{invoice_id}/pay",
        status_code=201,
        response_model=schemas.PaidOut,
        responses={
            200: {"model": schemas.PaidOut, "description": "A bank transfer was recorded"},
            202: {"model": schemas.PaidOut, "description": "The payment is not settled"},
        },
    )
    async def pay_invoice(
        invoice_id: InvoiceId,
        body: schemas.PayInput,
        caller: PartnerCaller,
        key: Idempotency,
        wait: WaitSeconds,
    ) -> Response:
        """Pay what is due by card; an operator may instead record a bank transfer that came in."""
        if means := body.card():
            charged = key.once(caller, schemas.attempted)
            answer = await invoice_paying.pay_invoice(
                till, caller, invoice_id, means, charged, wait=wait
            )
        else:
            once, reference = key.once(caller, schemas.shown), body.transfer()
            answer = await handlers.record_transfer(database, caller, invoice_id, reference, once)
        return answer.response()

    @router.post("/{invoice_id}/void", response_model=schemas.InvoiceOut)
    async def void_invoice(
        invoice_id: InvoiceId, body: schemas.VoidInput, caller: OperatorCaller, key: Idempotency
    ) -> Response:
        """Take back an unpaid invoice; its number is never given again."""
        once = key.once(caller, schemas.shown)
        return (await handlers.void(database, caller, invoice_id, body.reason, once)).response()

    @router.post("/{invoice_id}/credit-notes", status_code=201, response_model=CreditNoteV1)
    async def create_credit_note(
        invoice_id: InvoiceId,
        body: schemas.CreditNoteInput,
        caller: OperatorCaller,
        key: Idempotency,
    ) -> Response:
        """Take back some of an issued invoice, or all that is left of it."""
        once = key.once(caller, schemas.noted)
        answer = await handlers.take_back(
            database, caller, invoice_id, body.asked(), body.reason, once
        )
        return answer.response()

    return router
