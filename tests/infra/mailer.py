"""Run as a process of its own: the notifier's mails alone, until it is killed."""

from __future__ import annotations

import asyncio
import sys

from infra.access import SigningKeys
from infra.notifying import notifier_settings
from services.notifier.main import build


async def main(url: str, port: int) -> None:
    settings = notifier_settings(url, smtp_host="127.0.0.1", smtp_port=port)
    await build(settings, keys=SigningKeys()).parts["mail"].start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
