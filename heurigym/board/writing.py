"""Writing a site: every file replaced atomically, files of an earlier build that are gone removed at the end."""

import csv
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from heurigym.board.columns import Column
from heurigym.errors import InputError

_MARKER = "results.json"
_OWNED = ("data", "static")


class Site:
    """A folder that a board is written into.

    Attributes:
        folder: the folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: set[Path] = set()

    @classmethod
    def open(cls, folder: Path) -> "Site":
        """The site in ``folder``, which must be new, empty, or a board already.

        Raises:
            InputError: it holds something else, or cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()) and not (folder / _MARKER).exists():
                raise InputError(f"{folder}: holds something that is not a leaderboard; name a new or empty folder")
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise InputError(f"{folder}: cannot be written: {error.strerror}; name another folder") from None
        return cls(folder)

    def text(self, name: str, content: str) -> None:
        """Write a text file, unless it has that content already."""
        self.bytes(name, content.encode("utf-8", "backslashreplace"))

    def bytes(self, name: str, content: bytes) -> None:
        """Write a file, unless it has that content already."""
        path = self.folder / name
        self._written.add(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            if path.read_bytes() == content:
                return
        except OSError:
            pass
        descriptor, temporary = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)

    def keep(self, name: str) -> None:
        """Leave a file of an earlier build as it is."""
        self._written.add(self.folder / name)

    def script(self, name: str, key: str, content: Any) -> None:
        """Write data as a script that hands it to the page, so that it loads from disk too, where fetching cannot.

        The data is JSON inside a string literal with every character escaped that could end the literal, the
        script or a line, so that nothing in it is ever read as code or markup.
        """
        text = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
        self.text(name, f"heurigym.receive({_literal(key)}, {_literal(text)});\n")

    @contextmanager
    def table(self, name: str, columns: Sequence[Column]) -> Iterator["csv.DictWriter[str]"]:
        """A CSV file to be written row by row; in place when the block ends well.

        ``None`` becomes an empty field. A row with a column that is not in ``columns`` raises ``ValueError``.
        """
        path = self.folder / name
        self._written.add(path)
        descriptor, temporary = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                writer = csv.DictWriter(file, [column.name for column in columns], lineterminator="\n")
                writer.writeheader()
                yield writer
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def copy(self, source: Path, name: str) -> None:
        """Copy a file into the site."""
        self.bytes(name, source.read_bytes())

    def finish(self) -> None:
        """Remove files of an earlier build that were not written again."""
        for owned in _OWNED:
            for path in sorted((self.folder / owned).rglob("*"), reverse=True):
                if path.is_dir() and not any(path.iterdir()):
                    path.rmdir()
                elif path.is_file() and path not in self._written:
                    path.unlink()


def _literal(text: str) -> str:
    """``text`` as a JavaScript string literal of ASCII characters without ``<``, ``>`` and ``&``."""
    return (
        json.dumps(text, ensure_ascii=True).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    )
