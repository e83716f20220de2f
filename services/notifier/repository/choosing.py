"""Which events an endpoint is told of, and narrower choices among them."""

from __future__ import annotations

from typing import Any

from services.notifier.domain.replay import Chosen

# Of a message `m` and an endpoint `e`, whatever its status: its account may see it, it asks for
# it, and it isn't narrowed to something else.
FOR_ENDPOINT = """
NOT m.test
AND (e.sees_all OR m.partner_id = e.partner_id
     OR m.workshop_id IN (SELECT w.id FROM workshops w WHERE w.partner_id = e.partner_id))
AND ARRAY[m.type, split_part(m.type, '.', 1) || '.*', '*'] && e.events
AND (e.workshop_ids IS NULL OR m.workshop_id = ANY (e.workshop_ids))
AND (e.vins IS NULL OR m.vin = ANY (e.vins))
"""

_NARROWER = {
    "types": "ARRAY[m.type, split_part(m.type, '.', 1) || '.*', '*'] && CAST(:types AS text[])",
    "subject": "m.subject = :subject",
    "vin": "m.vin = :vin",
    "workshop_id": "m.workshop_id = :workshop_id",
    "since": "m.time >= :since",
    "until": "m.time < :until",
}


def narrowed(chosen: Chosen) -> tuple[str, dict[str, Any]]:
    """Write a choice as conditions, with what they name; only what is given is there to plan by."""
    given: dict[str, Any] = {
        name: value for name in _NARROWER if (value := getattr(chosen, name)) is not None
    }
    if "types" in given:
        given["types"] = list(given["types"])
    return "".join(f" AND {_NARROWER[name]}" for name in given), given
