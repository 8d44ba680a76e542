"""Taking the solution out of a dead sandbox without being led astray."""

import os
import stat
from dataclasses import dataclass
from typing import Final

NO_OUTPUT: Final = "no_output"
OUTPUT_TOO_LARGE: Final = "output_too_large"

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


@dataclass(frozen=True)
class Refusal:
    """Why there is no solution: an outcome and a message for people."""

    outcome: str
    message: str


def collect(folder: int, name: str, limit: int) -> bytes | Refusal:
    """The content of the regular file ``name`` in ``folder``, if it is one of at most ``limit`` bytes.

    Links, hard links, FIFOs, sockets, devices and folders are refused; nothing is read from them. The caller has
    made sure that nothing runs any more that could change the file.

    Args:
        folder: descriptor of the folder.
        name: name of the file, without any folder.
        limit: largest size in bytes, also of a sparse file.
    """
    try:
        if os.fstat(folder).st_mode & 0o500 != 0o500:
            return Refusal(NO_OUTPUT, "the folder of the solution file cannot be read")
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):
            return Refusal(NO_OUTPUT, f"the solution file is a {_kind(status.st_mode)}, not a regular file")
        if status.st_nlink != 1:
            return Refusal(NO_OUTPUT, "the solution file is a hard link: it has more than one name")
        if not status.st_mode & stat.S_IRUSR:
            return Refusal(NO_OUTPUT, "the solution file has no permission to be read")
        if status.st_size > limit:
            return Refusal(
                OUTPUT_TOO_LARGE, f"the solution file has {status.st_size} bytes, more than the limit of {limit}"
            )
        return _read(os.open(name, _FLAGS, dir_fd=folder), status, limit)
    except FileNotFoundError:
        return Refusal(NO_OUTPUT, "the program wrote no solution file")
    except OSError as error:
        return Refusal(NO_OUTPUT, f"the solution file cannot be read: {error.strerror}")


def _read(fd: int, expected: os.stat_result, limit: int) -> bytes | Refusal:
    with open(fd, "rb", buffering=0) as file:
        opened = os.fstat(fd)
        if (opened.st_dev, opened.st_ino, opened.st_size) != (expected.st_dev, expected.st_ino, expected.st_size):
            return Refusal(NO_OUTPUT, "the solution file changed while it was read")
        parts = []
        left = min(opened.st_size, limit)
        while left and (part := file.read(min(left, 1 << 20))):
            parts.append(part)
            left -= len(part)
        return b"".join(parts)


def _kind(mode: int) -> str:
    for test, name in (
        (stat.S_ISLNK, "symbolic link"),
        (stat.S_ISDIR, "folder"),
        (stat.S_ISFIFO, "FIFO"),
        (stat.S_ISSOCK, "socket"),
        (stat.S_ISBLK, "block device"),
        (stat.S_ISCHR, "character device"),
    ):
        if test(mode):
            return name
    return "special file"
