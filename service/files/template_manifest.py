"""
`template.yaml`: what a template is for, what it reveals and which variables it asks.

Read strictly, as every YAML file (decision 0003): an unknown or doubled key, a wrong word or a value of the
wrong kind is a complaint with its line, and all complaints are gathered first.
"""

from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError, field_validator

from service.core.model import PartyRole, Purpose
from service.core.rendering import Reveals
from service.core.variables import MOST_TEXT, VariableSpec, VariableType

from .policy_source import Complaint, Path, Source


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


class RegistrationEntry(BaseModel):
    """What the template is filed under in one register: its number there, and the name of its sender."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: StrictStr = Field(min_length=1)
    header: StrictStr | None = None


class Manifest(BaseModel):
    """
    The whole file. `locales` are in order of preference: the first must exist for every channel.

    `registrations` are by register, such as `trai-dlt`, where Indian text messages must be on file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: dict[StrictStr, StrictStr] = Field(min_length=1)
    purposes: list[Purpose] = Field(min_length=1)
    party_roles: list[PartyRole] = Field(min_length=1)
    reveals: Reveals
    locales: list[StrictStr] = Field(min_length=1)
    variables: dict[StrictStr, VariableEntry] = Field(default_factory=dict)
    offer: StrictBool = False
    approval: StrictStr | None = None
    registrations: dict[StrictStr, RegistrationEntry] = Field(default_factory=dict)

    @field_validator("purposes", "party_roles", "locales")
    @classmethod
    def _once_each(cls, entries: list[Any]) -> list[Any]:
        if len(set(entries)) < len(entries):
            raise ValueError("names something twice")
        return entries


class Read(NamedTuple):
    """A manifest, if there is nothing to say against it, and where each of its entries stands."""

    source: Source
    manifest: Manifest | None

    def complaint(self, path: Path, message: str) -> Complaint:
        """Complain of an entry, at its line or at that of the nearest one that holds it."""
        known = path
        while known not in self.source.lines:
            known = known[:-1]
        return Complaint(self.source.name, self.source.lines[known], ".".join(map(str, path)), message)


_SAID = {
    "extra_forbidden": "unknown key",
    "missing": "is missing",
    "string_type": "must be text; put it in quotes",
}


def read_manifest(file: str, text: str) -> tuple[Read, list[Complaint]]:
    """Read the text of a `template.yaml`; never raises for what stands in it."""
    source = Source(file, text)
    complaints = source.complaints
    if source.plain is None:
        return Read(source, None), complaints
    try:
        manifest = Manifest.model_validate(source.plain)
    except ValidationError as error:
        read = Read(source, None)
        for fault in error.errors(include_url=False, include_input=False, include_context=False):
            said = _SAID.get(fault["type"], fault["msg"].removeprefix("Value error, "))
            complaints.append(read.complaint(fault["loc"], said))
        return read, complaints
    return Read(source, None if complaints else manifest), complaints
