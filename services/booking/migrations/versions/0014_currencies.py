"""What a booking is worth, in each currency that its services have costs in."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Keep what was counted; the log knows of second currencies (`POST /v1/reports/rebuild`)."""
    run_scripts(
        """
        ALTER TABLE reported_bookings ADD COLUMN amounts JSONB NOT NULL DEFAULT '{}';
        UPDATE reported_bookings SET amounts = jsonb_build_object(currency, amount)
        WHERE currency IS NOT NULL;
        ALTER TABLE reported_bookings
            ALTER COLUMN amounts DROP DEFAULT, DROP COLUMN amount, DROP COLUMN currency
        """
    )


def downgrade() -> None:
    """Count one currency of each booking again."""
    run_scripts(
        """
        ALTER TABLE reported_bookings
            ADD COLUMN amount BIGINT NOT NULL DEFAULT 0, ADD COLUMN currency TEXT;
        UPDATE reported_bookings SET (currency, amount) = (
            SELECT key, CAST(value AS bigint) FROM jsonb_each_text(amounts) ORDER BY key LIMIT 1
        ) WHERE amounts <> '{}';
        ALTER TABLE reported_bookings ALTER COLUMN amount DROP DEFAULT, DROP COLUMN amounts
        """
    )
