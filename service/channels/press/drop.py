"""
A folder at a print house, over SFTP: the connection, and the few deeds it takes (decision 0024).

Believed is the one host key that the account names, and no other. A file appears under its name whole or not at all:
it is written under another, and renamed. The library is heavy: it is imported with the first letter.
"""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from service.flows.providers import Secret

if TYPE_CHECKING:
    import asyncssh

IDLE_S = 30
"""How often a connection that is kept says that it lives."""


class Login(NamedTuple):
    """With a private key, or else with a password."""

    host: str
    port: int
    host_key: str
    user: str
    key: Secret | None
    password: Secret | None

    def __repr__(self) -> str:
        return f"<Login {self.host}>"


class Drop:
    """Whatever goes wrong is raised: `OSError` where nobody was reached, else an error of asyncssh."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._one_at_a_time = asyncio.Lock()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None

    async def open(self) -> None:
        """Log in, unless that was done and holds."""
        async with self._one_at_a_time:
            if self._connection is None or self._connection.is_closed():
                await self._log_in()

    async def exists(self, path: str) -> bool:
        return await self._sftp.exists(path)

    async def names(self, folder: str) -> list[str]:
        """The names in a folder; none where there is no such folder."""
        import asyncssh

        try:
            return sorted(str(name) for name in await self._sftp.listdir(folder) if name not in (".", ".."))
        except asyncssh.SFTPNoSuchFile:
            return []

    async def read(self, path: str, most: int) -> bytes:
        async with self._sftp.open(path, "rb") as file:
            content: Any = await file.read(most)
        return bytes(content)

    async def write(self, folder: str, name: str, content: bytes) -> str:
        """Write a file under a name that nobody takes up, whole; give its path."""
        await self._sftp.makedirs(folder, exist_ok=True)
        unfinished = f"{folder}/.{name}.part"
        async with self._sftp.open(unfinished, "wb") as file:
            await file.write(content)
        return unfinished

    async def name(self, unfinished: str, path: str) -> None:
        """Give a whole file its name; it replaces what was there, where the server can do that."""
        import asyncssh

        try:
            await self._sftp.posix_rename(unfinished, path)
        except asyncssh.SFTPOpUnsupported:
            await self._sftp.rename(unfinished, path)

    async def forget(self, error: Exception) -> bool:
        """Let go of a connection that an error has ended; True if the server answered, and it has not."""
        import asyncssh

        lost = asyncssh.SFTPConnectionLost | asyncssh.SFTPNoConnection
        if isinstance(error, asyncssh.SFTPError) and not isinstance(error, lost):
            return True
        await self.close()
        return False

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            with suppress(Exception):
                await self._connection.wait_closed()
        self._connection = None

    @property
    def _sftp(self) -> "asyncssh.SFTPClient":
        if self._client is None:
            raise ConnectionError("not logged in")
        return self._client

    async def _log_in(self) -> None:
        import asyncssh

        await self.close()
        login = self._login
        key = asyncssh.import_private_key(bytes(login.key) + b"\n") if login.key is not None else None
        self._connection = await asyncssh.connect(
            login.host,
            login.port,
            username=login.user,
            password=login.password.decode() if login.password is not None else None,
            client_keys=[key] if key is not None else None,
            known_hosts=([asyncssh.import_public_key(login.host_key)], [], []),
            # Neither this machine's keys nor its agent nor its configuration have a part in it.
            agent_path=None,
            config=None,
            keepalive_interval=IDLE_S,
        )
        self._client = await self._connection.start_sftp_client()
