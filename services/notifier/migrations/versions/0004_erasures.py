"""Erasures, and mails that they or a suppression ended."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0004"
down_revision = "0003"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make the table, and let mails end so."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Drop the records; mails that ended so count as failed."""
    run_scripts(
        """
        DROP TABLE erasures;
        UPDATE emails SET status = 'failed' WHERE status IN ('suppressed', 'erased');
        ALTER TABLE emails DROP COLUMN erased;
        ALTER TABLE emails DROP CONSTRAINT emails_status;
        ALTER TABLE emails ADD CONSTRAINT emails_status
            CHECK (status IN ('queued', 'sent', 'failed'))
        """
    )
