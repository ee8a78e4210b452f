"""
Registration: templates and sender names that a regulator or an operator must have on file.

What is filed stands in the manifest of the template, beside the text that was filed (`registrations`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.facts import Registration
from service.core.model import Instant
from service.core.rule import Rule, Verdict


@dataclass(frozen=True, kw_only=True)
class TemplateRegistration(Rule):
    """The text comes from a template that is filed in this register; a text of no template is not."""

    needs = "text"

    kind: Literal["template_registration"]
    register: str
    reason: str = "template_unregistered"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if not self.register.strip():
            yield "register", "is empty"

    @property
    def terms(self) -> dict[str, Any]:
        return {"register": self.register}

    def judge(self, case: Case, at: Instant) -> Verdict:
        return self.allowed if _filed(case, self.register) is not None else self.deny(self.reason)


@dataclass(frozen=True, kw_only=True)
class Sender(Rule):
    """The template is filed under a sender's name that ends as this class of message must."""

    needs = "text"
    tells: ClassVar[tuple[str, ...]] = ("header",)

    kind: Literal["sender"]
    register: str
    suffixes: tuple[str, ...]
    reason: str = "sender"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if not self.register.strip():
            yield "register", "is empty"
        if not self.suffixes or not all(suffix.strip() for suffix in self.suffixes):
            yield "suffixes", "is empty"

    @property
    def terms(self) -> dict[str, Any]:
        return {"register": self.register, "suffixes": ", ".join(self.suffixes)}

    def judge(self, case: Case, at: Instant) -> Verdict:
        filed = _filed(case, self.register)
        header = filed.header if filed else None
        if header is not None and header.endswith(self.suffixes):
            return self.allowed
        return self.deny(self.reason, header=header or "—")


def _filed(case: Case, register: str) -> Registration | None:
    return next((filed for filed in case.subject.registrations if filed.register == register), None)
