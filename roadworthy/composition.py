"""Which module is which service: `services.NAME.main` builds it, `services.NAME.settings` has its
`NameSettings`. Imported by name, so that one service's process loads no other's code.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from shared.service import Service
from shared.settings import ServiceSettings


def load(names: Iterable[str]) -> None:
    """Import the services' code, which takes most of a start's time."""
    for name in names:
        import_module(f"services.{name}.main")


def settings_of(
    name: str, *, fixed: dict[str, Any] | None = None, usual: dict[str, Any] | None = None
) -> ServiceSettings:
    """Read a service's settings: what is fixed, then the environment, then what is usual here."""
    kind: type[ServiceSettings] = getattr(
        import_module(f"services.{name}.settings"), f"{name.capitalize()}Settings"
    )
    unset = {key: value for key, value in (usual or {}).items() if key.upper() not in os.environ}
    return kind(**unset, **(fixed or {}))


def build(name: str, settings: ServiceSettings) -> Service:
    """Put a service together; nothing runs yet."""
    service: Service = import_module(f"services.{name}.main").build(settings)
    return service
