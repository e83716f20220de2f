"""How what needs more than examples succeeds: deals and invoices."""

from __future__ import annotations

from conformance.calls import Call, prepares
from conformance.household import Household


@prepares("POST /v1/deals/{deal_id}/close")
async def _close_deal(of: Household) -> Call:
    return Call(ids={"deal_id": (await of.deal())["id"]}, body={})


@prepares("POST /v1/invoices/{invoice_id}/pay")
async def _pay_invoice(of: Household) -> Call:
    body = {"payment": {"method": "card", "token": "tok_visa"}}
    return Call(ids={"invoice_id": await of.open_invoice()}, body=body)


@prepares("POST /v1/invoices/{invoice_id}/pay 202")
async def _pay_invoice_slowly(of: Household) -> Call:
    body = {"payment": {"method": "card", "token": "tok_action_required"}}
    return Call(ids={"invoice_id": await of.open_invoice()}, body=body)


@prepares("POST /v1/invoices/{invoice_id}/pay 200")
async def _record_transfer(of: Household) -> Call:
    body = {"method": "bank-transfer", "reference": "ANZ 118"}
    return Call(ids={"invoice_id": await of.open_invoice()}, body=body, by_operator=True)


@prepares("POST /v1/invoices/{invoice_id}/void")
async def _void_invoice(of: Household) -> Call:
    return Call(ids={"invoice_id": await of.open_invoice()}, body={"reason": "Issued twice."})


@prepares("POST /v1/invoices/{invoice_id}/credit-notes")
async def _credit_invoice(of: Household) -> Call:
    return Call(ids={"invoice_id": await of.open_invoice()}, body={"reason": "Late."})
