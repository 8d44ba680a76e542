"""The folders of one execution, and the isolation around them."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from guest import linux

GUEST_UID: Final = 65532
HOSTNAME: Final = "sandbox"
_QUIET = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
_SCRATCH = ("work", "tmp", "shm", "out")


@dataclass(frozen=True)
class Paths:
    """The folders as the program sees them."""

    inputs: str = "/in"
    work: str = "/work"
    tmp: str = "/tmp"
    out: str = "/out"


class Stage(Protocol):
    """The folders of one execution.

    Attributes:
        paths: the folders as the program sees them.
        inputs: descriptor of the folder of inputs, writable for the supervisor alone.
        out: descriptor of the folder of the solution.
        flags: what this stage cannot enforce.
    """

    paths: Paths
    inputs: int
    out: int
    flags: tuple[str, ...]

    def resize(self, scratch_mb: int, files: int) -> None:
        """Cap what all files of the program together may take, in MiB and in number."""
        ...

    def excess(self) -> str:
        """What the program's files exceed all together, where the file system does not see to it; or nothing."""
        ...

    def drop_privileges(self) -> None:
        """Make the calling process, which will be the program, an ordinary one for good."""
        ...

    def close(self) -> None:
        """Remove what would outlive the supervisor."""
        ...


class NamespaceStage:
    """Fresh mount, network, IPC and UTS namespaces with a tmpfs of their own.

    The caller is the first process of a fresh PID namespace and has capabilities over all of them.
    """

    def __init__(self, uid: int | None) -> None:
        """Enter the namespaces.

        Args:
            uid: the user that the program becomes; ``None`` when there are no other users here, because the server
                lives in a user namespace that has one: then the program gets a user namespace of its own.
        """
        self.paths = Paths()
        self.flags: tuple[str, ...] = ()
        self._uid = uid
        linux.unshare(linux.CLONE_NEWNS | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS)
        linux.set_hostname(HOSTNAME)
        linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
        linux.mount("proc", "/proc", "proc", _QUIET)
        os.umask(0o022)
        for name in ("inputs", "scratch"):
            Path("/run", name).mkdir(exist_ok=True)
        linux.mount("inputs", "/run/inputs", "tmpfs", _QUIET, "mode=0755")
        linux.mount("scratch", "/run/scratch", "tmpfs", _QUIET, "mode=0755,size=1m,nr_inodes=64")
        for name in _SCRATCH:
            folder = Path("/run/scratch", name)
            folder.mkdir(mode=0o700)
            if uid is not None:
                os.chown(folder, uid, uid)
            linux.mount(str(folder), "/dev/shm" if name == "shm" else f"/{name}", flags=linux.MS_BIND)
        self.inputs = os.open("/run/inputs", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self.out = os.open("/run/scratch/out", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        linux.mount("/run/inputs", "/in", flags=linux.MS_BIND)
        linux.mount("none", "/in", flags=linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | _QUIET)
        linux.detach("/run")

    def resize(self, scratch_mb: int, files: int) -> None:
        """Cap what all files of the program together may take, in MiB and in number."""
        options = f"size={scratch_mb}m,nr_inodes={files + len(_SCRATCH) + 1}"
        linux.mount("scratch", "/work", flags=linux.MS_REMOUNT | _QUIET, options=options)

    def excess(self) -> str:
        """Nothing: one file system holds all files and refuses more."""
        return ""

    def drop_privileges(self) -> None:
        """Become an ordinary user without capabilities, for good."""
        linux.unshare(linux.CLONE_NEWCGROUP)
        if self._uid is None:
            linux.unshare(linux.CLONE_NEWUSER)
            linux.set_dumpable(True)
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{GUEST_UID} 0 1")
            Path("/proc/self/gid_map").write_text(f"{GUEST_UID} 0 1")
        else:
            os.setgroups([])
        linux.no_new_privileges()
        linux.drop_bounding_set()
        if self._uid is not None:
            os.setresgid(self._uid, self._uid, self._uid)
            os.setresuid(self._uid, self._uid, self._uid)
        linux.drop_capabilities()
        linux.set_dumpable(True)

    def close(self) -> None:
        """Nothing: the mounts go with their namespace."""


class PlainStage:
    """A temporary folder and no isolation at all."""

    def __init__(self) -> None:
        self._base = Path(tempfile.mkdtemp(prefix="heurigym-"))
        for name in ("in", "work", "tmp", "out"):
            (self._base / name).mkdir()
        self.paths = Paths(*(str(self._base / name) for name in ("in", "work", "tmp", "out")))
        self.inputs = os.open(self.paths.inputs, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self.out = os.open(self.paths.out, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self.flags: tuple[str, ...] = ("no_isolation", "no_scratch_limit")

    def resize(self, scratch_mb: int, files: int) -> None:
        """Nothing: the files of an ordinary folder cannot be capped together."""

    def excess(self) -> str:
        """Nothing: the files of an ordinary folder cannot be capped together."""
        return ""

    def drop_privileges(self) -> None:
        """Give up what ``execve`` could add; everything else is kept."""
        linux.no_new_privileges()

    def close(self) -> None:
        """Remove the folder."""
        os.close(self.inputs)
        os.close(self.out)
        shutil.rmtree(self._base, ignore_errors=True)
