"""The partner service's tables. No secret stands in them as it is given out."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()

_moment = DateTime(timezone=True)

partners = Table(
    "partners",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("created_at", _moment, nullable=False),
)

clients = Table(
    "clients",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", ForeignKey("partners.id"), nullable=False),
    Column("description", Text),
    Column("secret_hash", Text, nullable=False),
    Column("created_at", _moment, nullable=False),
    Column("revoked_at", _moment),
    Index("clients_of_partner", "partner_id", "id"),
)

refresh_families = Table(
    "refresh_families",
    metadata,
    Column("id", Text, primary_key=True),
    Column("client_id", ForeignKey("clients.id"), nullable=False),
    Column("scope", ARRAY(Text), nullable=False),
    Column("expires_at", _moment, nullable=False),
    Column("revoked_at", _moment),
    Index("refresh_families_to_forget", "expires_at"),
)
"""All that came of one login, by rotation."""

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("family_id", ForeignKey("refresh_families.id", ondelete="CASCADE"), nullable=False),
    Column("used_at", _moment),
    Index("refresh_tokens_of_family", "family_id"),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("private_pem", Text, nullable=False),
    Column("created_at", _moment, nullable=False),
    Column("retires_at", _moment),
)

failures = Table(
    "failures",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("since", _moment, nullable=False),
    Column("count", Integer, nullable=False),
)
"""Failed authentications, by the client id that was given, be there such a client or not."""
