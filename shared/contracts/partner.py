"""What the partner service publishes on `partner.events`."""

from __future__ import annotations

from shared.contracts.common import Contract, Moment


class PartnerV1(Contract):
    """An account: a partner, a workshop's owner or an operator, and where to write to it."""

    id: str
    name: str
    email: str
    roles: tuple[str, ...]
    active: bool
    created_at: Moment
