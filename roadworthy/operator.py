"""The way into an installation that has no client yet, or whose last one was lost."""

from __future__ import annotations

from roadworthy.upgrading import reaching
from services.partner import bootstrap
from services.partner.domain.account import Role
from shared.clock import SystemClock
from shared.database import Database, create_engine


async def way_in(url: str) -> dict[str, str]:
    """Make a client for the operator's account, in the partner service's own database.

    Raises PartError.
    """
    with reaching("partner"):
        engine = create_engine(url, application="roadworthy-operator", pool_size=1)
        try:
            database = Database(engine, SystemClock(), source="/partner")
            return await bootstrap.way_in(database, Role.OPERATOR)
        finally:
            await engine.dispose()
