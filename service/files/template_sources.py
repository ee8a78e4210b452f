"""
One source file of a template: cut into parts, judged, compiled.

A text message or an HTML body is one part. Every other source is cut by lines such as `[opening]` or
`[contact] 五、联系方式`; the words after the bracket are the part's heading. Lines are kept as they are
written. The language is Jinja's, but only what `_ALLOWED` names: print a variable, filter it by our own
filters, choose by `if`. No loops, arithmetic, attributes or calls, so no template can grow or escape:
the sandbox alone stops the escapes and not the growth.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import NamedTuple, TypeVar

from jinja2 import StrictUndefined, Template, nodes
from jinja2.exceptions import TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from service.core.model import Channel
from service.core.rendering import Part
from service.core.variables import Fault, Money, RenderingError

from .policy_source import Complaint
from .template_style import Style

T = TypeVar("T")

MOST_BYTES = 64 * 1024

FACTS: Mapping[str, str] = {
    "institution": "institution",
    "creditor": "account.creditor",
    "hotline": "institution",
    "party_name": "party.name",
    "agency": "agency",
    "guarantor": "party.role",
    "ai_voice": "dialing",
    "recorded": "recording_available",
    "appointment": "visit.appointment",
}
"""What every template may name beside its variables, and the field of the request to blame for its absence."""

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Filter,
    nodes.If,
    nodes.Compare,
    nodes.Operand,
    nodes.Not,
    nodes.And,
    nodes.Or,
)
_FILTERS = frozenset({"days"})
_MARK = re.compile(r"\[([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)\](?: +(\S.*))?\Z")
_TAG_LINE = re.compile(r"^[ \t]*(\{%[^%]*%\})[ \t]*\n", re.MULTILINE)
_FILE = re.compile(r"([a-z]+)\.([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.(txt|html)\Z")


class Kind(NamedTuple):
    """What a source's file name says."""

    channel: Channel
    locale: str
    html: bool


class Piece(NamedTuple):
    """One part before compiling: its first text line is `line`."""

    name: str
    heading: str
    line: int
    text: str


class Source(NamedTuple):
    """One compiled source."""

    parts: tuple[tuple[str, str, Template], ...]

    def render(self, names: dict[str, object]) -> tuple[Part, ...]:
        """Render every part; `RenderingError` names the field of an absent value that is printed."""
        # As `Template.render` does, but with one context for all parts, which none of them can change, and
        # without its rewriting of tracebacks, which would show values.
        context = self.parts[0][2].new_context(names, shared=True)
        try:
            return tuple(
                Part(name, heading, "".join(template.root_render_func(context)).strip())
                for name, heading, template in self.parts
            )
        except UndefinedError:
            raise RenderingError(Fault("variables", "missing", "the text needs a value that is absent")) from None


class _Absent(StrictUndefined):
    """A value that was not given: `if` may ask for it, nothing else may use it."""

    def __bool__(self) -> bool:  # type: ignore[override]
        return False


def kind_of(file: str) -> Kind | None:
    """Read `<channel>.<locale>.<ext>`; None for a name that is no source's. HTML is for e-mail alone."""
    match = _FILE.match(file)
    if not match or match[1] not in list(Channel):
        return None
    kind = Kind(Channel(match[1]), match[2], match[3] == "html")
    return None if kind.html and kind.channel is not Channel.email else kind


def cut(file: str, kind: Kind, text: str) -> tuple[list[Piece], list[Complaint]]:
    """Cut a source into its parts; complain of text before the first mark, of doubled and of empty parts."""
    if kind.html or kind.channel is Channel.sms:
        name = "html" if kind.html else "text"
        pieces, complaints = [Piece(name, "", 1, text.rstrip("\n"))], list[Complaint]()
    else:
        pieces, complaints = _cut(file, text.split("\n"))
    for piece in pieces:
        if not piece.text.strip():
            complaints.append(Complaint(file, piece.line, "", f"the part {piece.name} is empty"))
    return pieces, complaints


def _cut(file: str, lines: list[str]) -> tuple[list[Piece], list[Complaint]]:
    pieces: list[Piece] = []
    complaints: list[Complaint] = []
    name, heading, begin = "", "", 0
    for number, line in enumerate([*lines, "[end]"], 1):
        mark = _MARK.match(line)
        if not mark:
            continue
        text = "\n".join(lines[begin : number - 1]).rstrip()
        first = begin + 1 + len(text) - len(text.lstrip("\n"))
        if name:
            pieces.append(Piece(name, heading, first, text.lstrip("\n")))
        elif text.strip():
            complaints.append(Complaint(file, 1, "", "there is text before the first part"))
        name, heading, begin = mark[1], mark[2] or "", number
        if name in {piece.name for piece in pieces}:
            complaints.append(Complaint(file, number, "", f"the part {name} stands twice"))
        if "{" in heading:
            complaints.append(Complaint(file, number, "", "a heading is constant: it takes no variables"))
    return pieces, complaints


def judge(file: str, piece: Piece) -> tuple[frozenset[str], list[Complaint]]:
    """Give the names that a part uses, and what in it is not allowed."""
    try:
        tree = environment("en", False).parse(_without_tag_lines(piece.text))
    except TemplateSyntaxError as error:
        return frozenset(), [Complaint(file, piece.line + error.lineno - 1, "", error.message or "not a template")]
    complaints = [
        Complaint(file, piece.line + node.lineno - 1, "", f"{type(node).__name__} is not allowed in a template")
        for node in _walk(tree)
        if not isinstance(node, _ALLOWED) or (isinstance(node, nodes.Filter) and node.name not in _FILTERS)
    ]
    return frozenset(node.name for node in tree.find_all(nodes.Name)), complaints


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _walk(child)


def _without_tag_lines(text: str) -> str:
    # A line that holds a tag and nothing else leaves no line behind; the comment keeps the count of lines. Jinja's own
    # trimming would also join a line that only ends in a tag to the next.
    return _TAG_LINE.sub(r"\1{#\n#}", text)


def compile_source(kind: Kind, pieces: list[Piece]) -> Source:
    """Compile parts that were judged; the caller has seen to it that nothing in them is forbidden."""
    env = environment(kind.locale, kind.html)
    return Source(
        tuple((piece.name, piece.heading, env.from_string(_without_tag_lines(piece.text))) for piece in pieces)
    )


@cache
def environment(locale: str, html: bool) -> ImmutableSandboxedEnvironment:
    """Give the sandbox of a locale: what is printed is written as the locale writes it."""
    style = Style(locale)
    env = ImmutableSandboxedEnvironment(undefined=_Absent, autoescape=html, finalize=_writer(style))
    env.globals.clear()
    env.filters.clear()
    env.tests.clear()
    env.filters["days"] = lambda count: style.days(_given(count))
    return env


def _given(value: T) -> T:
    if isinstance(value, _Absent):
        name = str(value._undefined_name)
        raise RenderingError(Fault(FACTS.get(name, f"variables.{name}"), "missing", "the text needs this value"))
    return value


def _writer(style: Style) -> Callable[[object], str]:
    def write(value: object) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, Money):
            return style.money(value)
        if isinstance(value, date):
            return style.day(value)
        if isinstance(value, tuple):
            return style.span(value)
        return str(_given(value))

    return write
