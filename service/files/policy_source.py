"""
A policy file as plain values that remember their lines.

YAML 1.2: `21:00` and `NO` stay strings. What a strict file must not hold is refused here, all of it at
once: duplicate keys, tags, anchors, empty lists and values, more than one document (decision 0003).
"""

import contextlib
import re
from io import StringIO
from operator import itemgetter
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

Path = tuple[str | int, ...]
_LINE = itemgetter(0)
DIGITS_MAX = 18
"""What surely fits into 64 bits, and no figure of any law comes near."""
DEPTH_MAX = 64
"""No pack nests a tenth as deep; libyaml descends in C, where too deep is no error but the end of the process."""
_USUAL = re.compile("[\\n -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*")
"""Characters of which YAML 1.1 and 1.2 think the same: neither controls, nor other line breaks, nor a mark of order."""

_BLOCKS = ("|", ">")


class Complaint(NamedTuple):
    """One thing wrong, where an author finds it."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: {self.path}" if self.path else f"{self.file}:{self.line}"
        return f"{where}: {self.message}"


class Source:
    """One file read: its `plain` value, the line of each path, and what is wrong with its form; no text, no value."""

    def __init__(self, name: str, text: str | None) -> None:
        self.name = name
        self.lines: dict[Path, int] = {(): 1}
        self.plain: Any = None
        self._wrong: list[tuple[int, Path, str]] = []
        if text is not None:
            self._read(text)

    @property
    def complaints(self) -> list[Complaint]:
        """All that was found wrong so far, in the order of the lines."""
        return [
            Complaint(self.name, line, self._named(path), message)
            for line, path, message in sorted(self._wrong, key=_LINE)
        ]

    def complain(self, path: Path, message: str, line: int | None = None) -> None:
        """Note a complaint at a path, at the line of its nearest known ancestor."""
        known = path
        while known not in self.lines:
            known = known[:-1]
        self._wrong.append((line or self.lines[known], path, message))

    def _read(self, text: str) -> None:
        try:
            nodes = _documents(text)
        except RecursionError:
            self.complain((), "is nested too deeply")
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.complain((), f"is not YAML: {error.problem or error.context}", mark.line + 1 if mark else 1)
        except YAMLError as error:
            self.complain((), f"is not YAML: {error}")
        else:
            if len(nodes) == 1 and isinstance(nodes[0], MappingNode):
                self.plain = self._value(nodes[0], ())
            else:
                self.complain((), "must be one document with keys and values")

    def _value(self, node: Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if node.anchor:
            self.complain(path, "anchors and aliases are not taken")
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            if not node.value:
                self.complain(path, "is an empty list: leave the key out")
            return [self._value(item, (*path, place)) for place, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if not node.value:
            self.complain(path, "is empty: leave the key out")
        for key_node, value_node in node.value:
            key = str(key_node.value)
            here = (*path, key)
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode) or not str(key_node.tag).endswith(":str"):
                self.complain(path, "a key must be a plain word", line)
                continue
            if key in found:
                self.complain(here, f"the key stands twice, first in line {self.lines[here]}", line)
                continue
            self.lines[here] = line
            found[key] = self._value(value_node, here)
        return found

    def _scalar(self, node: Node, path: Path) -> Any:
        kind = str(node.tag).rpartition(":")[2]
        text = str(node.value)
        match kind:
            case "str" | "timestamp":
                return text
            case "int" if text.lstrip("+-").isdigit():
                return self._whole(text, path)
            case "bool":
                return text.lower() == "true"
            case "null":
                self.complain(path, "is empty: leave the key out")
                return None
        self.complain(path, f"a value of this form is not taken: {kind}")
        return None

    def _whole(self, text: str, path: Path) -> int:
        """A whole number; 0 with a complaint where it is more than a book's text can hold."""
        if len(text) <= DIGITS_MAX:
            return int(text)
        self.complain(path, f"a number of more than {DIGITS_MAX} digits is not taken")
        return 0

    def _named(self, path: Path) -> str:
        """A dotted path; an item of a list that has an `id` goes by it."""
        names: list[str] = []
        value = self.plain
        for step in path:
            value = _inside(value, step)
            own = value.get("id") if isinstance(step, int) and isinstance(value, dict) else None
            names.append(str(own) if isinstance(own, str) and own else str(step))
        return ".".join(names)


def _documents(text: str) -> list[Node]:
    """
    The documents of a text, by the rules of YAML 1.2; raises `YAMLError` for what is none.

    libyaml reads many times as fast, but knows the syntax of 1.1: what it refuses, and what is not usual, is for the
    reader of 1.2 to judge. What it takes, it takes in the same sense.
    """
    if _USUAL.fullmatch(text) is not None:
        with contextlib.suppress(YAMLError):
            if _is_plain(text):
                return list(YAML(typ="safe").compose_all(StringIO(text)))
    return list(YAML(typ="safe", pure=True).compose_all(StringIO(text)))


def _is_plain(text: str) -> bool:
    """True for one document without anchors, tags and block scalars, none of whose lists and mappings lie too deep."""
    depth = 0
    for event in YAML(typ="safe").parse(StringIO(text)):
        odd = any(getattr(event, name, None) for name in ("anchor", "tag", "explicit"))
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if odd or depth > DEPTH_MAX or getattr(event, "style", None) in _BLOCKS:
            return False
    return True


def yaml_files(directory: FilePath) -> list[FilePath]:
    """The YAML files of a folder by name; what is hidden, such as an editor's lock, is none of them."""
    return sorted(file for file in directory.glob("*.yaml") if not file.name.startswith("."))


def read_source(file: FilePath, name: str) -> Source:
    """A file as a source; that it cannot be read is a complaint like any other."""
    try:
        return Source(name, file.read_text(encoding="utf-8"))
    except OSError as error:
        why, line = f"cannot be read: {error.strerror}", 1
    except UnicodeDecodeError as error:
        why, line = "is not text in UTF-8", error.object.count(b"\n", 0, error.start) + 1
    source = Source(name, None)
    source.complain((), why, line)
    return source


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None
