"""What the booking page refuses is told as a page to people, and as a problem to programs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import Booking, booking_service
from infra.databases import MakeDatabase
from infra.reading import BROWSER, FORM, LARGE, NO_FORMS, is_a_page
from infra.visitors import DETAILS, Visitor
from shared.ids import new_id


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys, public_url="") as made:
        yield made


@pytest.fixture
async def addresses(booking: Booking) -> list[str]:
    """Return the addresses of the page's forms: for a hold, for details, to move and to cancel."""
    workshop_id, _ = await booking.workshop()
    visitor = Visitor(booking.client)
    await visitor.choose(workshop_id, other="Rattles", day=booking.day(2))
    await visitor.take()
    details = visitor.address
    await visitor.send(DETAILS)
    forms = [visitor.link("/move"), visitor.link("/cancel")]
    return [f"http://roadworthy.test/book/{workshop_id}/hold", details, *forms]


async def test_a_form_that_cannot_be_read_is_told_on_a_page(
    booking: Booking, addresses: list[str]
) -> None:
    for address in addresses:
        large = await booking.client.post(address, content=LARGE, headers=BROWSER | FORM)
        is_a_page(large, 413)
        assert "Go to the booking page" in large.text
        for kind in NO_FORMS:
            headers = BROWSER | {"Content-Type": kind}
            is_a_page(await booking.client.post(address, content=b"{}", headers=headers), 415)
        many = b"&".join(b"x=%d" % each for each in range(101))
        is_a_page(await booking.client.post(address, content=many, headers=BROWSER | FORM), 400)
        nul = await booking.client.post(
            address, content=b"other=%00&name=%00&reason=%00&slot=%00", headers=BROWSER | FORM
        )
        is_a_page(nul, 409 if "/move" in address else 422)
        foreign = BROWSER | FORM | {"Origin": "https://evil.example"}
        is_a_page(await booking.client.post(address, content=b"", headers=foreign), 403)


async def test_what_the_page_cannot_be_asked_is_told_on_one(
    booking: Booking, addresses: list[str]
) -> None:
    for address in addresses:
        answer = await booking.client.put(address, headers=BROWSER)
        is_a_page(answer, 405)
        assert answer.headers["allow"] == "GET, HEAD, POST"
        assert (await booking.client.head(address, headers=BROWSER)).status_code in {200, 303}
    page = addresses[0].removesuffix("/hold")
    is_a_page(await booking.client.post(page, data={"x": "y"}, headers=BROWSER), 405)
    again = await booking.client.get(addresses[0], headers=BROWSER)
    assert (again.status_code, again.headers["location"]) == (303, httpx.URL(page).path)


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Nothing here"), ("de-CH,de", "Hier ist nichts")]
)
async def test_what_is_not_there_is_said_in_the_readers_language(
    booking: Booking, language: str, title: str
) -> None:
    workshop_id, _ = await booking.workshop()
    unknown = new_id("wks")
    for path in (
        "/book",
        "/book/",
        f"/book/{unknown}",
        f"/book/{unknown}/times",
        f"/book/{'x' * 65}",
        f"/book/{workshop_id}/nowhere",
        f"/book/{workshop_id}/a/b/c",
    ):
        answer = await booking.client.get(path, headers=BROWSER | {"Accept-Language": language})
        is_a_page(answer, 404)
        assert title in answer.text
        assert answer.headers["content-language"] == language[:2]
    is_a_page(await booking.client.get(f"/book/{workshop_id}?other=%00", headers=BROWSER), 400)


async def test_a_program_gets_a_problem(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop()
    asks = {"Accept": "application/json"}
    for path, status, code in [
        (f"/book/{new_id('wks')}", 404, "not-found"),
        (f"/book/{workshop_id}/manage?key=x", 404, "link-altered"),
    ]:
        answer = await booking.client.get(path, headers=asks)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
