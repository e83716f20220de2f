"""Several refunds of a payment, each with a key of its own."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0006"
down_revision = "0005"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Add the column; a refund that is due keeps the key that the provider may know already."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Drop it, with the refunds' reasons; the sums stay."""
    run_scripts("ALTER TABLE payments DROP COLUMN refunds")
