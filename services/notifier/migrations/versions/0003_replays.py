"""Replays, what events may be searched by, and what an endpoint may be narrowed to."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0003"
down_revision = "0002"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make the table, and the columns with what is known for them."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Drop what replays sent, and all that is new."""
    run_scripts(
        """
        DELETE FROM deliveries WHERE replay_id IS NOT NULL;
        ALTER TABLE deliveries DROP CONSTRAINT deliveries_once;
        ALTER TABLE deliveries ADD CONSTRAINT deliveries_once UNIQUE (endpoint_id, event_id);
        ALTER TABLE deliveries DROP COLUMN replay_id;
        DROP TABLE replays;
        ALTER TABLE messages DROP COLUMN vin;
        DROP INDEX messages_subject;
        ALTER TABLE endpoints DROP COLUMN workshop_ids, DROP COLUMN vins, DROP COLUMN headers,
            DROP COLUMN header_names, DROP COLUMN payload_version, DROP COLUMN warned_at
        """
    )
