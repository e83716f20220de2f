"""What is kept of others' accounts and workshops; an older event never undoes a newer one."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts import PartnerV1, WorkshopV1

_KEEP_PARTNER = text("""
INSERT INTO partners (id, name, email, roles, active, sequence)
VALUES (:id, :name, :email, :roles, :active, :sequence)
ON CONFLICT (id) DO UPDATE
SET name = EXCLUDED.name, email = EXCLUDED.email, roles = EXCLUDED.roles,
    active = EXCLUDED.active, sequence = EXCLUDED.sequence
WHERE partners.sequence < EXCLUDED.sequence
""")
_KEEP_WORKSHOP = text("""
INSERT INTO workshops (id, partner_id, sequence) VALUES (:id, :partner_id, :sequence)
ON CONFLICT (id) DO UPDATE SET partner_id = EXCLUDED.partner_id, sequence = EXCLUDED.sequence
WHERE workshops.sequence < EXCLUDED.sequence
RETURNING xmax = 0 AS inserted
""")
_SEES_LESS = text("""
UPDATE endpoints SET sees_all = false
FROM partners
WHERE partners.id = :id AND endpoints.partner_id = :id AND endpoints.sees_all
  AND NOT 'operator' = ANY (partners.roles)
""")


async def keep_partner(connection: AsyncConnection, partner: PartnerV1, sequence: int) -> None:
    """Keep an account as it stands; one that is no operator any more sees only its own."""
    row = partner.model_dump(include={"id", "name", "email", "active"})
    await connection.execute(
        _KEEP_PARTNER, {**row, "roles": list(partner.roles), "sequence": sequence}
    )
    await connection.execute(_SEES_LESS, {"id": partner.id})


async def keep_workshop(connection: AsyncConnection, workshop: WorkshopV1, sequence: int) -> bool:
    """Keep which account runs a workshop; tell whether it was unknown until now."""
    row = {"id": workshop.id, "partner_id": workshop.partner_id, "sequence": sequence}
    return bool((await connection.execute(_KEEP_WORKSHOP, row)).scalar())
