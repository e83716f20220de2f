"""What a thousand times as many orders in the table cost a new order, and a list of fifty."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import asyncpg

from bench.access import Access, serving_access
from bench.children import ROADWORTHY, child
from bench.load import Load, generate
from bench.parts import Parts, parts, until_published
from bench.turns import Figure, Sample, figure, take_turns
from shared.ids import first_id, new_id

FEW, MANY = 1_000, 1_000_000
OWN = 200
"""Orders that the caller has in both, as far apart as they can be."""

CONNECTIONS = 4
SECONDS = 4.0
P99, P50 = "ms p99", "ms p50"
CARD: dict[str, Any] = {
    "id": "rtc_bench",
    "service": "detailing",
    "title": "Full detail",
    "rounding": "half-up",
    "rates": [
        {
            "vehicle_class": "any",
            "unit_price": {"amount": 62000, "currency": "AUD"},
            "tax_rate": "0.10",
            "duration": "PT4H",
        }
    ],
}
BODY = {
    "type": "reconditioning",
    "vehicle": {"vin": "1HGCM82633A004352"},
    "items": [{"service": "detailing"}],
    "schedule": {"start_at": "2099-01-05T00:00:00Z"},
    "payment": {"method": "card", "token": "tok_visa"},
}
PRICED = """
INSERT INTO rate_cards (id, sequence, service, card) VALUES ('rtc_bench', 1, 'detailing', $1)
"""
WORKSHOP_ACCOUNT, WORKSHOP = "par_bench_workshop", "wks_bench"
RUN = """
INSERT INTO workshops (id, partner_id, sequence) VALUES ('wks_bench', 'par_bench_workshop', 1)
"""
# Copies of one real order and of what hangs on it; ids sort before those of new ones. Half of them
# are in workshops, every tenth in none.
ORDERS = {
    "id": "made.id",
    "partner_id": "CASE WHEN n % $2 = 0 THEN t.partner_id ELSE 'par_' || (n % 5000) END",
    "workshop_id": "CASE WHEN n % $2 = 1 THEN 'wks_bench'"
    " WHEN n % 10 > 4 THEN 'wks_' || (n % 500) END",
    "workshop_account": "CASE WHEN n % 10 IN (1, 2, 3, 4) THEN 'par_workshop_' || (n % 500) END",
    "status": "CASE n % 5 WHEN 0 THEN 'pending' WHEN 1 THEN 'in-progress' ELSE 'completed' END",
    "external_reference": "'stock-' || n",
    "vin": "'VIN' || lpad(n::text, 14, '0')",
    "created_at": "t.created_at - make_interval(secs => $3::int - n + 1)",
}
PAYMENTS = {"id": "'pay_00' || lpad(to_hex(n), 24, '0')", "order_id": "made.id"}
COLUMNS = """
SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND table_schema = 'public'
"""
HISTORY = {"position": "nextval('order_history_position_seq')", "order_id": "made.id"}
INDEXES = """
SELECT indexname AS name, indexdef AS made FROM pg_indexes
WHERE tablename = $1 AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""
REFERENCES = """
SELECT conname AS name, pg_get_constraintdef(oid) AS made FROM pg_constraint
WHERE contype = 'f' AND conrelid = $1::regclass
"""


async def measure() -> Sequence[Figure]:
    """Order and list with a million orders, and with a thousand, four seconds at a time."""
    async with (
        parts({"few": "order", "many": "order"}) as made,
        serving_access() as access,
        AsyncExitStack() as stack,
    ):
        headers = access.headers()
        of_workshop = access.headers("workshop", WORKSHOP_ACCOUNT)
        ordering, listing, working = {}, {}, {}
        for name, count in (("few", FEW), ("many", MANY)):
            server = await stack.enter_async_context(_service(made, access, name))
            load = Load(
                port=server.port,
                path="/v1/orders",
                headers=headers,
                body=json.dumps(BODY),
                connections=CONNECTIONS,
                seconds=SECONDS,
            )
            await _fill(made, name, count, load)
            fifty = replace(load, path="/v1/orders?limit=50", body="", method="GET", status=200)
            ordering[count], listing[count] = (name, load), (name, fifty)
            working[count] = (name, replace(fifty, headers=of_workshop))
        sides = {
            f"{what}, {count:,} orders": (name, load)
            for what, each in (
                ("POST", ordering),
                ("GET 50", listing),
                ("GET 50, workshop", working),
            )
            for count, (name, load) in each.items()
        }
        samples = await take_turns(
            {side: partial(_sample, made, *at) for side, at in sides.items()}
        )
    few, many, few_listed, many_listed, few_worked, many_worked = sides
    return [
        figure(what, unit, samples, ours, against)
        for what, ours, against in (
            ("POST /v1/orders, paid by card", many, few),
            ("GET /v1/orders?limit=50", many_listed, few_listed),
            ("GET /v1/orders?limit=50, a workshop's", many_worked, few_worked),
        )
        for unit in (P50, P99)
    ]


def _service(made: Parts, access: Access, name: str) -> Any:
    own = {"JWKS_URL": access.jwks_url, "KAFKA_TOPIC_PREFIX": f"{name}."}
    settings = made.environment(name) | own
    return child([ROADWORTHY, "serve", "order"], settings, made.folder / f"{name}.log")


async def _fill(made: Parts, database: str, count: int, load: Load) -> None:
    """Place one order as a client would, and copy it."""
    async with made.connection(database) as connection:
        await connection.execute(PRICED, json.dumps(CARD))
        await connection.execute(RUN)
        await generate(replace(load, connections=1, seconds=0.01))
        await until_published(made, database)
        await _copy(connection, count)


async def _copy(connection: asyncpg.Connection[Any], count: int) -> None:
    template = await connection.fetchval("SELECT created_at FROM orders LIMIT 1")
    ids = [_id(template - timedelta(seconds=count - n)) for n in range(count)]
    await connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '256MB'")
    await _copied(connection, "orders", ORDERS, ids, count // OWN, count)
    await _copied(connection, "payments", PAYMENTS, ids)
    await _copied(connection, "order_history", HISTORY, ids)
    await connection.execute("VACUUM ANALYZE", timeout=600)


def _id(made_at: datetime) -> str:
    """Make the id of an order of that moment, a random part at its end."""
    return first_id("ord", made_at)[:-16] + new_id("ord")[-16:]


async def _copied(
    connection: asyncpg.Connection[Any], table: str, made: dict[str, str], *values: Any
) -> None:
    """Copy a table's one row, each time with these columns made anew; indexes come afterwards."""
    columns = [row[0] for row in await connection.fetch(COLUMNS, table)]
    chosen = ", ".join(made.get(name, f"t.{name}") for name in columns)
    indexes = await connection.fetch(INDEXES, table)
    references = await connection.fetch(REFERENCES, table)
    before = [f"DROP INDEX {each['name']}" for each in indexes]
    before += [f"ALTER TABLE {table} DROP CONSTRAINT {each['name']}" for each in references]
    after = [each["made"] for each in indexes]
    after += [
        f"ALTER TABLE {table} ADD CONSTRAINT {each['name']} {each['made']}" for each in references
    ]
    copying = (
        f"INSERT INTO {table} ({', '.join(columns)}) OVERRIDING SYSTEM VALUE"
        f" SELECT {chosen} FROM (SELECT * FROM {table} LIMIT 1) t,"
        " unnest($1::text[]) WITH ORDINALITY made (id, n)"
    )
    await connection.execute("; ".join(before))
    await connection.execute(copying, *values, timeout=600)
    await connection.execute("; ".join(after), timeout=600)


async def _sample(made: Parts, database: str, load: Load) -> Sample:
    report = await generate(load)
    await until_published(made, database)
    return {
        P50: report.percentile(50),
        P99: report.percentile(99),
        "requests/s": report.answered / report.seconds,
    }
