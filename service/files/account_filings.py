"""Our templates as an account has filed them with its provider: under which code, which signature, which variables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.flows.providers import FiledTemplate, FilingState, ProviderKind

from .account_values import STRICT, read_values
from .policy_source import Path, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    __pydantic_config__ = STRICT
    template: str
    locale: str
    code: str
    state: FilingState
    variables: dict[str, str] | None = None
    signature: str | None = None


def read_templates(
    source: Source,
    at: Path,
    told: Sequence[Mapping[str, Any]],
    kind: ProviderKind,
    signatures: Mapping[str, FilingState] | None,
) -> tuple[FiledTemplate, ...]:
    """
    Read each by itself, so that what is wrong with one hides nothing of the others; what cannot be read is empty.

    `signatures` are the account's, None where they could not be read.
    """
    filings: list[FiledTemplate] = []
    for place, one in enumerate(told):
        here = (*at, place)
        values, unread = read_values(source, here, one, _Template)
        filing = _filing(values)
        if "code" not in unread and not filing.code.strip():
            source.complain((*here, "code"), "must not be empty")
        if filing.template and filing.locale and any(_name(filing) == _name(each) for each in filings):
            source.complain(here, "is filed twice")
        if filing.signature is not None and signatures is not None and filing.signature not in signatures:
            source.complain((*here, "signature"), "is not among the account's signatures")
        if filing.signature is None and "signature" not in unread and kind.templated and kind.signed:
            source.complain(here, "must name the signature that it is filed with")
        filings.append(filing)
    return tuple(filings)


def _filing(values: Mapping[str, Any]) -> FiledTemplate:
    return FiledTemplate(
        values.get("template", ""),
        values.get("locale", ""),
        values.get("code", ""),
        values.get("state", FilingState.rejected),
        tuple((values.get("variables") or {}).items()),
        values.get("signature"),
    )


def _name(filing: FiledTemplate) -> tuple[str, str]:
    return filing.template, filing.locale
