"""Who ended reminders by a mail's link, as the notifier tells."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Have room for them; earlier ones the notifier alone knows, and holds."""
    run_scripts(
        """
        CREATE TABLE opt_outs (
            partner_id TEXT, address_sha256 TEXT, PRIMARY KEY (partner_id, address_sha256)
        )
        """
    )


def downgrade() -> None:
    """Forget them; their mails are withheld by the notifier all the same."""
    run_scripts("DROP TABLE opt_outs")
