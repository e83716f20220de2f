"""An invoice of nothing is paid by nothing."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Let invoices be paid by nothing."""
    run_scripts("""
    ALTER TABLE invoices DROP CONSTRAINT means_known;
    ALTER TABLE invoices ADD CONSTRAINT means_known
        CHECK (means IN ('card', 'bank-transfer', 'nothing-due'));
    """)


def downgrade() -> None:
    """Refuse: there may be such invoices."""
    raise RuntimeError("invoices can't be taken back: restore a backup instead")
