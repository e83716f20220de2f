"""The parts that one machine needs, out of Python wheels: PostgreSQL, a Kafka broker, a mail inbox.

Each part has `start`, `stop` and `health`, and is an async context manager. Why these parts, and
what was found of them by running them: docs/decisions/0006-embedded-parts.md. The wheels are the
extra `embedded`, which production does without: import the part that you mean, not this package.
"""
