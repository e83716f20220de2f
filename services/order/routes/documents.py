"""Invoices and credit notes as files: what `Accept` asks for, by a name that a browser knows.

They are left out of the reference: the JSON resource there says how to ask for them.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from services.order.handlers import documents
from services.order.handlers.documents import Paper, as_pdf, as_xml
from shared.auth import PartnerCaller
from shared.database import Database

InvoiceId = Annotated[str, Path(max_length=64)]
NoteId = Annotated[str, Path(max_length=64)]
Key = Annotated[str, Path(max_length=64)]


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/invoices", include_in_schema=False)

    @router.get("/{invoice_id}.pdf")
    async def invoice_pdf(invoice_id: InvoiceId, caller: PartnerCaller) -> Response:
        return saved(await documents.of_callers(database, caller, invoice_id, as_pdf))

    @router.get("/{invoice_id}.xml")
    async def invoice_xml(invoice_id: InvoiceId, caller: PartnerCaller) -> Response:
        return saved(await documents.of_callers(database, caller, invoice_id, as_xml))

    @router.get("/{invoice_id}/{key}.pdf")
    async def linked_pdf(invoice_id: InvoiceId, key: Key) -> Response:
        return saved(await documents.by_link(database, invoice_id, key))

    @router.get("/{invoice_id}/credit-notes/{note_id}.pdf")
    async def note_pdf(invoice_id: InvoiceId, note_id: NoteId, caller: PartnerCaller) -> Response:
        return saved(await documents.of_note(database, caller, invoice_id, note_id, as_pdf))

    @router.get("/{invoice_id}/credit-notes/{note_id}.xml")
    async def note_xml(invoice_id: InvoiceId, note_id: NoteId, caller: PartnerCaller) -> Response:
        return saved(await documents.of_note(database, caller, invoice_id, note_id, as_xml))

    return router


def saved(paper: Paper) -> Response:
    """Answer with a file; what is in it is its partner's alone."""
    headers = {
        "Content-Disposition": f'inline; filename="{paper.name}"',
        "Cache-Control": "private, no-store",
        "Vary": "Accept",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(paper.content, media_type=paper.media_type, headers=headers)
