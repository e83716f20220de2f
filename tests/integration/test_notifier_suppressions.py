"""Who isn't written to: who isn't there, and who wants no reminders."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.mailbox import PUBLIC_URL, MailBox, arrived, customer, mailing, outcomes
from infra.reading import BROWSER, FORM, LARGE, is_a_page
from infra.webhooks import Subscriber
from shared.service import Service


@pytest.fixture(scope="module")
def box() -> MailBox:
    return MailBox()


@pytest_asyncio.fixture(scope="module")
async def service(
    module_database: MakeDatabase, keys: SigningKeys, box: MailBox
) -> AsyncIterator[Service]:
    async with mailing(await module_database("notifier"), keys, box) as made:
        yield made


async def test_who_is_not_there_is_asked_for_once_until_that_is_lifted(
    dealer: Subscriber, operator: Subscriber, box: MailBox, service: Service, address: str
) -> None:
    box.gone.add(address)
    first = await dealer.happen("booking.created", customer=customer(address))
    [(_, state, error)] = await outcomes(service, first)
    assert (state, "550" in str(error)) == ("failed", True)
    again = await dealer.happen("booking.updated", customer=customer(address))
    assert await outcomes(service, again) == [("mail", "suppressed", "address-suppressed")]
    assert box.asked.count(address) == 1

    listed = await operator.get("/v1/suppressions", limit=100)
    [found] = [each for each in listed["data"] if each["address"] == address]
    assert found["reason"] == "refused"
    box.gone.clear()
    lifted = await operator.send("DELETE", f"/v1/suppressions/{address}")
    assert lifted.status_code == 204
    assert (await operator.send("DELETE", f"/v1/suppressions/{address}")).status_code == 404
    await dealer.happen("booking.updated", customer=customer(address))
    await arrived(box, address)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("550 5.1.10 its domain takes no mail", "suppressed"),
        ("550-5.1.1 no such user\r\n550 5.1.1 see our help", "suppressed"),
        ("550 who is that?", "suppressed"),
        ("550 5.7.1 your address is on a list of ours", "failed"),
        ("550 5.7.606 banned sending IP", "failed"),
        ("550 5.2.2 mailbox full", "failed"),
        ("553 5.1.8 we don't know the sender", "failed"),
        ("552 5.1.1 too large, all the same", "failed"),
    ],
)
async def test_only_who_is_not_there_is_suppressed_whatever_else_is_refused(
    dealer: Subscriber, box: MailBox, service: Service, address: str, said: str, state: str
) -> None:
    box.refusals[address] = said
    first = await dealer.happen("booking.created", customer=customer(address))
    [(_, failed, error)] = await outcomes(service, first)
    assert (failed, str(error).startswith("SMTPRecipientsRefused")) == ("failed", True)
    again = await dealer.happen("booking.updated", customer=customer(address))
    assert [each[1] for each in await outcomes(service, again)] == [state]


async def bounced(operator: Subscriber, address: str, original: str) -> httpx.Response:
    """Report that a mail with these headers couldn't be delivered."""
    report = (
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; "
        'boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; {address}\nAction: failed\n"
        "Status: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\n"
        f"{original}\n\n--b--\n"
    )
    headers = operator.headers | {"Content-Type": "message/rfc822"}
    return await operator.client.post("/v1/bounces", content=report.encode(), headers=headers)


async def test_a_mail_that_came_back_suppresses_its_address(
    dealer: Subscriber, operator: Subscriber, service: Service, box: MailBox, address: str
) -> None:
    sent = await dealer.happen("booking.created", customer=customer(address))
    await arrived(box, address)
    await outcomes(service, sent)
    other = await dealer.happen("booking.created", customer=customer(f"other-{address}"))
    for forged in ("", f"Message-ID: <{other.id}@roadworthy.dev>"):
        answer = await bounced(operator, address, forged)
        assert [each["suppressed"] for each in answer.json()["bounces"]] == [False]
    answer = await bounced(operator, address, f"Message-ID: <{sent.id}@roadworthy.dev>")
    assert answer.json() == {
        "event_id": sent.id,
        "bounces": [{"address": address, "status": "5.1.1", "suppressed": True}],
    }
    [(_, state, error)] = await outcomes(service, sent)
    assert (state, str(error).startswith("bounced 5.1.1")) == ("failed", True)
    later = await dealer.happen("booking.updated", customer=customer(address))
    assert await outcomes(service, later) == [("mail", "suppressed", "address-suppressed")]
    hello = await operator.client.post("/v1/bounces", content=b"hello", headers=operator.headers)
    assert (hello.status_code, hello.json()["code"]) == (422, "no-notification")


@pytest.mark.seed(54)
async def test_one_click_ends_reminders_and_nothing_else(
    dealer: Subscriber, service: Service, box: MailBox, keys: SigningKeys, address: str
) -> None:
    await dealer.happen("reminder.due", customer=customer(address))
    [reminder] = await arrived(box, address)
    assert reminder["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = reminder["List-Unsubscribe"].strip("<>").replace("\n", "").replace(" ", "")
    path = link.removeprefix(PUBLIC_URL)
    assert address.partition("@")[0] not in path
    looked = await dealer.client.get(path)  # a scanner's look ends nothing
    assert looked.status_code == 200
    assert "frame-ancestors 'none'" in looked.headers["content-security-policy"]
    before = await dealer.happen("review.requested", customer=customer(address))
    assert await outcomes(service, before) == [("mail", "sent", None)]

    form = {"List-Unsubscribe": "One-Click"}
    clicked: httpx.Response = await dealer.client.post(path, data=form)
    assert clicked.status_code == 200
    after = await dealer.happen("reminder.due", customer=customer(address))
    assert await outcomes(service, after) == [("mail", "suppressed", "unsubscribed")]
    booked = await dealer.happen("booking.created", customer=customer(address))
    assert await outcomes(service, booked) == [("mail", "sent", None)]
    assert box.to(address)[-1]["List-Unsubscribe"] is None
    other = Subscriber(service, keys)
    theirs = await other.happen("reminder.due", customer=customer(f"other-{address}"))
    assert await outcomes(service, theirs) == [("mail", "sent", None)]
    assert (await dealer.client.post("/unsubscribe/AAAA")).status_code == 404


async def test_a_link_that_leads_nowhere_is_told_in_the_readers_language(
    dealer: Subscriber, box: MailBox, address: str
) -> None:
    await dealer.happen("reminder.due", customer=customer(address))
    [reminder] = await arrived(box, address)
    link = reminder["List-Unsubscribe"].strip("<>").replace("\n", "").replace(" ", "")
    path = link.removeprefix(PUBLIC_URL)
    for wrong in (path[:-4], "/unsubscribe/AAAA", "/unsubscribe/" + "x" * 1001, "/unsubscribe"):
        for language, said in [
            ("de-AT, en;q=0.5", "funktioniert nicht"),
            ("fr", "doesn't work"),
        ]:
            asks = BROWSER | {"Accept-Language": language}
            answer = await dealer.client.get(wrong, headers=asks)
            is_a_page(answer, 404)
            assert said in answer.text
    large = await dealer.client.post(path, content=LARGE, headers=BROWSER | FORM)
    is_a_page(large, 413)
    put = await dealer.client.put(path, headers=BROWSER)
    is_a_page(put, 405)
    assert put.headers["allow"] == "GET, HEAD, POST"
    assert (await dealer.client.head(path)).status_code == 200
    program = await dealer.client.get("/unsubscribe/AAAA", headers={"Accept": "application/json"})
    assert (program.status_code, program.json()["code"]) == (404, "not-found")
