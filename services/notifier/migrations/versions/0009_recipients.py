"""One recipient is one, in whatever letters: what an hour's mails are counted by."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the index anew."""
    run_scripts(
        """
        DROP INDEX emails_recipient;
        CREATE INDEX emails_recipient ON emails (lower(recipient), finished_at)
            WHERE status = 'sent'
        """
    )


def downgrade() -> None:
    """Make the former one."""
    run_scripts(
        """
        DROP INDEX emails_recipient;
        CREATE INDEX emails_recipient ON emails (recipient, finished_at) WHERE status = 'sent'
        """
    )
