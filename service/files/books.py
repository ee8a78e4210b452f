"""Books by digest: parsed once from the text the store keeps, and the book that ships in the folder."""

from collections.abc import Callable
from pathlib import Path

from service.core.policy import Book

from .policies import book_from, book_text, load_book

BOOKS_MAX = 16
"""Books kept parsed; one is in force, a few more stand behind waiting decisions that are read again."""


class Books:
    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._parsed: dict[str, Book] = {}

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
        return load_book(self._directory)

    def text(self, book: Book) -> bytes:
        """What the store keeps of a book."""
        return book_text(book)
