"""Who sends to which endpoint, in place of a lease on each delivery; order, and deadlines."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0005"
down_revision = "0004"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make the lanes; what was leased before comes due when its lease would have ended."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """An older copy would send what a newer one has in flight."""
    raise RuntimeError("deliveries have states by now that an older copy doesn't know")
