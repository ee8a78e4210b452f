"""
The verbs of those who write policies and templates, and need no store: `policy lint`, `policy test` and so on.

They read folders and never the store, so they run anywhere, also in the pipeline of a house of its own packs.
Status 1 says that something is wrong with the files.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from service.core.errors import GatewayError
from service.core.model import Channel
from service.settings import Settings, from_environment

policy = typer.Typer(no_args_is_help=True, help="Policy packs and the book that they make.")
template = typer.Typer(no_args_is_help=True, help="Message templates.")

Folder = Annotated[Path | None, typer.Argument(help="A folder; the one in the settings, if not given.")]


@policy.command("lint")
def lint_policies(folder: Folder = None) -> None:
    """Check every pack and case file; all complaints at once, with file and line."""
    from service.core.civil import local_date
    from service.files.policy_verbs import ending, lint
    from service.wiring import system_clock

    found = lint(folder or _settings().policies_dir)
    _complain(found.complaints)
    assert found.book is not None
    for pack in found.book.packs:
        draft = " (draft)" if pack.draft else ""
        typer.echo(f"{pack.id}{draft}: {len(pack.rules)} rules")
    for calendar in ending(found.book, local_date("UTC", system_clock())):
        until = calendar.confirmed_until
        typer.echo(f"warning: calendars/{calendar.id}.yaml is confirmed only until {until}: carry it on", err=True)
    typer.echo(found.sha256)


@policy.command("test")
def try_policies(folder: Folder = None) -> None:
    """Run the cases beside the packs; each rule must have one that allows, one that refuses, one on the boundary."""
    from service.files.policy_verbs import try_cases

    found = try_cases(folder or _settings().policies_dir)
    _complain(found.complaints)
    wrong = [f"{each.case.name}: {difference}" for each in found.ran for difference in each.differences]
    _complain([*wrong, *found.unproven])
    typer.echo(f"{len(found.ran)} cases passed")


@policy.command("unconfirmed")
def list_unconfirmed(
    folder: Folder = None, as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False
) -> None:
    """List the rules and places that counsel looks at first: drafts, house values, secondary sources, no pack."""
    import orjson

    from service.files.policy_gaps import read_gaps
    from service.files.policy_verbs import lint
    from service.web.policy_unconfirmed import unconfirmed_json

    directory = folder or _settings().policies_dir
    found = lint(directory)
    _complain(found.complaints)
    assert found.book is not None
    told = unconfirmed_json(found.book.packs, [(gap.place, gap.pack, gap.open) for gap in read_gaps(directory)])
    if as_json:
        typer.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2))
        return
    for each in told["rules"]:
        typer.echo(f"{each['rule']}: {each['why']} ({each['citation']})")
    for each in told["places"]:
        typer.echo(f"{each['place']}, {each['pack'] or 'no pack'}: {each['open']}")


@policy.command("schema")
def write_schemas(
    folder: Annotated[
        Path | None, typer.Argument(help="Where the three files go; `.schema` in the policies folder, if not given.")
    ] = None,
) -> None:
    """Write JSON Schema for packs, cases and calendars, for editors that check while one types."""
    from service.files.policy_schema import write

    try:
        written = write(folder or _settings().policies_dir / ".schema")
    except OSError as error:
        typer.echo(f"the schemas cannot be written: {error}", err=True)
        raise typer.Exit(2) from None
    for file in written:
        typer.echo(file)


@template.command("lint")
def lint_templates(folder: Folder = None) -> None:
    """Check every template, and render each of its texts with its examples."""
    from service.files.template_verbs import lint

    found = lint(folder or _settings().templates_dir)
    _complain(found.complaints)
    for name, version, sources in found.templates:
        spoken = ", ".join(f"{channel} ({' '.join(locales)})" for channel, locales in sources.items())
        typer.echo(f"{name} {version[:12]}: {spoken}")


@template.command("preview")
def preview_template(
    name: Annotated[str, typer.Argument(help="The template.")],
    channel: Annotated[Channel, typer.Argument(help="The channel.")],
    locale: Annotated[str | None, typer.Option(help="The locale; the template's first, if not given.")] = None,
    variable: Annotated[list[str] | None, typer.Option(help="NAME=VALUE, repeatable; else its example.")] = None,
    folder: Annotated[Path | None, typer.Option(help="A folder; the one in the settings, if not given.")] = None,
) -> None:
    """Show what a template says, with its examples where no variable is given."""
    from service.core.rendering import Institution, RenderContext
    from service.files.template_verbs import preview

    settings = _settings()
    bank = Institution(name=settings.institution, hotline=settings.hotline, signature=settings.sms_signature)
    values = dict(each.partition("=")[::2] for each in variable or ())
    try:
        message = preview(folder or settings.templates_dir, name, channel, locale, values, RenderContext(bank))
    except GatewayError as error:
        _complain([f"{field}: {error.detail}" if (field := getattr(error, "field", "")) else error.detail])
        return
    if message.subject:
        typer.echo(f"{message.subject}\n")
    typer.echo(message.body)
    if message.segments:
        typer.echo(f"{message.segments} units", err=True)


def _settings() -> Settings:
    try:
        return from_environment()
    except GatewayError as error:
        typer.echo(error.detail, err=True)
        raise typer.Exit(2) from None


def _complain(complaints: Iterable[object]) -> None:
    """Tell what is wrong, each in a line, and end; nothing wrong says nothing."""
    told = [str(complaint) for complaint in complaints]
    for line in told:
        typer.echo(line, err=True)
    if told:
        raise typer.Exit(1)
