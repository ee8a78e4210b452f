"""
`template.yaml`: what a template is for, what it reveals and which variables it asks.

Read strictly and as YAML 1.2, so that `NO` and `21:00` stay strings; an unknown or doubled key, a wrong
word or a value of the wrong kind is a complaint with its line, and all complaints are gathered first.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError, field_validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from service.core.model import PartyRole, Purpose
from service.core.rendering import Reveals
from service.core.variables import MOST_TEXT, VariableSpec, VariableType

Path = tuple[str | int, ...]


class Complaint(NamedTuple):
    """What is wrong, and where an editor finds it."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class VariableEntry(BaseModel):
    """One variable as the manifest declares it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: VariableType
    example: StrictStr
    required: StrictBool = True
    currency: StrictStr | None = None
    least: StrictInt | None = None
    most: StrictInt | None = Field(default=None, ge=1)

    def spec(self, name: str) -> VariableSpec:
        """Give the core's form of it, with the type's own bounds where none are set."""
        most = self.most or (MOST_TEXT if self.type is VariableType.text else 10**9)
        return VariableSpec(name, self.type, self.example, self.required, self.currency or "", self.least or 0, most)


class Manifest(BaseModel):
    """The whole file. `locales` are in order of preference: the first must exist for every channel."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: dict[StrictStr, StrictStr] = Field(min_length=1)
    purposes: list[Purpose] = Field(min_length=1)
    party_roles: list[PartyRole] = Field(min_length=1)
    reveals: Reveals
    locales: list[StrictStr] = Field(min_length=1)
    variables: dict[StrictStr, VariableEntry] = Field(default_factory=dict)
    offer: StrictBool = False
    approval: StrictStr | None = None

    @field_validator("purposes", "party_roles", "locales")
    @classmethod
    def _once_each(cls, entries: list[Any]) -> list[Any]:
        if len(set(entries)) < len(entries):
            raise ValueError("names something twice")
        return entries


class Read(NamedTuple):
    """A manifest, if it could be read, and the line on which each of its entries stands."""

    manifest: Manifest | None
    lines: dict[Path, int]
    complaints: list[Complaint]

    def line(self, *path: str | int) -> int:
        """Give the line of an entry, or of the nearest one that holds it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


_SAID = {
    "extra_forbidden": "unknown key",
    "missing": "is missing",
    "string_type": "must be a string; put it in quotes",
    "too_short": "must not be empty",
}


def read_manifest(file: str, text: str) -> Read:
    """Read the text of a `template.yaml`; never raises for what stands in it."""
    try:
        tree = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return Read(None, {}, [Complaint(file, line, str(error.problem or "not YAML"))])
    except YAMLError as error:
        return Read(None, {}, [Complaint(file, 1, str(error).splitlines()[0])])
    if not isinstance(tree, CommentedMap):
        return Read(None, {}, [Complaint(file, 1, "must be a mapping")])
    lines = dict(_lines(tree, ()))
    try:
        return Read(Manifest.model_validate(_plain(tree)), lines, [])
    except ValidationError as error:
        read = Read(None, lines, [])
        for fault in error.errors(include_url=False, include_input=False, include_context=False):
            path = tuple(part for part in fault["loc"] if part != "[key]")
            said = _SAID.get(fault["type"], fault["msg"].removeprefix("Value error, "))
            read.complaints.append(Complaint(file, read.line(*path), f"{'.'.join(map(str, path))}: {said}"))
        return read


def _lines(node: CommentedMap | CommentedSeq, path: Path) -> Iterator[tuple[Path, int]]:
    entries = node.items() if isinstance(node, CommentedMap) else enumerate(node)
    for key, value in entries:
        mark = node.lc.key(key) if isinstance(node, CommentedMap) else node.lc.item(key)
        yield (*path, key), mark[0] + 1
        if isinstance(value, CommentedMap | CommentedSeq):
            yield from _lines(value, (*path, key))


def _plain(node: Any) -> Any:
    if isinstance(node, CommentedMap):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    return str(node) if isinstance(node, str) else node
