"""Where a database is, as hosts of PostgreSQL write it: their addresses are taken as they are."""

from __future__ import annotations

SCHEMES = ("postgresql", "postgres", "postgresql+asyncpg")


class NotADatabaseUrl(ValueError):
    """It isn't PostgreSQL's; the message keeps the address, which has a password, to itself."""


def dsn(url: str) -> str:
    """Return it as the driver reads it, `sslmode` and all; raises NotADatabaseUrl."""
    scheme, found, rest = url.partition("://")
    if not found or scheme not in SCHEMES:
        raise NotADatabaseUrl("not an address such as postgresql://role:password@host:5432/name")
    return f"postgresql://{rest}"
