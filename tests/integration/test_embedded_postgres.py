"""PostgreSQL out of the wheel: what it keeps, through every way a run can end."""

import asyncio
import getpass
import os
import pwd
import shutil
import signal
import socket
import stat
import sys
import tempfile
import textwrap
from pathlib import Path

import asyncpg
import psutil
import pytest

from infra.waiting import eventually
from roadworthy.embedded.binaries import WHEEL, find_binaries
from roadworthy.embedded.postgres import Postgres

AS_ROOT = os.geteuid() == 0


def postgres(tmp_path: Path) -> Postgres:
    return Postgres(tmp_path / "postgres", ["quote", "order"])


async def ask(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=5)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def write_a_row(server: Postgres) -> None:
    await ask(server.databases["quote"], "CREATE TABLE kept AS SELECT 42 AS answer")


async def read_the_row(server: Postgres) -> object:
    return await ask(server.databases["quote"], "SELECT answer FROM kept")


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def modes(*paths: Path) -> dict[str, str]:
    return {path.name: stat.filemode(path.stat().st_mode) for path in paths}


async def test_a_second_start_finds_rows_passwords_and_port(tmp_path: Path) -> None:
    async with postgres(tmp_path) as first:
        await write_a_row(first)
    assert not await first.health()

    async with postgres(tmp_path) as second:
        assert await second.health()
        assert second.databases == first.databases
        assert await read_the_row(second) == 42


async def test_a_killed_server_comes_back_with_what_was_committed(tmp_path: Path) -> None:
    server = postgres(tmp_path)
    await server.start()
    await write_a_row(server)
    os.kill(server.pid or 0, signal.SIGKILL)
    await eventually(lambda: server.pid is None)
    assert not await server.health()

    async with postgres(tmp_path) as again:
        assert await read_the_row(again) == 42


async def test_a_killed_launcher_takes_its_server_along(tmp_path: Path) -> None:
    program = f"""
        import asyncio, pathlib, time
        from roadworthy.embedded.postgres import Postgres
        server = Postgres(pathlib.Path({str(tmp_path / "postgres")!r}), ["quote", "order"])
        asyncio.run(server.start())
        print(server.pid, flush=True)
        time.sleep(60)
    """
    launcher = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(program), stdout=asyncio.subprocess.PIPE
    )
    assert launcher.stdout is not None
    pid = int(await launcher.stdout.readline())
    launcher.kill()
    await launcher.wait()
    if sys.platform == "linux":
        await eventually(lambda: gone(pid))

    async with postgres(tmp_path) as again:
        assert again.pid != pid
        assert await again.health()


async def test_a_server_that_still_runs_is_stopped_first(tmp_path: Path) -> None:
    former = postgres(tmp_path)
    await former.start()
    await write_a_row(former)
    pid = former.pid or 0

    async with postgres(tmp_path) as server:
        assert gone(pid)
        assert await read_the_row(server) == 42
    assert "received fast shutdown request" in former.log.with_suffix(".old.log").read_text()
    await former.stop()


async def test_a_pid_file_that_names_another_program_is_no_obstacle(tmp_path: Path) -> None:
    server = postgres(tmp_path)
    await server.start()
    pid_file = server.folder / "cluster" / "postmaster.pid"
    noted = pid_file.read_text().split("\n")
    await server.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *noted[1:]]))

    async with postgres(tmp_path) as again:
        assert await again.health()


async def test_a_taken_port_is_left_to_its_holder(tmp_path: Path) -> None:
    async with postgres(tmp_path) as server:
        former = server.port
    with socket.create_server(("127.0.0.1", former)):
        async with postgres(tmp_path) as server:
            assert server.port != former
            assert await server.health()


async def test_each_role_enters_its_own_database_only(tmp_path: Path) -> None:
    async with postgres(tmp_path) as server:
        quote = server.databases["quote"]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(quote.removesuffix("/quote") + "/order", "SELECT 1")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(quote.replace("quote:", "quote:not-"), "SELECT 1")
        assert await ask(quote, "SHOW listen_addresses") == "127.0.0.1"
        assert await ask(quote, "SHOW fsync") == "on"
        assert await ask(quote, "CREATE EXTENSION btree_gist") is None


async def test_it_is_private_and_runs_without_privilege(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o700)
    async with postgres(tmp_path) as server:
        process = psutil.Process(server.pid)
        assert process.username() == ("nobody" if AS_ROOT else getpass.getuser())
        private = modes(tmp_path, server.folder, server.folder / "cluster")
        assert set(private.values()) == {"drwx------"}
        assert modes(server.folder / "passwords.json") == {"passwords.json": "-rw-------"}


@pytest.mark.skipif(not AS_ROOT, reason="only root starts the server as another user")
def test_binaries_in_a_private_home_are_copied_not_laid_open(tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    site = find_binaries(None).parents[2]
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    for folder in (WHEEL, f"{WHEEL}.libs"):
        shutil.copytree(site / folder, home / folder)
    with tempfile.TemporaryDirectory() as cache:
        Path(cache).chmod(0o755)
        copied = find_binaries(nobody, wheel=home / WHEEL, cache=Path(cache))
        assert copied.is_relative_to(cache)
        assert find_binaries(nobody, wheel=home / WHEEL, cache=Path(cache)) == copied
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
