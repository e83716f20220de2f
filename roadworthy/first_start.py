"""What a new installation begins with: a way in for each role, and a workshop to book."""

from __future__ import annotations

from pathlib import Path

import aiohttp

from roadworthy.client import ANSWER_SECONDS, CREDENTIALS, Client
from roadworthy.embedded.data import write_private
from services.partner import bootstrap
from shared.database import Database

WORKING_DAY = [["08:00", "12:00"], ["13:00", "17:00"]]
WORKSHOP = {
    "name": "Harbour Motors",
    "time_zone": "Australia/Sydney",
    "country": "AU",
    "email": "workshop@example.com",
    "hours": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), WORKING_DAY),
}
BAYS = ("One", "Two")
CATALOG = (
    ("oil", "Oil and filter change", "maintenance", "PT1H", 9900),
    ("logbook", "Logbook service", "maintenance", "PT2H", 34900),
    ("tyres", "Four tyres, fitted and balanced", "tyres", "PT1H", 72000),
    ("brakes", "Brake pads, front", "repair", "PT2H", 28900),
)


async def prepare(database: Database, origin: str, data: Path) -> None:
    """Make them; the credentials are written last, so a first start cut short happens again."""
    logins = await bootstrap.ensure(database)
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with aiohttp.ClientSession(origin, timeout=timeout) as session:
        await _open_workshop(Client(session, **logins["workshop"]))
    write_private(data / CREDENTIALS, logins)


async def _open_workshop(owner: Client) -> None:
    if (await owner.get("/v1/workshops"))["data"]:
        return
    workshop = f"/v1/workshops/{(await owner.post('/v1/workshops', WORKSHOP))['id']}"
    for name in BAYS:
        await owner.post(f"{workshop}/resources", {"kind": "bay", "name": name})
    for code, title, category, duration, cents in CATALOG:
        service = {"code": code, "title": title, "category": category, "duration": duration}
        service_cost = {"amount": cents, "currency": "AUD"}
        await owner.post(f"{workshop}/services", service | {"cost": service_cost})
