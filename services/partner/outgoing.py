"""An account as it is published, and shown by `GET`."""

from __future__ import annotations

from services.partner.domain.account import Account, AccountEvent
from shared.contracts import PartnerV1
from shared.events import Outgoing


def event(account: Account, what: AccountEvent) -> Outgoing:
    """Say what happened, with the whole account as it stands."""
    return Outgoing(
        type=what,
        subject=account.id,
        partner_id=account.id,
        sequence=account.sequence,
        data=snapshot(account),
    )


def snapshot(account: Account) -> PartnerV1:
    """Show the whole account."""
    return PartnerV1(
        id=account.id,
        name=account.name,
        email=account.email,
        roles=tuple(sorted(account.roles)),
        active=account.active,
        created_at=account.created_at,
    )
