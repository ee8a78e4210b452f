"""
The verbs for what providers told and nobody could read or match: `quarantine list`, `show` and `again`.

Only `show` prints what was told, to the operator's terminal and nowhere else, and so that no byte of it can command
the terminal. Secret path and headers, by which a provider proves itself, are not shown.
"""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from service.flows.providers import Callback, Door

from .running import COMMAND_LINE, beside, refuse

if TYPE_CHECKING:
    from service.flows.quarantine import Kept, Tried
    from service.wiring import House

quarantine = typer.Typer(no_args_is_help=True, help="What providers told that could not be read or matched.")

Id = Annotated[str, typer.Argument(help="As `quarantine list` and the entry `receipt.kept_aside` name it.")]


@quarantine.command("list")
def list_kept() -> None:
    """List it: id, account, when it came, until when it is kept, why, and what it is a part of."""
    from service.core.civil import format_instant
    from service.flows.quarantine import kept

    for each in beside(lambda house: house.gateway.store.read(kept)):
        times = [format_instant(each.received_at), format_instant(each.until)]
        typer.echo("\t".join([each.id, each.provider, *times, each.why, each.parent or ""]))


@quarantine.command("show")
def show(
    id: Id, piped: Annotated[bool, typer.Option("--piped", help="Also where standard output is no terminal.")] = False
) -> None:
    """Print one as it came: personal data, for your eyes only; it leaves an entry."""
    if not (piped or sys.stdout.isatty()):
        refuse("what was told may be personal data, and standard output is no terminal; --piped prints it all the same")
    for line in beside(lambda house: opened(house, COMMAND_LINE, id)):
        typer.echo(line)


@quarantine.command("again")
def again(
    id: Id, door: Annotated[Door | None, typer.Option(help="The door it was meant for, if it came to another.")] = None
) -> None:
    """Read one again and act on it, once it is mended; it leaves an entry. Status 1 if it is still kept aside."""
    tried = beside(lambda house: tried_again(house, COMMAND_LINE, id, door))
    typer.echo(f"{tried.hearing.said} read, {tried.hearing.new} new", err=True)
    if tried.why is not None:
        typer.echo(f"still kept aside: {tried.why}", err=True)
        raise typer.Exit(1)


async def opened(house: "House", actor: str, name: str) -> list[str]:
    """Give one in lines that are safe to print."""
    from service.flows.quarantine import look

    kept, callback = await look(house.gateway.kit, house.gateway.store, actor, name)
    return list(_lines(kept, callback))


async def tried_again(house: "House", actor: str, name: str, door: Door | None) -> "Tried":
    """Try one again, with the accounts of the routes file as it is now."""
    from service.flows.quarantine import try_again

    gateway = house.gateway
    return await try_again(gateway.kit, gateway.store, gateway.channels, actor, name, door)


def _lines(kept: "Kept", callback: Callback) -> Iterator[str]:
    yield f"{kept.id}: {kept.why}"
    media_type = callback.headers.get("content-type", "no type")
    yield f"{callback.method} {callback.door} {kept.provider}, {_harmless(media_type)}"
    yield from (_harmless(f"{name}={value}") for name, value in callback.query)
    yield ""
    yield _harmless(callback.body.decode(errors="backslashreplace"))


def _harmless(text: str) -> str:
    """Whoever wrote it may have meant it for the terminal: what is not to be seen is spelled out."""
    return "".join(each if each == "\n" or each.isprintable() else ascii(each)[1:-1] for each in text)
