"""Brands, text messages, and who isn't written to."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0006"
down_revision = "0005"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make the tables, and tell a mail from a text message."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Drop them, text messages included."""
    run_scripts(
        """
        DELETE FROM emails WHERE channel = 'text';
        DROP INDEX emails_recipient;
        ALTER TABLE emails DROP CONSTRAINT emails_once;
        ALTER TABLE emails ADD CONSTRAINT emails_event_id_key UNIQUE (event_id);
        ALTER TABLE emails DROP COLUMN channel, DROP COLUMN about, DROP COLUMN unsettled;
        DROP TABLE brands, suppressions, opt_outs
        """
    )
