"""One function for each command, and the reads beside them."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.auth import Caller
from shared.clock import SystemClock
from shared.database import Database
from shared.ids import first_id

SLACK = timedelta(hours=1)
"""How far the clocks of those who make ids may be from one another."""


def first_delivery_since(database: Database, moment: datetime) -> str:
    """Say from where on the ids of deliveries begin that were made since then.

    Ids are made by the wall's clock. Business time may be ahead of it by as much as now, or was by
    less: so none is left out.
    """
    ahead = database.clock.now() - SystemClock().now()
    return first_id("dlv", moment - max(ahead, timedelta()) - SLACK)


def account_of(caller: Caller) -> str | None:
    """Name the account whose things a caller may see; None when it may see everyone's."""
    return None if caller.is_operator else caller.partner_id
