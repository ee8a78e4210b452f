"""Which store a URL names; the two spellings are `sqlite:///FILE` and `postgresql://…`."""

from pathlib import Path

from service.core.errors import Misconfigured

_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql+asyncpg://", "postgresql://", "postgres://")


def is_sqlite(url: str) -> bool:
    if url.startswith(_SQLITE):
        return True
    if url.startswith(_POSTGRES):
        return False
    raise Misconfigured("the database is sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")


def sqlite_path(url: str) -> Path:
    name = url.removeprefix(_SQLITE)
    if not name or name == ":memory:":
        raise Misconfigured("the embedded store needs a file: what is only in memory is not durable")
    return Path(name)


def postgres_url(url: str) -> str:
    """Spell the driver out: SQLAlchemy would take another one."""
    return _POSTGRES[0] + url.split("://", 1)[1]
