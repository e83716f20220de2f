"""Whose quotes a list has, in what order, and what is read for it among many of others'."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from infra.explaining import reads_of
from infra.quoting import LEAK, QuoteDesk
from shared.ids import new_id

COLUMNS = "status, version, sequence, vehicle, currency, rounding, checkout_url, created_at"
OTHERS = text(f"""
INSERT INTO quotes (id, partner_id, workshop_id, workshop_account, expires_at, {COLUMNS})
SELECT id || n, 'par_' || n % 50, 'wks_' || n % 100, 'par_' || n % 70, now(), {COLUMNS}
FROM quotes, generate_series(1, 20000) AS n WHERE id = :quote
""")  # noqa: S608 - of no request
EXPIRED = text("UPDATE quotes SET status = 'expired' WHERE id LIKE :quote || '_%'")


@pytest.mark.seed(33)
async def test_a_workshops_list_reads_its_own_quotes_and_what_anybody_may_price(
    quoting: QuoteDesk,
) -> None:
    garage = new_id("par")
    both, partner = quoting.headers("partner", "workshop", account=garage), quoting.partner()
    place, second = await quoting.workshop(garage), await quoting.workshop(garage)
    foreign = await quoting.workshop(new_id("par"))
    taken = await quoting.ask(partner, LEAK)
    await quoting.price(both, taken)
    asked = [
        await quoting.ask(partner),
        await quoting.ask(partner, workshop_id=place),
        await quoting.ask(partner, workshop_id=foreign),
        await quoting.ask(partner, LEAK),
        await quoting.ask(both, workshop_id=second),
        await quoting.ask(both, external_reference="stock-9"),
    ]
    ids = [each["id"] for each in (taken, *asked)]
    async with quoting.service.database.transaction() as work:
        for each in (OTHERS, EXPIRED, text("ANALYZE")):
            named = {"quote": ids[1]} if ":quote" in each.text else {}
            await work.connection.execute(each, named)

    async def listed(headers: dict[str, str], **query: str) -> tuple[list[int], Any]:
        async with reads_of(quoting.service.engine, "quotes") as reads:
            page = await quoting.get("/v1/quotes", headers, **query)
        assert reads.rows < 500
        return [ids.index(each["id"]) for each in page["data"]], page["next_cursor"]

    assert await listed(both) == ([6, 5, 4, 2, 0], None)
    assert await listed(quoting.mechanic(garage)) == ([6, 5, 4, 2, 0], None)
    first, cursor = await listed(both, limit="3")
    assert (first, await listed(both, limit="3", cursor=cursor)) == ([6, 5, 4], ([2, 0], None))
    assert await listed(both, status="pending") == ([4], None)
    assert await listed(both, external_reference="stock-9") == ([6], None)
    assert (await listed(quoting.mechanic(new_id("par"))))[0] == [4]
    assert (await listed(partner))[0] == [4, 3, 2, 1, 0]
