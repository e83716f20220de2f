"""The data folder and the ports: two launchers never share, and are told what to do."""

import os
import socket
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from roadworthy.embedded.data import DataFolder
from roadworthy.embedded.errors import PartError
from roadworthy.embedded.ports import bind


def test_a_second_launcher_is_told_who_has_the_folder(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "data") as data:
        assert stat.S_IMODE(data.path.stat().st_mode) == 0o700
        with pytest.raises(PartError, match=rf"process {os.getpid()}.*DATA="):
            DataFolder(tmp_path / "data").__enter__()
    with DataFolder(tmp_path / "data"):
        pass


def test_a_killed_launcher_holds_nothing(tmp_path: Path) -> None:
    program = f"""
        import os, pathlib, signal
        from roadworthy.embedded.data import DataFolder
        DataFolder(pathlib.Path({str(tmp_path)!r})).__enter__()
        os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
    assert killed.returncode == -9
    with DataFolder(tmp_path):
        pass


def test_a_taken_port_is_named_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(PartError, match=rf"Port {port} .*in use.*PORT="):
            bind("127.0.0.1", port)
