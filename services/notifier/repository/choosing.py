"""Which events an endpoint is told of, and narrower choices among them."""

from __future__ import annotations

from typing import Any

from services.notifier.domain.replay import Chosen

# Of a message `m` and an endpoint `e`, whatever its status: it asks for it, and it isn't narrowed
# to something else.
_WANTED = """
NOT m.test
AND ARRAY[m.type, split_part(m.type, '.', 1) || '.*', '*'] && e.events
AND (e.workshop_ids IS NULL OR m.workshop_id = ANY (e.workshop_ids))
AND (e.vins IS NULL OR m.vin = ANY (e.vins))
"""

# Each way in which an account may see an event is a query of its own, with an index of its own: as
# one condition with OR it reads everybody's events for those of one.
_POSITIONS = """
SELECT found.position FROM endpoints e CROSS JOIN LATERAL (
    (SELECT m.position FROM messages m
     WHERE NOT e.sees_all AND m.partner_id = e.partner_id AND {wanted} {first})
    UNION
    (SELECT own.position FROM workshops w CROSS JOIN LATERAL (
         SELECT m.position FROM messages m WHERE m.workshop_id = w.id AND {wanted} {first}
     ) own
     WHERE NOT e.sees_all AND w.partner_id = e.partner_id)
    UNION
    (SELECT m.position FROM messages m WHERE e.sees_all AND {wanted} {first})
) found
WHERE e.id = :endpoint_id {first_of_all}
"""

_NARROWER = {
    "types": "ARRAY[m.type, split_part(m.type, '.', 1) || '.*', '*'] && CAST(:types AS text[])",
    "subject": "m.subject = :subject",
    "vin": "m.vin = :vin",
    "workshop_id": "m.workshop_id = :workshop_id",
    "since": "m.time >= :since",
    "until": "m.time < :until",
}


def positions(conditions: str, *, most: str | None = None) -> str:
    """Write a query of the positions of what `:endpoint_id` is told of, under more conditions.

    `most` is the parameter that says how many, the first ones in their order.
    """
    limit = f"LIMIT :{most}" if most else ""
    return _POSITIONS.format(
        wanted=f"{_WANTED} {conditions}",
        first=f"ORDER BY m.position {limit}" if most else "",
        first_of_all=f"ORDER BY found.position {limit}" if most else "",
    )


def narrowed(chosen: Chosen) -> tuple[str, dict[str, Any]]:
    """Write a choice as conditions, with what they name; only what is given is there to plan by."""
    given: dict[str, Any] = {
        name: value for name in _NARROWER if (value := getattr(chosen, name)) is not None
    }
    if "types" in given:
        given["types"] = list(given["types"])
    return "".join(f" AND {_NARROWER[name]}" for name in given), given
