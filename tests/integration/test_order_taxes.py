"""Taxes stay apart from the quote to the invoice: on its page, in its JSON and its PDF."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader

from infra.orders import OrderDesk
from shared.contracts.common import Amount, TaxShare
from shared.ids import new_id


def aud(cents: int) -> Amount:
    return Amount(amount=cents, currency="AUD")


TAXES = (
    TaxShare(name="GST", tax_rate="0.05", jurisdiction="CA-QC", amount=aud(2000)),
    TaxShare(name="QST", tax_rate="0.09975", jurisdiction="CA-QC", amount=aud(3990)),
)
SUMS = {"subtotal": aud(40000), "tax": aud(5990), "total": aud(45990)}
SHOWN = (("GST 5%", "20.00"), ("QST 9.975%", "39.90"))


@pytest.fixture
def account() -> str:
    return new_id("par")


async def bought(desk: OrderDesk, account: str) -> dict[str, str]:
    line = desk.new_quote(account).items[0]
    changes = {"tax": aud(5990), "taxes": TAXES, "total": aud(45990)}
    return await desk.ordered(account, items=(line.model_copy(update=changes),), **SUMS)


async def invoice_of(desk: OrderDesk, order_id: str, account: str) -> dict[str, object]:
    query = {"order_id": order_id}
    answer = await desk.client.get("/v1/invoices", params=query, headers=desk.partner(account))
    [found] = answer.json()["data"]
    return found


@pytest.mark.seed(4, 20)
async def test_each_tax_is_told_apart_to_the_invoice(desk: OrderDesk, account: str) -> None:
    order = await bought(desk, account)
    invoice = await invoice_of(desk, order["id"], account)
    assert invoice["tax"] == {"amount": 5990, "currency": "AUD"}
    assert [
        (each["name"], each["tax_rate"], each["amount"]["amount"]) for each in invoice["taxes"]
    ] == [
        ("GST", "0.05", 2000),
        ("QST", "0.09975", 3990),
    ]
    pages = (f"/checkout/{order['quote_id']}", f"/checkout/orders/{order['id']}")
    for page in pages:
        text = (await desk.client.get(page)).text
        for name, amount in SHOWN:
            row = rf'<th scope="row" colspan="2">{name}</th><td>AUD\xa0{amount}</td>'
            assert re.search(row, text), (page, name)
        assert "Tax</th>" not in text
    pdf = await desk.client.get(invoice["pdf_url"])
    written = "".join(each.extract_text() for each in PdfReader(io.BytesIO(pdf.content)).pages)
    for name, amount in SHOWN:
        assert re.search(rf"{name}\s+AUD\s{amount}", written), name


async def test_a_line_that_names_no_tax_is_shown_as_taxed(desk: OrderDesk, account: str) -> None:
    quote = await desk.quote(account)
    text = (await desk.client.get(f"/checkout/{quote.id}")).text
    assert '<th scope="row" colspan="2">Tax</th><td>AUD\xa040.00</td>' in text
    order = await desk.ordered(account)
    invoice = await invoice_of(desk, order["id"], account)
    [tax] = invoice["taxes"]
    assert (tax["name"], tax["tax_rate"], tax["amount"]["amount"]) == ("Tax", None, 4000)
