"""How each operation succeeds: by its document's examples, or as a `…_calls.py` prepares it."""

from __future__ import annotations

from importlib import import_module

from conformance.calls import PREPARED, Call
from conformance.household import Household
from conformance.operations import Operation
from conformance.samples import sample

for _of in ("account", "quote", "order", "invoice", "workshop", "booking", "notifier"):
    import_module(f"conformance.{_of}_calls")


async def example(operation: Operation, household: Household, status: int | None = None) -> Call:
    """Prepare a call that succeeds, of its usual status or of another that is documented."""
    usual = status is None or status == operation.successes[0]
    name = str(operation) if usual else f"{operation} {status}"
    if name in PREPARED:
        return await PREPARED[name](household)
    if not usual:
        raise LookupError(f"Add {name!r} to a tests/conformance/*_calls.py.")
    query = {
        each["name"]: sample(operation, each["schema"], household.ids, f"/{each['name']}")
        for each in operation.parameters("query")
        if each.get("required")
    }
    if not operation.takes_json:
        return Call(query=query)
    return Call(query=query, body=sample(operation, operation.body_schema, household.ids))


async def refusable(operation: Operation, household: Household) -> Call:
    """Prepare a call that is to be refused: one that succeeded before will do."""
    known: dict[str, Call] = household.remembered
    if str(operation) not in known:
        known[str(operation)] = await example(operation, household)
    return known[str(operation)]
