"""The terms on which an endpoint is sent to, and the keys of its v1a signatures."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0002"
down_revision = "0001"

OWN = Path(__file__).with_suffix(".sql")
UNDONE = """
ALTER TABLE endpoints
    DROP COLUMN ordered, DROP COLUMN delivery, DROP COLUMN rate_per_second,
    DROP COLUMN "window", DROP COLUMN signature, DROP COLUMN signing_key, DROP COLUMN public_key,
    DROP COLUMN former_signing_key, DROP COLUMN former_public_key
"""


def upgrade() -> None:
    """Leave endpoints as they are: every event, unordered, signed with the secret alone."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Forget the terms, and the keys with them."""
    run_scripts(UNDONE)
