"""The data folder and the ports: two launchers never share, and are told what to do."""

import os
import socket
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from infra.servers import INFRA
from roadworthy.client import CREDENTIALS
from roadworthy.embedded.data import DataFolder, write_private
from roadworthy.embedded.errors import PartError
from roadworthy.embedded.ports import bind, listen
from roadworthy.status import Addresses, write_down
from shared.settings import ServiceSettings


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


def test_of_two_that_took_a_port_the_second_to_listen_is_told_the_way_out() -> None:
    first = bind("127.0.0.1", 0)
    port = first.getsockname()[1]
    second = bind("127.0.0.1", port)  # nobody listens yet
    with first, second:
        listen(first, 1)
        with pytest.raises(PartError, match=rf"Port {port} .*PORT=\d+$"):
            listen(second, 1)


@pytest.mark.parametrize("path", ["a file", "a file/data", "/proc/data"])
def test_a_folder_that_holds_nothing_is_named_with_the_way_out(tmp_path: Path, path: str) -> None:
    (tmp_path / "a file").touch()
    with pytest.raises(PartError, match=r"can't hold data \(.*DATA=elsewhere make up$"):
        DataFolder(tmp_path / path).__enter__()


COMMANDS = ("demo", "listen", "status", "clock", "clock advance P1D", "events tail")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("was_started", [True, False])
def test_a_command_says_in_a_line_that_nothing_runs(
    tmp_path: Path, command: str, was_started: bool
) -> None:
    if was_started:
        nowhere = "127.0.0.1:9"
        write_down(Addresses(f"http://{nowhere}", nowhere, nowhere, "", {}), tmp_path)
        login = {"client_id": "x", "client_secret": "y"}
        logins = dict.fromkeys(("partner", "workshop", "operator"), login)
        write_private(tmp_path / CREDENTIALS, logins)
    told = roadworthy(*command.split(), DATA=str(tmp_path), KAFKA_BOOTSTRAP_SERVERS="")
    assert told.returncode == 1
    [line] = (told.stdout + told.stderr).splitlines()
    assert "roadworthy up" in line or "--kafka" in line


@pytest.mark.skipif(INFRA == "embedded", reason="the embedded broker makes each topic asked for")
def test_a_broker_without_the_topics_is_named_in_a_line(
    tmp_path: Path, bus: ServiceSettings
) -> None:
    kafka = ("--kafka", bus.kafka_bootstrap_servers, "--prefix", "nobodys.")
    told = roadworthy("events", "tail", *kafka, DATA=str(tmp_path))
    assert told.returncode == 1
    [line] = told.stderr.splitlines()
    assert "'nobodys.' (--prefix)" in line


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PORT", "0"), ("PORT", "65536"), ("PORT", "http"), ("LOG_LEVEL", "loud")],
)
def test_a_setting_that_cannot_be_is_named(tmp_path: Path, variable: str, value: str) -> None:
    told = roadworthy("up", DATA=str(tmp_path), **{variable: value})
    assert told.returncode == 2
    assert f"'{variable}'" in told.stderr
    assert "Traceback" not in told.stderr


def roadworthy(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "roadworthy", *words],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
