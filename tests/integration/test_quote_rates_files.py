"""Rate cards as files: all of one is taken over or none, and it comes back the same."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from infra.quoting import QuoteDesk
from shared.ids import new_event_id, new_id

HEADING = "service,workshop_id,title,vehicle_class,labour_hours,hourly_rate,currency,tax_rate"
PATH = "/v1/rate-cards/import"


def row(service: str, price: str = "100.00", site: str = "", vehicle_class: str = "any") -> str:
    return f"{service},{site},Buffing,{vehicle_class},1.00,{price},AUD,0.10"


async def send(
    quoting: QuoteDesk,
    *rows: str,
    headers: dict[str, str] | None = None,
    key: str | None = None,
    **query: str,
) -> httpx.Response:
    content = "\r\n".join([HEADING, *rows, ""])
    named = (headers or quoting.operator) | {"Content-Type": "text/csv"}
    if key:
        named |= {"Idempotency-Key": key}
    return await quoting.client.post(PATH, content=content, params=query, headers=named)


async def known(quoting: QuoteDesk, service: str) -> bool:
    answer = await quoting.client.get(f"/v1/rate-cards/{service}", headers=quoting.operator)
    return answer.status_code == 200


def outcomes(report: dict[str, Any]) -> dict[str, str]:
    return {card["service"]: card["outcome"] for card in report["cards"]}


async def test_a_file_replaces_the_cards_that_it_has_and_tells_of_them(
    quoting: QuoteDesk,
) -> None:
    await quoting.put("/v1/rate-cards/b-same", CARD)
    await quoting.put("/v1/rate-cards/c-other", CARD)
    rows = row("a-new"), row("b-same"), row("c-other", "200.00"), row("c-other", "9.00", "", "van")
    report = (await send(quoting, *rows)).json()
    assert outcomes(report) == {"a-new": "created", "b-same": "unchanged", "c-other": "replaced"}
    assert (report["rows"], report["refused"]) == (4, [])
    for service, versions in (("a-new", 1), ("b-same", 1), ("c-other", 2)):
        card = await quoting.get(f"/v1/rate-cards/{service}")
        told = await quoting.told(card["id"])
        assert (card["version"], len(told)) == (versions, versions)
    [line] = (await quoting.quote("c-other"))["items"]
    assert line["price"]["amount"] == 20000


async def test_what_is_given_out_and_taken_over_again_is_the_same(quoting: QuoteDesk) -> None:
    path = "/v1/rate-cards/export"
    before = await quoting.client.get(path, headers=quoting.operator)
    assert before.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in before.headers["content-disposition"]
    counted = len(await quoting.rows("SELECT 1 FROM events"))

    answer = await quoting.client.post(PATH, content=before.content, headers=quoting.operator)
    assert set(outcomes(answer.json()).values()) == {"unchanged"}
    assert len(outcomes(answer.json())) >= 14
    assert len(await quoting.rows("SELECT 1 FROM events")) == counted

    workshop_id = await quoting.workshop(new_id("par"))
    heading, *lines = before.text.splitlines(keepends=True)
    moved = heading + "".join(line.replace(",,", f",{workshop_id},", 1) for line in lines)
    answer = await quoting.client.post(PATH, content=moved.encode(), headers=quoting.operator)
    assert set(outcomes(answer.json()).values()) == {"created"}
    query = {"workshop_id": workshop_id}
    after = await quoting.client.get(path, params=query, headers=quoting.operator)
    assert after.text == moved


async def test_one_refused_row_stops_all(quoting: QuoteDesk) -> None:
    answer = await send(
        quoting, row("d-good"), row("d-bad", "free"), row("d-bad", "1.00", "", "van")
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "rows-refused")
    [refused] = answer.json()["report"]["refused"]
    assert (refused["line"], refused["column"], refused["code"]) == (
        3,
        "hourly_rate",
        "not-an-amount",
    )
    assert not await known(quoting, "d-good")
    assert not await known(quoting, "d-bad")


async def test_cards_without_a_refused_row_can_go_without_the_others(quoting: QuoteDesk) -> None:
    rows = row("e-good"), row("e-bad", "free"), row("e-bad", "1.00", "", "van")
    answer = await send(quoting, *rows, skip_refused="true")
    assert answer.status_code == 200
    assert outcomes(answer.json()) == {"e-good": "created", "e-bad": "refused"}
    assert answer.json()["refusals"] == 1
    assert await known(quoting, "e-good")
    assert not await known(quoting, "e-bad")


async def test_a_trial_reports_and_changes_nothing(quoting: QuoteDesk) -> None:
    rows = row("f-new"), row("f-bad", "free")
    key, same = new_event_id(), quoting.operator
    trial = await send(quoting, *rows[:1], headers=same, key=key, dry_run="true")
    assert outcomes(trial.json()) == {"f-new": "created"}
    assert trial.json()["dry_run"]
    assert not await known(quoting, "f-new")
    assert (await send(quoting, *rows, dry_run="true")).json()["refusals"] == 1

    earnest = await send(quoting, *rows[:1], headers=same, key=key)
    assert (earnest.status_code, earnest.json()["code"]) == (422, "idempotency-key-reused")
    assert not await known(quoting, "f-new")


@pytest.mark.seed(33)
async def test_a_workshops_account_takes_over_its_own_alone(quoting: QuoteDesk) -> None:
    account = new_id("par")
    own, others = await quoting.workshop(account), await quoting.workshop(new_id("par"))
    headers = quoting.headers("workshop", account=account)
    rows = [row("g", "1.00", site) for site in (own, others, new_id("wks"), "")]
    answer = await send(quoting, *rows, headers=headers)
    found = [(each["line"], each["code"]) for each in answer.json()["report"]["refused"]]
    assert found == [(3, "unknown-workshop"), (4, "unknown-workshop"), (5, "general-rates")]
    assert (await send(quoting, rows[0], headers=headers)).status_code == 200
    shown = await quoting.client.get(
        "/v1/rate-cards/export", params={"workshop_id": others}, headers=headers
    )
    assert shown.status_code == 404


async def test_a_file_that_is_none_is_refused(quoting: QuoteDesk) -> None:
    answer = await quoting.client.post(PATH, content=b"{}", headers=quoting.operator)
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong-columns")
    assert "/1/service" in [error["pointer"] for error in answer.json()["errors"]]


CARD = {
    "title": "Buffing",
    "rates": [
        {
            "labour_hours": "1",
            "hourly_rate": {"amount": 10000, "currency": "AUD"},
            "tax_rate": "0.10",
        }
    ],
}
