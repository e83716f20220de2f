"""Work found on the way: who may propose it, who decides, and what is refused until then."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.jobs import HOSES, TOLD_BY_PHONE, Job, begun
from infra.orders import OrderDesk, aud
from infra.waiting import eventually
from shared.ids import new_id


@pytest.fixture
async def job(desk: OrderDesk) -> Job:
    return await begun(desk)


@pytest.mark.seed(71, 24)
async def test_nobody_works_on_what_nobody_authorised(job: Job) -> None:
    supplement = await job.propose()
    [line] = supplement["items"]
    assert (line["price"]["amount"], line["tax"]["amount"]) == (20000, 2000)
    refused = await job.post(f"items/{line['id']}/status", {"status": "in-progress"})
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "not-authorized")
    assert (problem["item_id"], problem["supplement_id"]) == (line["id"], supplement["id"])

    authorized = (await job.decide(supplement, "authorize")).json()
    assert authorized["total"]["amount"] == 44000 + 22000
    assert (authorized["paid"], authorized["balance_due"]["amount"]) == (False, 22000)
    worked = await job.post(f"items/{line['id']}/status", {"status": "in-progress"})
    items = {each["id"]: each for each in worked.json()["items"]}
    assert items[line["id"]]["work"] == "in-progress"
    assert items[line["id"]]["supplement_id"] == supplement["id"]

    told = (await job.desk.logged(job.order["id"]))[2:]
    assert [each.type for each in told] == ["service.updated"] * 3
    fields = [[change["field"] for change in each.data["changes"]] for each in told]
    named = f"supplements/{supplement['id']}"
    assert fields == [
        [named],
        ["paid", "total", named, f"items/{line['id']}"],
        [f"items/{line['id']}"],
    ]
    assert {each.data["reason"] for each in told[:2]} == {HOSES["reason"]}


@pytest.mark.seed(71, 15)
async def test_who_decided_what_when_and_how_is_kept(job: Job) -> None:
    asked, other = await job.propose(), await job.propose()
    own = (await job.decide(asked, "authorize", {"note": "go on"})).json()
    decision = own["supplements"][0]["decision"]
    assert (decision["way"], decision["role"], decision["note"]) == ("api", "partner", "go on")
    assert decision["client_id"]

    an_hour_ago = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    at = an_hour_ago.isoformat().replace("+00:00", "Z")
    told = TOLD_BY_PHONE | {"at": at}
    recorded = (await job.decide(other, "decline", told, by="workshop")).json()
    decision = recorded["supplements"][1]["decision"]
    assert (decision["way"], decision["by"], decision["at"]) == ("phone", "Dana Smith", at)
    assert (decision["role"], decision["recorded_at"] > at) == ("workshop", True)

    path = f"/v1/orders/{job.order['id']}/history"
    headers = job.desk.partner(job.account)
    entries = (await job.desk.client.get(path, headers=headers)).json()["data"]
    by = [
        (entry["actor"]["role"], change["after"], entry["reason"])
        for entry in entries
        for change in entry["changes"]
        if change["field"].startswith("supplements/")
    ]
    why = HOSES["reason"]
    assert by == [
        ("workshop", "open", why),
        ("workshop", "open", why),
        ("partner", "authorized", "go on"),
        ("workshop", "declined", why),
    ]


@pytest.mark.seed(71)
@pytest.mark.parametrize(
    ("by", "body", "pointer", "code"),
    [
        ("workshop", {}, "/way", "missing"),
        ("workshop", {"way": "phone"}, "/by", "missing"),
        ("workshop", TOLD_BY_PHONE | {"at": "2190-01-01T00:00:00Z"}, "/at", "in-the-future"),
        ("partner", TOLD_BY_PHONE, "/way", "own-decision"),
        ("workshop", {"way": "api", "by": "Dana"}, "/way", "literal-error"),
    ],
)
async def test_a_decision_says_whose_it_is(
    job: Job, by: str, body: Any, pointer: str, code: str
) -> None:
    supplement = await job.propose()
    refused = await job.decide(supplement, "authorize", body, by=by)
    assert refused.status_code == 422
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [(pointer, code)]


@pytest.mark.seed(71)
async def test_a_cap_authorises_by_itself_as_far_as_it_goes(desk: OrderDesk) -> None:
    job = await begun(desk, pre_authorized=aud(30000))
    first, second = await job.propose(), await job.propose()
    assert (first["status"], first["decision"]["way"]) == ("authorized", "pre-authorized")
    assert (second["status"], second["decision"]) == ("open", None)
    order = await job.now()
    assert (order["total"]["amount"], order["balance_due"]["amount"]) == (66000, 22000)
    assert order["pre_authorized"]["amount"] == 30000


@pytest.mark.seed(71)
async def test_an_order_is_not_completed_while_somebody_has_to_decide(job: Job) -> None:
    supplement = await job.propose()
    refused = await job.post("status", {"status": "completed"})
    assert (refused.status_code, refused.json()["code"]) == (409, "supplement-undecided")
    assert refused.json()["supplement_ids"] == [supplement["id"]]
    assert (await job.decide(supplement, "withdraw", {"note": "they hold"}, by="workshop")).json()[
        "supplements"
    ][0]["status"] == "withdrawn"
    done = await job.post("status", {"status": "completed"})
    assert done.status_code == 200
    assert {item["work"] for item in done.json()["items"]} == {"done"}


@pytest.mark.seed(71)
async def test_a_decision_stands(job: Job) -> None:
    supplement = await job.propose()
    assert (await job.decide(supplement, "decline")).status_code == 200
    refused = await job.decide(supplement, "authorize")
    assert (refused.status_code, refused.json()["code"]) == (409, "already-decided")
    assert refused.json()["supplement_status"] == "declined"
    assert (await job.now())["total"]["amount"] == 44000


@pytest.mark.seed(71)
async def test_of_racing_decisions_one_stands(job: Job) -> None:
    supplement = await job.propose()
    both = ["authorize", "decline"] * 4
    answers = await asyncio.gather(*(job.decide(supplement, what) for what in both))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    [stands] = [each.json()["supplements"][0] for each in answers if each.status_code == 200]
    assert (await job.now())["supplements"] == [stands]


@pytest.mark.seed(14, 71)
@pytest.mark.parametrize("end", ["completed", "canceled"])
async def test_what_has_ended_takes_no_more_work(job: Job, end: str) -> None:
    if end == "completed":
        await job.post("status", {"status": "completed"})
    else:
        pending = await job.propose()
        await job.post("cancel", {"reason": "sold"})
        [left] = (await job.now())["supplements"]
        assert (left["status"], left["decision"]["way"]) == ("withdrawn", "order-canceled")
        refused = await job.decide(pending, "authorize")
        assert refused.json()["code"] == "order-not-under-way"
    refused = await job.post("supplements", HOSES)
    assert (refused.status_code, refused.json()["code"]) == (409, "order-not-under-way")


async def test_a_line_is_worked_on_while_its_order_is_in_progress(desk: OrderDesk) -> None:
    account, garage = new_id("par"), new_id("par")
    job = Job(desk, await desk.ordered(account), account, garage)
    path = f"items/{job.order['items'][0]['id']}/status"
    early = await job.post(path, {"status": "done"})
    assert (early.status_code, early.json()["code"]) == (409, "order-not-in-progress")
    await job.start()
    assert (await job.post(path, {"status": "done"})).status_code == 200
    again = await job.post(path, {"status": "done"})
    assert (again.status_code, again.json()["allowed"]) == (409, ["in-progress"])
    nobodys = await job.post(f"items/{new_id('itm')}/status", {"status": "done"})
    assert nobodys.status_code == 404


@pytest.mark.seed(63)
async def test_what_is_wrong_with_a_proposal_is_named(job: Job) -> None:
    line = dict(HOSES["items"][0])  # type: ignore[call-overload] - JSON
    dollars = {"amount": 1, "currency": "NZD"}
    for items, pointer, code in [
        ([], "/items", "too-short"),
        ([line | {"tax_rate": "2"}], "/items/0/tax_rate", "less-than-equal"),
        ([line | {"labour": None, "parts": None}], "/items/0", "no-price"),
        ([line | {"parts": dollars}], "/items/0", "mixed-currencies"),
        ([line, line | {"parts": dollars, "labour": None}], "/items/1/parts/currency", None),
    ]:
        refused = await job.post("supplements", HOSES | {"items": items})
        [error] = refused.json()["errors"]
        assert (error["pointer"], error["code"]) == (pointer, code or "other-currency")


@pytest.mark.seed(33)
async def test_a_supplement_is_its_orders_alone(job: Job, desk: OrderDesk) -> None:
    supplement = await job.propose()
    stranger = desk.partner(new_id("par"))
    path = f"/v1/orders/{job.order['id']}/supplements/{supplement['id']}"
    seen = await desk.client.get(path, headers=desk.partner(job.account))
    assert seen.json() == supplement
    for answer in (
        await desk.client.get(path, headers=stranger),
        await desk.client.post(f"{path}/authorize", json={}, headers=stranger),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    refused = await desk.client.post(
        f"/v1/orders/{job.order['id']}/supplements",
        json=HOSES,
        headers=desk.partner(job.account),
    )
    assert refused.status_code == 403


@pytest.mark.seed(71)
async def test_what_was_authorised_since_is_paid(job: Job) -> None:
    await job.decide(await job.propose(), "authorize")
    card = {"method": "card", "token": "tok_visa"}
    paid = await job.post("payments", card, by="partner")
    assert (paid.status_code, paid.json()["payment"]["amount"]["amount"]) == (201, 22000)
    assert (paid.json()["paid"], paid.json()["balance_due"]["amount"]) == (True, 0)
    again = await job.post("payments", card, by="partner")
    assert (again.status_code, again.json()["code"]) == (409, "nothing-due")
    told = (await job.desk.logged(job.order["id"]))[-1]
    assert [change["field"] for change in told.data["changes"]] == ["paid"]


@pytest.mark.seed(21, 71)
async def test_a_canceled_order_gives_back_all_that_was_paid(job: Job) -> None:
    await job.decide(await job.propose(), "authorize")
    await job.post("payments", {"method": "card", "token": "tok_visa"}, by="partner")
    canceled = await job.post("cancel", {"reason": "sold"}, by="partner")
    assert canceled.json()["balance_due"]["amount"] == 0

    async def refunded() -> bool:
        payments = (await job.now())["payments"]
        return sum(each["refunded"]["amount"] for each in payments) == 66000

    assert await eventually(refunded)


@pytest.mark.seed(21, 71)
async def test_money_for_a_balance_that_is_gone_goes_back(job: Job) -> None:
    await job.decide(await job.propose(), "authorize")
    slow = {"method": "card", "token": "tok_late_success"}
    assert (await job.post("payments", slow, by="partner")).status_code in {201, 202}
    await job.post("cancel", {"reason": "sold"}, by="partner")

    async def all_back() -> bool:
        payments = (await job.now())["payments"]
        return [each["status"] for each in payments] == ["refunded", "refunded"]

    assert await eventually(all_back)


@pytest.mark.seed(21, 71)
async def test_no_words_of_a_workshops_keep_its_partner_from_ending_an_order(job: Job) -> None:
    """Each event carries the whole order, and has a largest size: what would pass it was a 500."""
    words = {"description": "\U0001f527" * 200, "notes": "\U0001f527" * 500}
    line = {"service": "brakes", "parts": {"amount": 1, "currency": "AUD"}, "tax_rate": "0"} | words
    proposed = []
    while (
        answer := await job.post("supplements", {"reason": "!", "items": [line] * 20})
    ).is_success:
        proposed.append(answer.json())
    assert (answer.status_code, answer.json()["code"]) == (409, "order-full")
    assert len(proposed) > 3
    for supplement in proposed:
        assert (await job.decide(supplement, "authorize")).status_code == 200
    canceled = await job.post("cancel", {"reason": "no" * 2000}, by="partner")
    assert canceled.status_code == 200, canceled.text
