"""How what needs more than examples succeeds: quotes and what they are priced by."""

from __future__ import annotations

from conformance.calls import Call, prepares
from conformance.household import FAULT, QUOTE, Household


@prepares("POST /v1/quotes")
async def _ask(of: Household) -> Call:
    return Call(body=QUOTE | {"items": [{"service": "detailing"}, FAULT]})


@prepares("POST /v1/quotes/{quote_id}/price")
async def _price(of: Household) -> Call:
    quote = await of.quote(FAULT)
    line = {"item_id": quote["items"][0]["id"], "labour_hours": "1.5", "tax_rate": "0.10"}
    body = {"items": [line | {"hourly_rate": {"amount": 12000, "currency": "AUD"}}]}
    return Call(ids={"quote_id": quote["id"]}, body=body)


@prepares("POST /v1/quotes/{quote_id}/revise")
async def _revise(of: Household) -> Call:
    items = [{"service": "detailing", "quantity": 2}, FAULT]
    return Call(ids={"quote_id": (await of.quote())["id"]}, body={"items": items})


@prepares("PATCH /v1/quotes/{quote_id}/items/{item_id}")
async def _decide_line(of: Household) -> Call:
    quote = await of.quote()
    ids = {"quote_id": quote["id"], "item_id": quote["items"][0]["id"]}
    by = {"name": "Dana Reyes", "how": "phone"}
    return Call(ids=ids, body={"authorization": "authorized", "authorized_by": by})


@prepares("POST /v1/quotes/{quote_id}/decline")
async def _decline(of: Household) -> Call:
    return Call(ids={"quote_id": (await of.quote())["id"]}, body={"reason": "sold as it is"})


@prepares("PUT /v1/rate-cards/{service}")
async def _rate_card(of: Household) -> Call:
    amount = {"amount": 12000, "currency": "AUD"}
    rate = {"labour_hours": "1.5", "tax_rate": "0.10", "hourly_rate": amount}
    rates = [rate | {"parts": amount, "fees": amount}]
    own = {"workshop_id": of.ids["workshop_id"]}
    body = {"title": "Wrapping", "rates": rates}
    return Call(ids={"service": "wrapping"}, query=own, body=body)


@prepares("POST /v1/rate-cards/import")
async def _import(of: Household) -> Call:
    heading = "service,workshop_id,title,labour_hours,hourly_rate,currency,tax_rate"
    row = f"imported,{of.ids['workshop_id']},Imported,1.5,145.00,AUD,0.10"
    return Call(content=f"{heading}\r\n{row}\r\n".encode())


@prepares("PUT /v1/taxes/{jurisdiction}")
async def _taxes(of: Household) -> Call:
    return Call(ids={"jurisdiction": "NZ"}, body={"taxes": [{"tax_rate": "0.15"}]})
