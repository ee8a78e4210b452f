"""
The catalogue of templates: read strictly, compiled once a version, rendered by digest.

A request is pinned to a version when it is accepted and rendered with that version when it is sent,
though the files may have changed meanwhile: `sources` gives a version's text for the store to keep, `add`
takes it back. Nothing that could escape the sandbox or grow is ever in the catalogue, whichever way it came.
"""

import builtins
from collections.abc import Iterable, Mapping
from pathlib import Path

import orjson

from service.core.errors import Misconfigured, NotFound
from service.core.model import Channel
from service.core.rendering import Message, RenderContext, Template

from .policy_source import Complaint
from .template_sources import MOST_BYTES
from .template_version import FORMAT, TemplatesRefused, Version, build


class TemplateCatalogue:
    """The templates in use by name, and every version that is known by digest."""

    def __init__(self, versions: Iterable[Version] = ()) -> None:
        self._known = {version.template.version: version for version in versions}
        self._current = {version.template.name: version for version in self._known.values()}

    def get(self, name: str) -> Template | None:
        """Give the version in use of a template."""
        version = self._current.get(name)
        return version.template if version else None

    def list(self) -> builtins.list[Template]:
        """Give the versions in use, by name."""
        return [self._current[name].template for name in sorted(self._current)]

    def pin(self, name: str) -> str | None:
        """Give the digest of the version in use."""
        version = self._current.get(name)
        return version.template.version if version else None

    def by_digest(self, version: str) -> Template | None:
        """Give any version that is known, in use or not."""
        found = self._known.get(version)
        return found.template if found else None

    def sources(self, version: str) -> bytes:
        """Give the text of a version, to be kept and one day given to `add`."""
        return self._version(version).sources

    def add(self, sources: bytes) -> Template:
        """Take back a version that `sources` gave, without putting it in use."""
        kept = orjson.loads(sources)
        if kept["format"] != FORMAT:
            raise Misconfigured("a template version was kept in a format that this release does not read")
        version = build(kept["name"], kept["files"], kept=True)
        return self._known.setdefault(version.template.version, version).template

    def render(
        self, version: str, channel: Channel, locale: str | None, values: Mapping[str, object], context: RenderContext
    ) -> Message:
        """
        Render one message with one version; the same arguments give the same bytes.

        Raises `RenderingError` for what the request lacks or has wrong, `NotFound` for a version that is not
        known. Whether the template suits purpose and role is not asked here: `Template.suits`.
        """
        return self._version(version).render(channel, locale, values, context)

    def _version(self, version: str) -> Version:
        try:
            return self._known[version]
        except KeyError:
            raise NotFound("no such template version") from None


def load_templates(directory: Path) -> TemplateCatalogue:
    """Read every template of a directory; `TemplatesRefused` with all complaints, by file and line, if one is bad."""
    versions: list[Version] = []
    complaints: list[Complaint] = []
    folders = sorted(path for path in directory.iterdir() if path.is_dir()) if directory.is_dir() else []
    if not folders:
        complaints.append(Complaint(str(directory), 1, "", "there are no templates"))
    for folder in folders:
        try:
            versions.append(build(folder.name, _read(folder)))
        except TemplatesRefused as refused:
            complaints += (found._replace(file=str(directory / found.file)) for found in refused.complaints)
    if complaints:
        raise TemplatesRefused(complaints)
    return TemplateCatalogue(versions)


def _read(folder: Path) -> dict[str, str]:
    files: dict[str, str] = {}
    complaints: list[Complaint] = []
    for path in sorted(folder.iterdir()):
        try:
            raw = path.read_bytes()
            if len(raw) > MOST_BYTES:
                complaints.append(Complaint(f"{folder.name}/{path.name}", 1, "", f"is larger than {MOST_BYTES} bytes"))
            # One text, one digest, whatever the editor or the checkout did to the ends of lines.
            files[path.name] = raw.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            complaints.append(Complaint(f"{folder.name}/{path.name}", 1, "", "is not text in UTF-8"))
        except OSError:
            complaints.append(Complaint(f"{folder.name}/{path.name}", 1, "", "is no file that can be read"))
    if complaints:
        raise TemplatesRefused(complaints)
    return files
