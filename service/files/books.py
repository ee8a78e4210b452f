"""Books by digest: parsed once from the text the store keeps, and the book that ships in the folder."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from service.core.calendars import Calendar
from service.core.policy import Book, Pack

from .calendars import calendar_files
from .policies import book_from, book_text, load_book

BOOKS_MAX = 16
"""Books kept parsed; one is in force, a few more stand behind waiting decisions that are read again."""


class Books:
    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._parsed: dict[str, Book] = {}
        self._read: tuple[object, Book] | None = None

    def get(self, sha256: str, text: Callable[[str], bytes]) -> Book:
        """The book of this digest; `text` fetches what the store keeps, the first time."""
        book = self._parsed.get(sha256)
        if book is None:
            if len(self._parsed) >= BOOKS_MAX:
                self._parsed.clear()
            book = self._parsed[sha256] = book_from(text(sha256))
        return book

    def shipped(self) -> Book:
        """What an empty store activates: the folder, without drafts; raises with all complaints at once."""
        seen = self._seen()
        if self._read is None or self._read[0] != seen:
            self._read = seen, load_book(self._directory)
        return self._read[1]

    def drafts(self) -> Sequence[Pack]:
        """The drafts that lie in the folder; no activated book holds one."""
        return list(self._drafts.values())

    def draft(self, pack: str) -> Pack | None:
        """The draft of this id that lies in the folder; it speaks in a what-if that names it, and nowhere else."""
        return self._drafts.get(pack)

    def calendars(self) -> Sequence[Calendar]:
        """The calendars that the packs in the folder read, for a what-if that names a draft."""
        return self._folder.calendars

    @cached_property
    def _drafts(self) -> dict[str, Pack]:
        return {pack.id: pack for pack in self._folder.packs if pack.draft}

    @cached_property
    def _folder(self) -> Book:
        return load_book(self._directory, drafts=True)

    def text(self, book: Book) -> bytes:
        """What the store keeps of a book."""
        return book_text(book)

    def _seen(self) -> object:
        """What changes with the files of the folder."""
        files = [*sorted(self._directory.glob("*.yaml")), *calendar_files(self._directory)]
        return [(file.name, stat.st_mtime_ns, stat.st_size) for file in files for stat in [file.stat()]]
