"""Playing the payer, where payments are the sandbox's."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from services.order.handlers import authenticating
from services.order.handlers.authenticating import Paid
from services.order.handlers.progress import View
from services.order.handlers.settling import Till
from services.order.payments.sandbox import Sandbox
from services.order.schemas import invoices, orders
from services.order.schemas.invoices import InvoiceOut
from services.order.schemas.orders import OrderOut
from shared.auth import PartnerCaller
from shared.idempotency import Answer, Idempotency


def build(till: Till, sandbox: Sandbox) -> APIRouter:
    """Make the routes over the sandbox."""
    router = APIRouter(prefix="/v1/sandbox", tags=["sandbox"])

    @router.post("/payments/{payment_id}/authenticate", response_model=OrderOut | InvoiceOut)
    async def authenticate(
        payment_id: Annotated[str, Path(max_length=64)], caller: PartnerCaller, key: Idempotency
    ) -> Response:
        """Confirm a payment as its payer would at the bank."""
        once = key.once(caller, _shown)
        answer = await authenticating.authenticate(till, sandbox, caller, payment_id, once)
        return answer.response()

    return router


def _shown(paid: Paid) -> Answer:
    return orders.shown(paid) if isinstance(paid, View) else invoices.shown(paid)
