"""
The verbs: `python -m service VERB`. Each reads the settings, does one thing, and says what it did.

Imports stand inside the verbs, so that a short verb starts quickly. What the operator must mend is told
in a line on standard error and ends with status 2; the rest of an error is for the log.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from service.cli.officers import policy, template
from service.cli.quarantine import quarantine
from service.cli.running import COMMAND_LINE, beside, prepared, refuse, run, told
from service.core.model import ActorRole
from service.flows.export import Format
from service.settings import from_environment

if TYPE_CHECKING:
    from service.wiring import House

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
key = typer.Typer(no_args_is_help=True, help="API keys of clients, and the master key.")
app.add_typer(key, name="key")
app.add_typer(quarantine, name="quarantine")
app.add_typer(policy, name="policy")
app.add_typer(template, name="template")

ALL = "all"

Language = Literal["en", "zh"]

Since = Annotated[str | None, typer.Option(help="Decisions from this instant on, such as 2026-12-01T00:00:00+08:00.")]
Until = Annotated[str | None, typer.Option(help="Decisions before this instant.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]


@app.command()
def serve() -> None:
    """Open the door, and dispatch too unless GATEWAY_WORKERS_INLINE says no."""
    from service.serve import serve as serving

    settings = prepared()
    run(serving(settings))


@app.command()
def worker() -> None:
    """Dispatch, sweep and number, without a door."""
    from service.serve import work

    settings = prepared()
    if settings.embedded:
        refuse("the embedded store serves one process: a worker beside `serve` needs PostgreSQL")
    run(work(settings))


@app.command()
def demo(
    borrowers: Annotated[int, typer.Option(min=60, max=900, help="How many people are late.")] = 300,
    folder: Annotated[Path | None, typer.Option(help="Where it keeps its store; `demo` in GATEWAY_DATA_DIR.")] = None,
    language: Annotated[Language, typer.Option(help="The language of what it shows.")] = "en",
    once: Annotated[bool, typer.Option("--once", help="End when all is shown, rather than keep serving.")] = False,
) -> None:
    """Show a fictional bank's day with the simulator, and keep serving."""
    from rich.console import Console

    from service.demo.run import Wanted
    from service.demo.run import demo as showing
    from service.logs import configure_logs

    settings = told(from_environment)
    # A line for each call would hide what is shown; GATEWAY_LOG_LEVEL=debug brings them back.
    configure_logs("warning" if settings.log_level == "info" else settings.log_level)
    console = Console() if sys.stdout.isatty() else Console(width=140)
    run(showing(settings, Wanted(borrowers, folder or settings.data_dir / "demo", language, not once), console))


@app.command()
def migrate() -> None:
    """Bring the tables up to date."""
    from service.store.migrate import migrate as migrating

    settings = prepared()
    told(lambda: settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True))
    told(lambda: migrating(settings.database_url))
    typer.echo("the tables are up to date", err=True)


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="A file that does not exist yet.")]) -> None:
    """Copy the embedded store, also while it serves; the master key is not in it."""
    from service.store.sqlite import SqliteStore

    async def copying(house: "House") -> None:
        store = house.gateway.store
        if not isinstance(store, SqliteStore):
            refuse("only the embedded store is copied here; for PostgreSQL use its own tools")
        await store.backup(file)

    beside(copying)
    typer.echo(f"copied to {file}; keep the master key elsewhere", err=True)


@app.command()
def bench(quick: Annotated[bool, typer.Option(help="A tenth of the load, to see that it works.")] = False) -> None:
    """Measure the gateway beside plainer servers, as ratios in one run."""
    from service.bench.run import main

    main(quick=quick)


@app.command()
def export(
    form: Annotated[Format, typer.Option("--format", help="A line of JSON an entry, or a table.")] = Format.ndjson,
    after: Annotated[int, typer.Option(min=-1, help="Only the entries after this index.")] = -1,
    output: Annotated[Path | None, typer.Option(help="A file that does not exist yet; else standard output.")] = None,
) -> None:
    """Write the evidence to a file, beside a process that serves; it leaves an entry."""
    from service.cli.export import write_export

    entries = beside(lambda house: write_export(house, COMMAND_LINE, form, after, output))
    typer.echo(f"{entries} entries", err=True)


@policy.command("diff")
def diff(
    old: Annotated[str, typer.Argument(help="A digest, a folder, `in-force`, or `folder`: the one in the settings.")],
    new: Annotated[str, typer.Argument(help="As before.")] = "folder",
    as_json: AsJson = False,
) -> None:
    """Tell what one book would change of another: packs, rules, and each parameter, old and new."""
    from service.cli.differences import as_json as written
    from service.cli.differences import as_lines, compared

    found = beside(lambda house: compared(house, old, new))
    typer.echo(written(found) if as_json else "\n".join(as_lines(found)))


@app.command("replay")
def replay(since: Since = None, until: Until = None, as_json: AsJson = False) -> None:
    """
    Judge recorded decisions again under their own books; status 1 if any is otherwise.

    Nothing may be: a difference is a fault in the gateway, or in what is stored.
    """
    if not _replay(None, since, until, as_json):
        raise typer.Exit(1)


@policy.command("replay")
def replay_under(
    book: Annotated[str, typer.Argument(help="As `policy diff` names a book.")] = "folder",
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """Tell what another book would have decided, from the facts that were recorded."""
    _replay(book, since, until, as_json)


def _replay(book: str | None, since: str | None, until: str | None, as_json: bool) -> bool:
    from service.cli.replaying import as_json as written
    from service.cli.replaying import as_lines, replayed, span_of

    span = told(lambda: span_of(since, until))
    zone = told(from_environment).bank_zone
    done = beside(lambda house: replayed(house, COMMAND_LINE, book, span))
    typer.echo(written(done, span, zone) if as_json else "\n".join(as_lines(done, span, zone)))
    return done.tally.clean


@policy.command("activate")
def activate(
    effective_at: Annotated[str, typer.Option(help="When it takes effect, such as 2026-12-01T00:00:00+08:00.")],
    sha256: Annotated[
        str | None, typer.Argument(help="The book; the one in the policies folder, if not given.")
    ] = None,
) -> None:
    """
    Name a book and the date it takes effect; it does once a second principal has named both.

    The command line is one principal. The other is a key with `policy:write`, at `/v1/policies/activate`.
    """
    from service.cli.activate import activate_book
    from service.core.civil import format_instant

    named = beside(lambda house: activate_book(house, COMMAND_LINE, sha256, effective_at))
    typer.echo(named.sha256)
    awaited = "a second principal must name the same" if named.second_by is None else f"with {named.second_by}"
    typer.echo(f"named by {named.first_by} for {format_instant(named.effective_at)}; {awaited}", err=True)


@key.command("create")
def create(
    client: Annotated[str, typer.Option(help="The client's id, as entries and history name it.")],
    actor_role: Annotated[ActorRole, typer.Option(help="On whose behalf it acts.")],
    scope: Annotated[list[str], typer.Option(help="A scope, repeatable; `all` is every scope.")],
    name: Annotated[str | None, typer.Option(help="How messages name an agency; the id, if not given.")] = None,
) -> None:
    """Make a client's key; it is printed alone on standard output, and never again."""
    import secrets

    from service.flows.clients import create_key
    from service.web.scopes import ALL_SCOPES

    if unknown := set(scope) - ALL_SCOPES - {ALL}:
        refuse(f"no such scope: {', '.join(sorted(unknown))}; there are {', '.join(sorted(ALL_SCOPES))}")
    scopes = ALL_SCOPES if ALL in scope else frozenset(scope)
    secret = secrets.token_urlsafe(32)

    async def creating(house: "House") -> str:
        kit = house.gateway.kit
        return await house.gateway.store.write(
            lambda tx: create_key(
                kit, tx, COMMAND_LINE, client=client, actor_role=actor_role, scopes=scopes, secret=secret, name=name
            )
        )

    typer.echo(beside(creating))


@key.command("list")
def list_keys() -> None:
    """List the clients, their scopes, and whether their key is revoked."""
    from service.core.civil import format_instant
    from service.flows.clients import list_clients

    for row in beside(lambda house: house.gateway.store.read(list_clients)):
        ended = f"revoked {format_instant(row['revoked_at'])}" if row["revoked_at"] is not None else "in force"
        made = format_instant(row["created_at"])
        typer.echo("\t".join([row["id"], row["actor_role"], made, ended, row["scopes"]]))


@key.command("revoke")
def revoke(client: Annotated[str, typer.Argument(help="The client's id.")]) -> None:
    """Revoke a client's key; serving processes refuse it within seconds."""
    from service.flows.clients import revoke_key

    async def revoking(house: "House") -> None:
        await house.gateway.store.write(lambda tx: revoke_key(house.gateway.kit, tx, COMMAND_LINE, client))

    beside(revoking)
    typer.echo(f"the key of {client} is revoked", err=True)


@key.command("master")
def master(file: Annotated[Path, typer.Argument(help="A file that does not exist yet.")]) -> None:
    """Make a master key; keep a copy where no backup of the store lies."""
    from service.vault.keys import make_master_key

    told(lambda: make_master_key(file))
    typer.echo(f"made {file}", err=True)


if __name__ == "__main__":
    app()
