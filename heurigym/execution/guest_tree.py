"""Assembling the file system that programs see. Runs on its own too: ``python guest_tree.py ROOT MINOR_VERSION``.

The standard library alone, because it also runs in the base image of a container, with whatever Python is there.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

PYTHON = "/opt/python/bin/python3"
SITE_PACKAGES = "/opt/guest/site-packages"
CODE = "/opt/guest/code"

_UNUSED_STDLIB = {
    "__pycache__",
    "dist-packages",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "site-packages",
    "test",
    "tests",
    "tkinter",
    "turtledemo",
}
_UNUSED_PREFIXES = ("config-", "_tkinter.", "_test", "xxlimited")
_EMPTY_FOLDERS = ("in", "work", "tmp", "out", "run", "proc", "dev/shm", CODE[1:])
_DEVICES = ("null", "zero", "full", "random", "urandom")
_LIBRARY = re.compile(r"^\s+(?:\S+ => )?(/\S+) \(0x[0-9a-f]+\)$", re.MULTILINE)


class MissingCommand(Exception):
    """A command of the host that this needs is not there."""


def assemble(root: Path) -> None:
    """Make ``root``, which holds the guest's packages already, a complete file system for programs.

    Raises:
        MissingCommand: ``ldd`` is not there.
        OSError: a file cannot be copied.
    """
    for folder in _EMPTY_FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    _write_system_files(root)
    _copy_interpreter(root)
    _copy_libraries(root)
    _compile(root)
    _set_modes(root)


def _write_system_files(root: Path) -> None:
    (root / "etc").mkdir()
    (root / "etc/passwd").write_text("runner:x:65532:65532::/work:/nonexistent\n")
    (root / "etc/group").write_text("runner:x:65532:\n")
    for name in _DEVICES:
        (root / "dev" / name).touch()
    for name, target in (("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        (root / "dev" / name).symlink_to(f"/proc/self/{target}")


def _copy_interpreter(root: Path) -> None:
    """Copy executable and standard library to ``/opt/python``, where the interpreter finds them by itself."""
    prefix = root / "opt/python"
    (prefix / "bin").mkdir(parents=True)
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    shutil.copy2(Path(sys.executable).resolve(), prefix / "bin" / name)
    for alias in ("python3", "python"):
        (prefix / "bin" / alias).symlink_to(name)

    def unused(folder: str, names: list[str]) -> list[str]:
        return [name for name in names if name in _UNUSED_STDLIB or name.startswith(_UNUSED_PREFIXES)]

    for kind in ("stdlib", "platstdlib"):
        source = Path(sysconfig.get_path(kind, vars={"base": sys.base_prefix, "platbase": sys.base_exec_prefix}))
        target = prefix / sys.platlibdir / name
        if source.name == name and source.is_dir() and not target.exists():
            shutil.copytree(source, target, ignore=unused, ignore_dangling_symlinks=True)


def _copy_libraries(root: Path) -> None:
    """Copy each shared library that the interpreter and the packages need to where the loader looks for it."""
    objects = [root / "opt/python/bin/python3", *(path for path in root.rglob("*.so*") if path.is_file())]
    found = {Path(line) for line in _needed(objects)}
    found = {path for path in found if not path.is_relative_to(root)}
    standard = next(path.parent for path in sorted(found) if path.name.startswith(("libc.so", "ld-musl")))
    with_gcc = standard / "libgcc_s.so.1"
    if with_gcc.is_file():
        found.add(with_gcc)
    for path in sorted(found):
        folder = path.parent
        if folder.parts[1:2] not in (("lib",), ("lib64",), ("usr",)) or folder.is_relative_to("/usr/local"):
            folder = standard
        target = root / str(folder)[1:] / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path.resolve(), target)


def _needed(objects: Iterable[Path]) -> Iterator[str]:
    ldd = shutil.which("ldd")
    if ldd is None:
        raise MissingCommand("the command ldd is missing; install the package libc-bin")
    # The variable is for interpreters that were built with their library in a folder of their own.
    library_folder = Path(sys.base_prefix) / "lib"
    environment = {"PATH": os.defpath, "LD_LIBRARY_PATH": str(library_folder)}
    done = subprocess.run(
        [ldd, *map(str, objects)], capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL
    )
    return (match[1] for match in _LIBRARY.finditer(done.stdout))


def _compile(root: Path) -> None:
    folders = [str(root / SITE_PACKAGES[1:]), str(root / "opt/python" / sys.platlibdir)]
    subprocess.run(
        [
            *(sys.executable, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"),
            *("-s", str(root), "-p", "/", *folders),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )


def _set_modes(root: Path) -> None:
    """Let everybody read everything, and execute the interpreter and the loader alone."""
    root.chmod(0o755)
    for path in root.rglob("*"):
        if not path.is_symlink():
            executable = path.parent.name == "bin" or path.name.startswith("ld-")
            path.chmod(0o755 if path.is_dir() or executable else 0o644)


if __name__ == "__main__":
    own_minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    if sys.argv[2] != own_minor:
        sys.exit(f"the base image has Python {own_minor}, but {sys.argv[2]} is needed")
    assemble(Path(sys.argv[1]))
