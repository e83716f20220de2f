"""The history tells that a file was attached, and no longer what it was called."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Take the names out of what was told before; events end with their retention."""
    run_scripts(
        """
        UPDATE order_history
        SET reason = regexp_replace(reason, '^.* was (attached|removed)$', 'A file was \\1')
        WHERE changes @> '[{"field": "attachments"}]'
        """
    )


def downgrade() -> None:
    """Leave it: the names are gone."""
