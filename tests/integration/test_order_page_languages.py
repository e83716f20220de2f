"""The pages on which people pay, in each of their languages: all of a page, and all that follow."""

from __future__ import annotations

import re
from typing import Any

import pytest

from infra.bills import final_invoice, pay
from infra.deals import opened, place, quoted
from infra.invoices import as_operator
from infra.jobs import begun
from infra.orders import OrderDesk
from infra.reading import BROWSER, FORM, LARGE, is_a_page
from infra.tongues import in_english
from shared.ids import new_id

SPOKEN = ("de", "es")


async def quotes(desk: OrderDesk) -> dict[str, str]:
    """Have a quote in each stage; return its page, by what is said there in German."""
    account = new_id("par")
    line = desk.new_quote(account).items[0].model_copy(update={"price": None, "tax": None})
    unpriced: dict[str, Any] = {"status": "pending", "items": (line,), "total": None}
    canceled = await desk.ordered(account)
    path = f"/v1/orders/{canceled['id']}/cancel"
    await desk.client.post(path, json={"reason": "sold"}, headers=desk.partner(account))
    made = {
        "Gültig bis": (await desk.quote(account)).id,
        "Vielen Dank": (await desk.ordered(account))["quote_id"],
        "storniert": canceled["quote_id"],
        "abgelaufen": (await desk.quote(account, expires_at=desk.clock.now())).id,
        "Angebot abgelehnt": (await desk.quote(account, status="declined")).id,
        "von Hand": (await desk.quote(account, **unpriced)).id,
    }
    for told, card in (
        ("Bank hat die Karte", "tok_declined"),
        ("Ihre Bank", "tok_action_required"),
    ):
        quote = await desk.quote(account)
        await desk.buy(desk.partner(account), quote.id, card)
        made[told] = quote.id
    deal = await opened(desk, account)
    made["Beauftragt"] = await quoted(desk, account, deal, 10000)
    await place(desk, account, made["Beauftragt"])
    return {told: f"/checkout/{quote_id}" for told, quote_id in made.items()}


async def bills(desk: OrderDesk) -> dict[str, str]:
    """Have orders and invoices in their stages; return their pages as `quotes` does."""
    account = new_id("par")
    job = await begun(desk)
    await job.decide(await job.propose(), "authorize")
    await job.propose()
    invoices = [await final_invoice(desk, account, 40000) for _ in range(3)]
    await pay(desk, account, invoices[1])
    await as_operator(desk, invoices[2], "void", {"reason": "Issued twice."})
    paid, canceled = [await desk.ordered(account) for _ in range(2)]
    path = f"/v1/orders/{canceled['id']}/cancel"
    await desk.client.post(path, json={"reason": "sold"}, headers=desk.partner(account))
    return {
        "Fällig am": invoices[0]["pay_url"],
        "Rechnung ist bezahlt": invoices[1]["pay_url"],
        "zurückgenommen": invoices[2]["pay_url"],
        "Noch zu entscheiden": f"/checkout/orders/{job.order['id']}",
        "Alles ist bezahlt": f"/checkout/orders/{paid['id']}",
        "nichts zu zahlen": f"/checkout/orders/{canceled['id']}",
    }


async def test_no_page_is_half_in_english(desk: OrderDesk) -> None:
    pages = await quotes(desk) | await bills(desk)
    for told, address in pages.items():
        english = await desk.client.get(address)
        assert english.headers["content-language"] == "en"
        assert in_english(english.text, "order", "de"), "the check finds what is in English"
        for language in SPOKEN:
            answer = await desk.client.get(address, params={"lang": language})
            is_a_page(answer, 200)
            assert in_english(answer.text, "order", language) == set(), (told, language)
            assert f'<html lang="{language}">' in answer.text
            assert answer.headers["content-language"] == language
            assert answer.headers["vary"] == "Accept-Language"
            if language == "de":
                assert told in answer.text, told
    german = (await desk.client.get(pages["Gültig bis"], headers={"Accept-Language": "de"})).text
    assert "440,00\xa0AUD bezahlen" in german
    assert re.search(r"Gültig bis <time [^>]+>\d+\. \w+\.? 20\d\d, \d\d:\d\d UTC</time>", german)
    assert 'content="0; url=' not in german


async def test_the_choice_goes_along_to_the_bank_and_back(desk: OrderDesk) -> None:
    quote = await desk.quote(new_id("par"))
    address = f"/checkout/{quote.id}?lang=de"
    form = {"card": "tok_action_required", "attempt": new_id("att")}
    assert f'action="{address}"' in (await desk.client.get(address)).text
    assert (await desk.client.post(address, data=form)).headers["location"] == address
    page = (await desk.client.get(address)).text
    [bank] = re.findall(r'href="http://[^/]+(/checkout/bank/pay_\w+\?lang=de)"', page)
    page = (await desk.client.get(bank)).text
    assert f'action="{bank}"' in page
    assert in_english(page, "order", "de") == set()
    for _ in range(2):
        answer = await desk.client.post(bank, data={"decision": "confirm"})
        assert answer.headers["location"] == address
    assert "Die Arbeit ist beauftragt." in (await desk.client.get(address)).text


async def test_a_page_that_waits_comes_back_in_its_language(desk: OrderDesk) -> None:
    account = new_id("par")
    quote = await desk.quote(account)
    await desk.heard_of(quote)
    slowly = desk.partner(account) | {"Prefer": "wait=0"}
    await desk.buy(slowly, quote.id, "tok_late_success")
    page = (await desk.client.get(f"/checkout/{quote.id}?lang=es")).text
    assert "<h1>Pago en curso</h1>" in page
    assert in_english(page, "order", "es") == set()
    assert f'content="0; url=/checkout/{quote.id}?lang=es&amp;held=true"' in page


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("", "de-AT,de;q=0.9,en;q=0.5", "de"),
        ("?lang=es", "de", "es"),
        ("?lang=en", "de", "en"),
        ("?lang=tlh", "fr", "en"),
        ("?lang=tlh", "es", "es"),
        ("?lang=DE", None, "en"),
    ],
)
async def test_which_language_a_payer_reads(
    desk: OrderDesk, asked: str, accepted: str | None, language: str
) -> None:
    headers = BROWSER | ({"Accept-Language": accepted} if accepted else {})
    answer = await desk.client.get(f"/checkout/orders/{new_id('ord')}{asked}", headers=headers)
    is_a_page(answer, 404)
    assert f'<html lang="{language}">' in answer.text
    # What isn't there is so in all languages, and nobody's spelling goes along.
    assert set(re.findall(r"\?lang=(\w+)", answer.text)) == {"de", "en", "es"}


@pytest.mark.parametrize("language", SPOKEN)
async def test_what_is_refused_is_said_in_the_language(desk: OrderDesk, language: str) -> None:
    quote = await desk.quote(new_id("par"))
    address = f"/checkout/{quote.id}?lang={language}"
    await desk.client.get(address)
    foreign = {"Sec-Fetch-Site": "cross-site"}
    unknown = f"card=tok_nobodys&attempt={new_id('att')}".encode()
    missing = await desk.client.get(f"/checkout/orders/x?lang={language}", headers=BROWSER)
    assert in_english(missing.text, "order", language) == set()
    for content, headers, status in [
        (b"", FORM, 422),
        (unknown, FORM, 422),
        (unknown, FORM | foreign, 403),
        (LARGE, FORM, 413),
        (b"{}", {"Content-Type": "application/json"}, 415),
    ]:
        answer = await desk.client.post(address, content=content, headers=BROWSER | headers)
        is_a_page(answer, status)
        assert in_english(answer.text, "order", language) == set(), (status, answer.text)
        assert f'"{address}"' in answer.text
    answer = await desk.client.put(address, headers=BROWSER)
    is_a_page(answer, 405)
    assert in_english(answer.text, "order", language) == set()
    attempt = new_id("att")
    for card in ("tok_visa", "tok_declined"):
        form = {"card": card, "attempt": attempt}
        answer = await desk.client.post(address, data=form)
    is_a_page(answer, 422)
    assert in_english(answer.text, "order", language) == set()
