"""The whole process group is killed, again and again, in the middle of work."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from infra.launcher import Launcher
from infra.receiving import Partner, partner_receives
from infra.story import EXPECTED, CutOff, Story
from infra.waiting import eventually

MOMENTS = 20
RUNS = 4
"""Each has a platform of its own, and every fourth moment: they can go on side by side."""

SEED = 20261123


async def subscribe(platform: Launcher, partner: Partner) -> None:
    story = Story(platform, slot=0)
    async with httpx.AsyncClient(base_url=platform.origin) as client:
        body = {"url": partner.url, "events": ["*"]}
        endpoint = await story._post(client, "partner", "/v1/webhook-endpoints", body)
    partner.secret = endpoint["secret"]


def owed(story: Story, partner: Partner) -> list[str]:
    """Name what a finished story still owes its partner."""
    missing = []
    for kind, types in EXPECTED.items():
        about = partner.about(story.made[kind])
        missing += [f"{kind}: {each}" for each in types if each not in {w.type for w in about}]
    return missing


@pytest.mark.timeout(300)
@pytest.mark.parametrize("run", range(RUNS))
async def test_a_power_cut_at_any_moment_loses_nothing_that_was_acknowledged(
    tmp_path: Path, run: int
) -> None:
    moments = random.Random(SEED + run)
    launcher = Launcher(tmp_path / "data")
    try:
        async with partner_receives() as partner:
            await launcher.ready()
            await subscribe(launcher, partner)
            before = time.monotonic()
            stories = [Story(launcher, slot=0)]
            await stories[0].tell()
            length = time.monotonic() - before
            print(f"a story takes {length:.2f} s")

            for number in range(run, MOMENTS, RUNS):
                # One moment in each twentieth of the story, and a little past its end.
                moment = (number + moments.random()) / MOMENTS * length * 1.2
                story = Story(launcher, slot=len(stories))
                stories.append(story)
                with suppress(TimeoutError, CutOff):
                    async with asyncio.timeout(moment):
                        await story.tell()
                launcher.kill()
                acknowledged = dict(story.states)
                launcher = Launcher(tmp_path / "data")
                await launcher.ready()
                print(f"cut {number + 1} of {MOMENTS} after {moment:.2f} s, at step {story.done}")
                await story.holds()
                assert acknowledged == story.states
                await story.tell()

            for story in stories:
                await eventually(lambda story=story: owed(story, partner) == [], 60)
            await check(stories, partner)
    finally:
        launcher.kill()


async def check(stories: list[Story], partner: Partner) -> None:
    """Check what arrived: each event once by its id, whatever was sent again."""
    for story in stories:
        for kind, types in EXPECTED.items():
            about = partner.about(story.made[kind])
            seen = [webhook.type for webhook in about if webhook.type in types]
            assert sorted(seen) == sorted(types), (kind, seen)
            assert len({webhook.sequence for webhook in about}) == len(about)
    assert partner.refused == []
