"""Debian's or Playwright's Chromium, and what axe-core says of a page."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


def _found(playwrights_own: str) -> str | None:
    named = os.environ.get("CHROMIUM")
    installed = shutil.which("chromium") or shutil.which("google-chrome")
    paths = (named, installed, playwrights_own)
    return next((path for path in paths if path and Path(path).exists()), None)


@pytest_asyncio.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """Yield a browser; skips where none is found."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        path = _found(playwright.chromium.executable_path)
        if path is None:
            pytest.skip("no Chromium is found: install it, or name it in CHROMIUM")
        # Chromium has no sandbox for root.
        browser = await playwright.chromium.launch(
            executable_path=path, chromium_sandbox=os.geteuid() != 0
        )
        yield browser
        await browser.close()


async def violations(page: Page) -> list[str]:
    """Name what axe-core finds wrong; past the page's own policy, which lets no script in."""
    import axe_playwright_python

    axe = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
    session = await page.context.new_cdp_session(page)
    await session.send("Runtime.enable")
    expression = f"(() => {{ {axe}; return axe.run().then(found => found.violations); }})()"
    asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
    answer: dict[str, Any] = await session.send("Runtime.evaluate", asked)
    assert "exceptionDetails" not in answer, answer
    await session.detach()
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in answer["result"]["value"]]
