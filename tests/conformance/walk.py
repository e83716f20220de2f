"""What the walk goes through, and what it leaves out and why."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import httpx
from sqlalchemy import text
from starlette.routing import compile_path

from conformance.calls import Call
from conformance.household import Household
from conformance.operations import OPERATIONS, Operation
from shared.service import Service

AS_JSON = {"Content-Type": "application/json"}
NOW = {"Prefer": "wait=0"}
SCOPES = frozenset({"partner", "workshop", "operator"})

# RFC 6749 and 7009: a token must not be kept to be given again, parameters that a server doesn't
# know are to be ignored, and errors have members of their own (decision 4).
TOKEN_ENDPOINTS = {"POST /v1/auth/token", "POST /v1/auth/revoke"}

# Nobody has a token before the first; and keys are for verifying tokens by.
# A calendar's link is the secret itself.
PUBLIC = TOKEN_ENDPOINTS | {
    "GET /.well-known/jwks.json",
    "GET /v1/calendars/{secret}.ics",
    "GET /v1/webhook-keys/{endpoint_id}",
}

# Every partner may look at every workshop: it couldn't book it otherwise.
SHOWN_TO_PARTNERS = {
    "GET /v1/workshops",
    "GET /v1/workshops/{workshop_id}",
    "GET /v1/workshops/{workshop_id}/availabilities",
    "GET /v1/workshops/{workshop_id}/closures",
    "GET /v1/workshops/{workshop_id}/special-days",
    "GET /v1/workshops/{workshop_id}/hours",
    "GET /v1/workshops/{workshop_id}/services",
}
SHOWN = [each for each in OPERATIONS if str(each) in SHOWN_TO_PARTNERS]
BOOKABLE_BY_ALL = {"workshop_id"}

GUARDED = [each for each in OPERATIONS if not each.is_public]
JSON_BODIES = [each for each in OPERATIONS if each.takes_json]
CLOSED_BODIES = [each for each in JSON_BODIES if str(each) not in TOKEN_ENDPOINTS]
POSTS = [each for each in OPERATIONS if each.method == "POST" and str(each) not in TOKEN_ENDPOINTS]
REFERRING = [each for each in CLOSED_BODIES if each.body_ids - BOOKABLE_BY_ALL]
PAGED = [each for each in GUARDED if "limit" in each.names("query")]
LISTS = [
    each
    for each in GUARDED
    if each.lists and each.scopes != {"operator"} and str(each) not in SHOWN_TO_PARTNERS
]
METHODS = {
    path: {each.method for each in OPERATIONS if each.path == path}
    for path in dict.fromkeys(each.path for each in OPERATIONS)
}


def methods_at(address: str) -> set[str]:
    """Name the methods of all paths that lead to an address."""
    leading = [path for path in METHODS if compile_path(path)[0].fullmatch(address)]
    return set().union(*(METHODS[path] for path in leading))


SUCCESSES = [(each, status) for each in OPERATIONS for status in each.successes]
TENANTED = [
    (each, scope)
    for each in GUARDED
    for scope in sorted(each.scopes - {"operator"})
    if each.ids and not (scope == "partner" and str(each) in SHOWN_TO_PARTNERS)
]


def anyone(operation: Operation, household: Household) -> dict[str, str]:
    """Make the header of a caller for whom the operation is, with a household's things."""
    if operation.is_public:
        return {}
    own = operation.scopes & {"partner", "workshop"}
    return household.headers(*own) if own else household.operator


def whoever(operation: Operation, household: Household, call: Call) -> dict[str, str]:
    """Make the header of a caller for whom a call is: anyone's, unless it is an operator's."""
    return household.operator if call.by_operator else anyone(operation, household)


async def send(
    household: Household,
    operation: Operation,
    call: Call,
    headers: dict[str, str],
    **instead: Any,
) -> httpx.Response:
    """Call an operation, in a household's paths; parts of the request may be given instead."""
    request = call.request(operation, household.ids)
    if instead:
        request.pop("json", None)
    client = household.platform.client
    return await client.request(**request | instead, headers={"Prefer": "wait=10"} | headers)


async def written(service: Service) -> list[Any]:
    """Take a fingerprint of all that a service has stored: any write at all changes it."""
    tables = import_module(f"services.{service.name}.tables").metadata.tables
    each = (
        f"SELECT '{name}', count(*), sum(xmin::text::bigint) FROM {name}"  # noqa: S608 - our own
        for name in [*tables, "events"]
    )
    async with service.database.reading() as connection:
        return list((await connection.execute(text(" UNION ALL ".join(each)))).all())


async def ailments(service: Service) -> list[str]:
    """List what a service can't cope with: parts that fail, events parked, mails given up."""
    found = [name for name, ready in (await service.ready()).items() if not ready]
    given_up = ["SELECT origin || error FROM parked"] if service.inbox else []
    if service.name == "notifier":
        # What bounced did so because a test said so.
        given_up += [
            "SELECT id || error FROM emails WHERE status = 'failed' AND error NOT LIKE 'bounced %'"
        ]
    async with service.database.reading() as connection:
        for query in given_up:
            found += (await connection.execute(text(query))).scalars()
    return found
