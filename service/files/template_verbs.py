"""
What `template lint` and `template preview` do; the command line only asks and prints.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from service.core.errors import NotFound
from service.core.model import Channel
from service.core.rendering import Message, RenderContext

from .policy_source import Complaint
from .template_version import TemplatesRefused
from .templates import load_templates


class Linted(NamedTuple):
    """What `template lint` found: complaints, or for each template its name, version, channels and locales."""

    complaints: list[Complaint]
    templates: list[tuple[str, str, Mapping[Channel, tuple[str, ...]]]]


def lint(directory: Path) -> Linted:
    """Check every template of a directory; never raises for what is wrong with them."""
    try:
        catalogue = load_templates(directory)
    except TemplatesRefused as refused:
        return Linted(refused.complaints, [])
    return Linted([], [(template.name, template.version, template.sources) for template in catalogue.list()])


def preview(
    directory: Path,
    name: str,
    channel: Channel,
    locale: str | None,
    values: Mapping[str, object],
    context: RenderContext,
) -> Message:
    """
    Render a template as a message would be, with its examples where `values` gives nothing.

    Raises what loading and rendering raise, and `NotFound` for a name that there is no template of.
    """
    catalogue = load_templates(directory)
    template = catalogue.get(name)
    if template is None:
        raise NotFound("no such template")
    return catalogue.render(template.version, channel, locale, {**template.examples(), **values}, context)
