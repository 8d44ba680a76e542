"""Instances: files of a problem that belong together, found by their extensions."""

import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from heurigym.errors import InputError
from heurigym.problems.spec import Entry

Split: TypeAlias = Literal["demo", "eval"]
SPLITS: tuple[Split, ...] = ("demo", "eval")


@dataclass(frozen=True, slots=True)
class Instance:
    """One input of a problem.

    Attributes:
        name: file name without extensions.
        files: one file for each input of ``solve``, in its order; a file may be stored gzipped (``.gz``).
    """

    name: str
    files: tuple[Path, ...]

    def read(self) -> tuple[bytes, ...]:
        """The contents of the files, unpacked.

        Raises:
            InputError: a file is missing or corrupt.
        """
        return tuple(read_packed(file) for file in self.files)


def read_packed(path: Path) -> bytes:
    """The bytes of ``path``, unpacked if its name ends in ``.gz``.

    Raises:
        InputError: the file is missing or corrupt.
    """
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None


def find_instances(folder: Path, entry: Entry) -> tuple[Instance, ...]:
    """The instances in ``folder``, by name.

    Raises:
        InputError: the folder is missing, holds no instance, or an instance lacks one of its files.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder of instances")
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror}") from None
    extensions = [file.extension for file in entry.inputs]
    by_name: dict[str, dict[str, Path]] = {}
    for path in paths:
        plain = path.name.removesuffix(".gz")
        extension = next((item for item in extensions if plain.lower().endswith(item) and plain != item), None)
        if extension is None or path.name == "baselines.json" or not path.is_file():
            continue
        files = by_name.setdefault(plain[: -len(extension)], {})
        if extension in files:
            raise InputError(f"{path}: is the same instance as {files[extension].name}; remove one of them")
        files[extension] = path
    if not by_name:
        raise InputError(f"{folder}: no instance here; expected files named *{' and *'.join(extensions)}")
    return tuple(_complete(name, files, extensions, folder) for name, files in sorted(by_name.items()))


def _complete(name: str, files: dict[str, Path], extensions: Sequence[str], folder: Path) -> Instance:
    missing = [extension for extension in extensions if extension not in files]
    if missing:
        raise InputError(f"{folder}: instance {name} lacks its file {name}{missing[0]}")
    return Instance(name, tuple(files[extension] for extension in extensions))
