"""For whom a mail to somebody else goes out: what an account's hour is counted by."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column, empty for mails that were queued before: those count for nobody."""
    run_scripts(
        """
        ALTER TABLE emails ADD COLUMN partner_id TEXT;
        CREATE INDEX emails_sent_for ON emails (partner_id, finished_at) WHERE status = 'sent';
        CREATE INDEX emails_waiting_for ON emails (partner_id, due_at) WHERE status = 'queued'
        """
    )


def downgrade() -> None:
    """Drop it, and its indexes with it."""
    run_scripts("ALTER TABLE emails DROP COLUMN partner_id")
