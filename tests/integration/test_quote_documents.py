"""A quote on paper and as a page: what it says, to whom, and how well it can be read."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from infra.chromium import PHONE, violations
from infra.quoting import LEAK, QuoteDesk

if TYPE_CHECKING:
    from playwright.async_api import Browser

Json = dict[str, Any]
HOSTILE = "#panic(1) $x$ <script>alert(1)</script>"


async def get(
    quoting: QuoteDesk, quote: Json, headers: dict[str, str], kind: str, suffix: str = ""
) -> Any:
    path = f"/v1/quotes/{quote['id']}{suffix}"
    return await quoting.client.get(path, headers=headers | {"Accept": kind})


async def decided(quoting: QuoteDesk, headers: dict[str, str]) -> Json:
    """Ask for a quote with a person's line, a declined one, and notes that mean harm."""
    items = [{"service": "brakes", "quantity": 2, "notes": HOSTILE}, {"service": "paint"}, LEAK]
    contact = {"name": "Zoë Ångström", "email": "zoe@example.com"}
    quote = await quoting.ask(headers, *items, contact=contact, external_reference="stock-7")
    quote = await quoting.price(quoting.mechanic(), quote, description="New sump gasket")
    path = f"/v1/quotes/{quote['id']}/items/{quote['items'][1]['id']}"
    answer = await quoting.client.patch(path, json={"authorization": "declined"}, headers=headers)
    shown: Json = answer.json()
    return shown


def text_of(pdf: bytes) -> str:
    pages = (page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    return " ".join(" ".join(pages).replace("\xa0", " ").split())


@pytest.mark.seed(1)
async def test_the_pdf_says_what_the_quote_does_and_can_be_listened_to(
    quoting: QuoteDesk,
) -> None:
    partner = quoting.partner()
    quote = await decided(quoting, partner)
    answer = await get(quoting, quote, partner, "application/pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'inline; filename="{quote["id"]}-1.pdf"'
    reader = PdfReader(BytesIO(answer.content))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    ]
    assert fonts
    assert all({"/FontFile2", "/FontFile3"} & font.keys() for font in fonts)

    said = text_of(answer.content)
    assert quote["checkout_url"] in said.replace(" ", "")
    amounts = [quote["total"], quote["tax"], *(item["total"] for item in quote["items"])]
    for amount in amounts:
        assert f"AUD {amount['amount'] / 100:,.2f}" in said
    for step in quote["items"][0]["how"]:
        assert " ".join(step["text"].split()) in said
    for words in ("Zoë Ångström", "stock-7", "New sump gasket", "2003 Honda", HOSTILE, "Declined"):
        assert words in said
    again = await get(quoting, quote, partner, "*/*", ".pdf")
    assert again.content == answer.content


async def test_the_page_runs_nothing_and_loads_nothing(quoting: QuoteDesk) -> None:
    partner = quoting.partner()
    quote = await decided(quoting, partner)
    answer = await get(quoting, quote, partner, "text/html, application/json;q=0.5")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert f'href="{quote["checkout_url"]}"' in answer.text
    assert (await get(quoting, quote, partner, "*/*", ".html")).content == answer.content


async def test_the_page_reads_well_in_a_browser(quoting: QuoteDesk, chromium: Browser) -> None:
    partner = quoting.partner()
    made = await get(quoting, await decided(quoting, partner), partner, "text/html")
    page = await chromium.new_page(viewport=PHONE)
    await page.set_content(made.text)
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    # What is to be paid is in sight, without scrolling sideways.
    due = await page.locator(".due td").bounding_box()
    assert due
    assert 0 <= due["x"] < due["x"] + due["width"] <= PHONE["width"]
    printed = await page.pdf(format="A4")
    assert "Review and pay: http" in text_of(printed)
    await page.close()


async def test_a_quote_without_prices_says_so(quoting: QuoteDesk) -> None:
    partner = quoting.partner()
    quote = await quoting.ask(partner, LEAK, {"service": "wash"})
    said = text_of((await get(quoting, quote, partner, "application/pdf")).content)
    assert "Waits for a price" in said
    assert "Total, tax included to be priced" in said
    assert "Review and pay" not in said


@pytest.mark.parametrize("accept", ["*/*", "application/json", "image/png", "text/html;q=0"])
async def test_json_is_what_is_given_unless_something_else_is_liked_better(
    quoting: QuoteDesk, accept: str
) -> None:
    partner = quoting.partner()
    quote = await quoting.ask(partner)
    assert (await get(quoting, quote, partner, accept)).json() == quote


@pytest.mark.seed(33)
async def test_paper_is_for_whoever_may_read_the_quote(quoting: QuoteDesk) -> None:
    quote = await quoting.ask(quoting.partner())
    for suffix in ("", ".pdf", ".html"):
        answer = await get(quoting, quote, quoting.partner(), "application/pdf", suffix)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
        answer = await get(quoting, quote, {}, "application/pdf", suffix)
        assert answer.status_code == 401


async def test_whoever_asks_for_many_pdfs_keeps_others_waiting_for_one(quoting: QuoteDesk) -> None:
    many, one = quoting.partner(), quoting.partner()
    long = await quoting.ask(many, *[{"service": "wash", "notes": "x " * 500}] * 50)
    short = await quoting.ask(one)
    done: list[str] = []

    async def read(quote: Json, partner: dict[str, str]) -> None:
        answer = await get(quoting, quote, partner, "application/pdf")
        assert answer.status_code == 200
        done.append(quote["id"])

    await asyncio.gather(*[read(long, many) for _ in range(12)], read(short, one))
    assert done.index(short["id"]) < 4
