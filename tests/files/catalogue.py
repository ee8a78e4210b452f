"""The shipped templates and the facts they are rendered with in these tests."""

from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

from service.core.model import Channel, PartyRole
from service.core.rendering import Institution, Message, RenderContext, Template
from service.files.templates import TemplateCatalogue, load_templates

TEMPLATES = Path(__file__).parents[2] / "templates"
US = Institution("示例农村商业银行", "96588", "示例农商银行", "Example Rural Commercial Bank", "Example RCB")
BEIJING = timezone(timedelta(hours=8))
APPOINTMENT = (datetime(2026, 11, 24, 9, 30, tzinfo=BEIJING), datetime(2026, 11, 24, 11, 0, tzinfo=BEIJING))


@cache
def shipped() -> TemplateCatalogue:
    return load_templates(TEMPLATES)


def template(name: str) -> Template:
    found = shipped().get(name)
    assert found is not None
    return found


def context(role: PartyRole = PartyRole.debtor, name: str | None = "张三", **facts: bool | str) -> RenderContext:
    return RenderContext(US, role, name, appointment=APPOINTMENT, **facts)  # type: ignore[arg-type]


def render(
    name: str, channel: Channel, locale: str = "zh-CN", facts: RenderContext | None = None, **values: object
) -> Message:
    """Render a shipped template with its examples, some of them replaced; None leaves one out."""
    chosen = template(name)
    return shipped().render(chosen.version, channel, locale, {**chosen.examples(), **values}, facts or context())


EVERY = [
    (chosen.name, channel, locale)
    for chosen in load_templates(TEMPLATES).list()
    for channel, locales in chosen.sources.items()
    for locale in locales
]
"""Every source that ships: template, channel, locale."""
