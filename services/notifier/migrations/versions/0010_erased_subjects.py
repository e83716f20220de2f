"""What was erased stays so, whatever is told of it later."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table, with what was erased until now and is still kept."""
    run_scripts(
        """
        CREATE TABLE erased_subjects (subject TEXT NOT NULL, PRIMARY KEY (subject));
        COMMENT ON TABLE erased_subjects IS
            'Whose customer was erased, what is told of these later is erased as well.';
        INSERT INTO erased_subjects (subject)
            SELECT DISTINCT subject FROM messages
            WHERE data LIKE '%"erased"_true}'
              AND split_part(type, '.', 1) NOT IN ('partner', 'workshop')
        """
    )


def downgrade() -> None:
    """Drop it."""
    run_scripts("DROP TABLE erased_subjects")
