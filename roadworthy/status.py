"""Where a platform's parts are, as it wrote them down, and how they are, as it says."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiohttp

from roadworthy.embedded.data import write_private

FILE = "platform.json"
ANSWER_SECONDS = 5


@dataclass(frozen=True)
class Addresses:
    """Where the parts are; `mail` is the Maildir, and the databases' URLs have passwords."""

    http: str
    kafka: str
    smtp: str
    mail: str
    databases: dict[str, str]


@dataclass(frozen=True)
class Report:
    """The addresses, and what `/readyz` says; nothing when nobody answers there."""

    addresses: Addresses
    said: dict[str, Any]

    @property
    def ready(self) -> bool:
        """Tell whether every part of every service works."""
        return bool(self.said.get("ready"))

    def as_json(self) -> dict[str, Any]:
        """Render for programs."""
        services = {
            name: {"ready": all(parts.values()), "parts": parts}
            for name, parts in self.said.get("services", {}).items()
        }
        health = {"running": bool(self.said), "ready": self.ready, "parts": self.said.get("parts")}
        return asdict(self.addresses) | {"services": services} | health

    def as_text(self) -> str:
        """Render for a person."""
        if not self.said:
            return f"Nobody answers at {self.addresses.http}: roadworthy up"
        places = {
            "HTTP": self.addresses.http,
            "Kafka broker": self.addresses.kafka,
            "mail inbox": f"{self.addresses.smtp}, mails in {self.addresses.mail}",
        }
        works = {"HTTP": True, **self.said["parts"]}
        rows = [(name, works[name], places.get(name, "")) for name in works]
        rows += [
            (name, all(parts.values()), ", ".join(part for part in parts if not parts[part]))
            for name, parts in self.said["services"].items()
        ]
        databases = [f"{name:12}        {url}" for name, url in self.addresses.databases.items()]
        lines = [
            f"{name:12} {'ok  ' if ok else 'DOWN'}   {note}".rstrip() for name, ok, note in rows
        ]
        return "\n".join([*lines, "", "Databases:", *databases])


def write_down(addresses: Addresses, data: Path) -> None:
    """Leave word for `roadworthy status` and the like, for this user's eyes alone."""
    write_private(data / FILE, asdict(addresses))


def read_up(data: Path) -> Addresses | None:
    """Return what the last platform on this folder left, running or not."""
    try:
        return Addresses(**json.loads((data / FILE).read_text()))
    except FileNotFoundError:
        return None


async def report(data: Path) -> Report | None:
    """Ask the platform on this folder how it is; None if there never was one."""
    addresses = read_up(data)
    return Report(addresses, await _ask(addresses.http)) if addresses else None


async def _ask(origin: str) -> dict[str, Any]:
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{origin}/readyz") as answer,
        ):
            said: dict[str, Any] = await answer.json()
            return said
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return {}
