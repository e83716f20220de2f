"""What partners say of time in stage, and of which stay too long somebody was told."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table, Text

from services.order.tables.base import MOMENT, metadata

stage_policies = Table(
    "stage_policies",
    metadata,
    Column("partner_id", Text, primary_key=True),
    Column("holding_cost", BigInteger),
    Column("currency", Text),
)

stage_limits = Table(
    "stage_limits",
    metadata,
    Column("partner_id", ForeignKey("stage_policies.partner_id"), primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("minutes", Integer, nullable=False),
)

stage_alarms = Table(
    "stage_alarms",
    metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    # The entry of the history that began the stay.
    Column("position", BigInteger, primary_key=True),
    Column("at", MOMENT, nullable=False),
)
