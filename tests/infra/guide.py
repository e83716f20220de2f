"""A guide's code, taken out of its Markdown and run as a reader would."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from infra.launcher import Launcher
from roadworthy.embedded.ports import choose

GUIDES = Path(__file__).parents[2] / "docs"
SECONDS = 60.0
_BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (\S+\.py)\n")
_ANSWER = re.compile(r"^field .*  # (\S+)$", re.MULTILINE)


class Guide:
    """What a guide has its reader do; what it says of an answer stands in a comment of one word."""

    def __init__(self, name: str) -> None:
        found = _BLOCK.findall((GUIDES / name).read_text())
        self.commands = "\n".join(text for language, text in found if language == "bash")
        self.files = {
            named[1]: text
            for language, text in found
            if language == "python" and (named := _FILE.match(text))
        }
        self.answers = _ANSWER.findall(self.commands)

    def follow(self, folder: Path, platform: Launcher) -> subprocess.CompletedProcess[str]:
        """Run everything in a folder that looks like the repository after `make up`."""
        (folder / ".venv").symlink_to(sys.prefix)
        (folder / ".roadworthy").symlink_to(platform.data)
        port = str(choose(folder / "port"))
        for name, text in self.files.items():
            (folder / name).write_text(text.replace("8099", port))
        commands = self.commands.replace("8099", port).replace(
            "http://127.0.0.1:8000", platform.origin
        )
        (folder / "guide.sh").write_text(f"set -euo pipefail\n{commands}")
        return subprocess.run(
            ["bash", "guide.sh"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
