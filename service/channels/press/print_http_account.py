"""What the routes file says of a print house that takes letters by HTTP; what cannot be is refused there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from service.core.model import Outcome
from service.core.policy import Flawed
from service.flows.ports import Envelope
from service.flows.providers import Secret, Url

from .tracking import OUTCOMES


class Form(StrEnum):
    """How the PDF travels."""

    json = "json"
    multipart = "multipart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """
    `token` is ours at the house, `secret` the one under which it signs what it tells; it tells nothing without.

    `statuses` gives the meaning of the house's own words, one of those of `tracking` each.
    """

    url: Url
    token: Secret
    secret: Secret | None = None
    path: str = "/letters"
    status_path: str = "/letters/{reference}"
    form: Form = Form.json
    reference_field: str = "reference"
    file_field: str = "file"
    id_field: str = "id"
    statuses: Mapping[str, str] = field(default_factory=dict)
    envelope: Envelope = Envelope.din_b

    def __post_init__(self) -> None:
        flaws = [
            (f"statuses.{theirs}", f"must be one of {', '.join(OUTCOMES)}")
            for theirs, ours in self.statuses.items()
            if ours not in OUTCOMES
        ]
        if "{reference}" not in self.status_path:
            flaws.append(("status_path", "must hold {reference}"))
        if flaws:
            raise Flawed(flaws)

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        return {**OUTCOMES, **{theirs: OUTCOMES[ours] for theirs, ours in self.statuses.items()}}
