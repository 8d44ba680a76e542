"""Lock files that processes of one host share, and that vanish with the last of them."""

import contextlib
import fcntl
import os
from pathlib import Path

from heurigym.errors import InputError

_BASES = (Path("/run/lock"), Path("/tmp"))


def lock_folder(name: str, *, shared: bool) -> Path:
    """A folder for lock files, made if need be.

    Args:
        name: name of the folder.
        shared: for all users of this host, instead of for this one alone.

    Raises:
        InputError: somebody else has made that folder.
    """
    base = next((base for base in _BASES if os.access(base, os.W_OK | os.X_OK)), _BASES[-1])
    folder = base / (name if shared else f"{name}-{os.geteuid()}")
    try:
        folder.mkdir(mode=0o700)
        if shared:
            folder.chmod(0o1777)
    except FileExistsError:
        if folder.is_symlink() or (not shared and folder.stat().st_uid != os.geteuid()):
            raise InputError(f"{folder}: is not a folder of this user; remove it") from None
    return folder


class FileLock:
    """An exclusive lock on a file. Every instance excludes every other one, in this process and in others.

    The file is removed on release. A lock counts only if its file is still the one at the path, so that a file
    which another process has just removed is never held.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = -1

    def acquire(self, *, blocking: bool) -> bool:
        """Take the lock; whether it was taken. Always true when ``blocking``."""
        while True:
            fd = self._open()
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | (0 if blocking else fcntl.LOCK_NB))
                if self._is_current(fd):
                    self._fd, fd = fd, -1
                    return True
            except BlockingIOError:
                return False
            finally:
                if fd >= 0:
                    os.close(fd)

    def release(self) -> None:
        """Give the lock back and remove its file. Does nothing if it is not held."""
        if self._fd >= 0:
            # Another user's file in a shared folder stays, which is harmless.
            with contextlib.suppress(PermissionError):
                self._path.unlink(missing_ok=True)
            os.close(self._fd)
            self._fd = -1

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
        while True:
            # Without O_CREAT first: some kernels refuse it for other users' files in shared folders.
            try:
                return os.open(self._path, flags)
            except FileNotFoundError:
                pass
            try:
                fd = os.open(self._path, flags | os.O_CREAT | os.O_EXCL, 0o666)
                os.fchmod(fd, 0o666)
                return fd
            except FileExistsError:
                continue

    def _is_current(self, fd: int) -> bool:
        try:
            return os.path.samestat(os.fstat(fd), self._path.lstat())
        except FileNotFoundError:
            return False
