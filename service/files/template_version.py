"""
One version of a template: built from its files, or refused with every complaint.

Building is reading, judging, compiling and a trial: each source is rendered with the examples, with all
optional values and with none, for each role it is meant for, so that a fault in a template is met when it
is loaded and not when a message is due.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from babel import UnknownLocaleError

from service.core.canonical import canonical, digest
from service.core.errors import Misconfigured
from service.core.facts import Registration
from service.core.model import Channel, PartyRole
from service.core.rendering import CARD_LETTER_ITEMS, Institution, Message, RenderContext, Statement, Template, compose
from service.core.variables import RenderingError, bind

from .policy_source import Complaint
from .template_lint import Draft, lint_coverage, lint_manifest, lint_source
from .template_manifest import Manifest, read_manifest
from .template_sources import Source, compile_source, cut, environment, judge, kind_of

FORMAT = 1
MANIFEST = "template.yaml"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}\Z")


class TemplatesRefused(Misconfigured):
    """Templates that may not be used; `complaints` has all that is wrong with them."""

    def __init__(self, complaints: list[Complaint]) -> None:
        super().__init__("\n".join(["templates refused:", *map(str, complaints)]))
        self.complaints = complaints


class Compiled(NamedTuple):
    """A source with what it is sure to state; e-mail's HTML is a part of the same source."""

    source: Source
    states: frozenset[Statement]


class Version(NamedTuple):
    """One version: the template, its canonical text, its compiled sources."""

    template: Template
    sources: bytes
    compiled: Mapping[tuple[Channel, str], Compiled]

    def render(
        self, channel: Channel, locale: str | None, values: Mapping[str, object], context: RenderContext
    ) -> Message:
        """Render one message; the same arguments give the same bytes."""
        tag = self.template.locale_for(channel, locale)
        names = {**bind(self.template.variables, values), **_facts(context, tag)}
        source, states = self.compiled[channel, tag]
        if channel is Channel.call:
            states = states - {Statement.ai_voice} if not context.ai_voice else states
            states = states - {Statement.recording} if not context.recorded else states
        return compose(self.template, channel, tag, states, source.render(names), context)


def _facts(context: RenderContext, locale: str) -> dict[str, object]:
    us = context.institution
    name = us.name if locale.startswith("zh") else us.name_en or us.name
    facts: dict[str, object] = {
        "institution": name,
        "creditor": context.creditor or name,
        "hotline": us.hotline,
        "guarantor": context.party_role is PartyRole.guarantor,
        "ai_voice": context.ai_voice,
        "recorded": context.recorded,
    }
    if context.party_name is not None:
        facts["party_name"] = context.party_name
    if context.agency is not None:
        facts["agency"] = context.agency
    if context.appointment is not None:
        facts["appointment"] = context.appointment
    return facts


def build(name: str, files: Mapping[str, str], *, kept: bool = False) -> Version:
    """
    Build the version that these files are; `TemplatesRefused` with complaints whose file is `<name>/<file>`.

    One that was `kept` passed the checks of its day: only its form and what could escape or grow are judged
    again, lest a stricter release could not finish what an older one accepted.
    """
    if not _NAME.match(name):
        raise TemplatesRefused([Complaint(name, 1, "", "a template's name is lower-case letters, digits and hyphens")])
    text = files.get(MANIFEST)
    if text is None:
        raise TemplatesRefused([Complaint(f"{name}/{MANIFEST}", 1, "", "is missing")])
    read, complaints = read_manifest(MANIFEST, text)
    drafts, faults = _drafts(files)
    complaints += faults
    manifest = read.manifest
    if manifest is not None and not kept:
        complaints += lint_manifest(read, manifest, drafts)
        complaints += lint_coverage(read, manifest, drafts)
        for draft in drafts:
            complaints += lint_source(manifest, draft)
    if manifest is not None and not complaints:
        version = _compiled(name, files, manifest, drafts)
        complaints += [] if kept else _trial(version)
        if not complaints:
            return version
    raise TemplatesRefused([found._replace(file=f"{name}/{found.file}") for found in sorted(set(complaints))])


def _drafts(files: Mapping[str, str]) -> tuple[list[Draft], list[Complaint]]:
    drafts: list[Draft] = []
    complaints: list[Complaint] = []
    for file in sorted(files.keys() - {MANIFEST}):
        kind = kind_of(file)
        if kind is None:
            complaints.append(Complaint(file, 1, "", "is not named <channel>.<locale>.txt nor email.<locale>.html"))
            continue
        try:
            environment(kind.locale, kind.html)
        except (UnknownLocaleError, ValueError):
            complaints.append(Complaint(file, 1, "", f"the locale {kind.locale} is not known"))
            continue
        pieces, faults = cut(file, kind, files[file])
        judged = [judge(file, piece) for piece in pieces]
        complaints += faults + [fault for _, found in judged for fault in found]
        drafts.append(Draft(file, kind, pieces, [names for names, _ in judged]))
    return drafts, complaints


def _compiled(name: str, files: Mapping[str, str], manifest: Manifest, drafts: list[Draft]) -> Version:
    text = canonical({"format": FORMAT, "name": name, "files": dict(files)})
    compiled: dict[tuple[Channel, str], Compiled] = {}
    locales: dict[Channel, list[str]] = {}
    for draft in sorted(drafts, key=lambda draft: (list(Channel).index(draft.kind.channel), draft.kind.html)):
        channel, locale, html = draft.kind
        source = compile_source(draft.kind, draft.pieces)
        if html:
            plain = compiled[channel, locale]
            compiled[channel, locale] = Compiled(Source(plain.source.parts + source.parts), plain.states)
            continue
        compiled[channel, locale] = Compiled(source, _states(draft))
        locales.setdefault(channel, []).append(locale)
    template = Template(
        name=name,
        version=digest(text),
        title=manifest.title,
        purposes=frozenset(manifest.purposes),
        party_roles=frozenset(manifest.party_roles),
        reveals=manifest.reveals,
        locales=tuple(manifest.locales),
        sources={channel: tuple(sorted(tags, key=manifest.locales.index)) for channel, tags in locales.items()},
        variables={key: entry.spec(key) for key, entry in manifest.variables.items()},
        offer=manifest.offer,
        approval=manifest.approval,
        registrations=tuple(Registration(name, e.id, e.header) for name, e in sorted(manifest.registrations.items())),
    )
    return Version(template, text, compiled)


def _states(draft: Draft) -> frozenset[Statement]:
    used, channel = draft.used, draft.kind.channel
    stated = {Statement(piece.name) for piece in draft.pieces if piece.name in CARD_LETTER_ITEMS}
    if channel is Channel.sms or used & {"institution", "creditor"}:
        stated.add(Statement.institution)
    if "hotline" in used:
        stated.add(Statement.hotline)
    if channel is Channel.call:
        stated.add(Statement.verification)
        # Both are said only in the calls they are true of: `Version.render` takes them away from the others.
        stated |= {Statement.ai_voice} if "ai_voice" in used else set()
        stated |= {Statement.recording} if "recorded" in used else set()
    return frozenset(stated)


def _trial(version: Version) -> Iterator[Complaint]:
    template = version.template
    given = template.examples()
    optional = [name for name, spec in template.variables.items() if not spec.required]
    bare = {name: value for name, value in given.items() if name not in optional}
    for channel, locale in version.compiled:
        for values in (given, bare, *({**given, name: None} for name in optional)):
            for context in _contexts(template, channel):
                try:
                    version.render(channel, locale, values, context)
                except RenderingError as error:
                    text = f"does not render with the examples: {error.field}: {error.detail}"
                    yield Complaint(f"{channel}.{locale}.txt", 1, "", text)


def _contexts(template: Template, channel: Channel) -> Iterator[RenderContext]:
    us = Institution("示例农村商业银行", "96588", "示例农商银行", "Example Rural Commercial Bank", "Example RCB")
    span = (datetime(2026, 11, 24, 9, 30, tzinfo=UTC), datetime(2026, 11, 24, 11, tzinfo=UTC))
    # A letter names the person it is written to; every other channel must do without a name.
    name = "张三" if channel is Channel.letter else None
    for role in template.party_roles:
        yield RenderContext(us, role, name)
        yield RenderContext(us, role, "张三", us.name, "示例服务公司", True, True, span)
