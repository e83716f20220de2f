"""The parts that one machine needs, out of Python wheels: PostgreSQL, a Kafka broker, a mail inbox.

Each part has `start`, `stop` and `health`, and is an async context manager. Why these parts, and
what was found of them by running them: docs/decisions/0006-embedded-parts.md.
"""

from roadworthy.embedded.broker import Broker
from roadworthy.embedded.data import DataFolder
from roadworthy.embedded.errors import PartError
from roadworthy.embedded.inbox import Inbox, Mail
from roadworthy.embedded.ports import bind
from roadworthy.embedded.postgres import Postgres

__all__ = ["Broker", "DataFolder", "Inbox", "Mail", "PartError", "Postgres", "bind"]
