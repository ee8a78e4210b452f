"""Books by digest: parsed once from the text the store keeps, and the book that ships in the folder."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from service.core.calendars import Calendar
from service.core.policy import Book, Pack

from .calendars import calendar_files
from .policies import PolicyError, book_from, book_text, load_book, without_drafts
from .policy_gaps import read_gaps
from .policy_source import Complaint, yaml_files

BOOKS_MAX = 16
"""Books kept parsed; one is in force, a few more stand behind waiting decisions that are read again."""


class Books:
    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._parsed: dict[str, Book] = {}
        self._folder: _Folder | None = None
        self._good: _Folder | None = None

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
        read = self._look()
        if read.book is None:
            raise PolicyError(read.complaints)
        return read.book

    def drafts(self) -> Sequence[Pack]:
        """The drafts of the folder as it could be read last; no activated book holds one."""
        return list(self._readable().drafts.values())

    def draft(self, pack: str) -> Pack | None:
        """The draft of this id; it speaks in a what-if that names it, and nowhere else."""
        return self._readable().drafts.get(pack)

    def calendars(self) -> Sequence[Calendar]:
        """The calendars that the packs in the folder read, for a what-if that names a draft."""
        return self._readable().calendars

    def gaps(self) -> list[tuple[str, str | None, str]]:
        """What the page of packs says is open: (place, its pack if it has one, what is not settled)."""
        return [(gap.place, gap.pack, gap.open) for gap in read_gaps(self._directory)]

    def text(self, book: Book) -> bytes:
        """What the store keeps of a book."""
        return book_text(book)

    def _seen(self) -> object:
        """What changes with the files of the folder."""
        files = [*yaml_files(self._directory), *calendar_files(self._directory)]
        return [(file.name, _mark(file)) for file in files]

    def _look(self) -> "_Folder":
        """The folder as it is, read anew when a file has changed; also what is wrong with it is kept."""
        seen = self._seen()
        if self._folder is None or self._folder.seen != seen:
            self._folder = _read(self._directory, seen)
            if self._folder.book is not None:
                self._good = self._folder
        return self._folder

    def _readable(self) -> "_Folder":
        """The folder as it could be read last: a bad file takes no draft away. Raises if it never could."""
        read = self._look()
        if read.book is None and self._good is None:
            raise PolicyError(read.complaints)
        return self._good or read


class _Folder(NamedTuple):
    """`book` is None where the files cannot be taken; `complaints` then says why."""

    seen: object
    book: Book | None
    drafts: Mapping[str, Pack]
    calendars: tuple[Calendar, ...]
    complaints: tuple[Complaint, ...]


def _mark(file: Path) -> tuple[int, int] | None:
    """What changes with a file; None where there is none any longer, or a link leads nowhere."""
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def _read(directory: Path, seen: object) -> _Folder:
    try:
        book = load_book(directory, drafts=True)
    except PolicyError as error:
        return _Folder(seen, None, {}, (), error.complaints)
    drafts = {pack.id: pack for pack in book.packs if pack.draft}
    return _Folder(seen, without_drafts(book), drafts, book.calendars, ())
