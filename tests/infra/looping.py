"""The tests' event loop and garbage collector are production's.

Both show: asyncio's own loop takes half as long again for a request, and a collector that looks as
often as Python's does goes through four hundred modules of tests each time.
"""

from __future__ import annotations

import asyncio
import gc

import uvloop

from roadworthy.collecting import collect_rarely

collect_rarely()
asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


def pytest_collection_finish() -> None:
    gc.freeze()  # what was imported stays
