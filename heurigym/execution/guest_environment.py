"""The file system that programs see: an interpreter, the guest packages, shared libraries, and nothing else.

It is built once for each interpreter and set of packages, in a cache, from the harness's own base interpreter and
``requirements.txt`` of the guest. Both kinds of sandbox use the same tree.
"""

import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from heurigym.errors import InputError
from heurigym.resources import data_folder

PYTHON = "/opt/python/bin/python3"
SITE_PACKAGES = "/opt/guest/site-packages"
CODE = "/opt/guest/code"

_LAYOUT = 2
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


@dataclass(frozen=True)
class GuestEnvironment:
    """A tree that is ready to become the root of a sandbox.

    Attributes:
        root: the tree.
        python: version of its interpreter.
        digest: identifies interpreter, packages and layout.
    """

    root: Path
    python: str
    digest: str


def guest_code() -> Path:
    """The folder with the guest's own code, policy and requirements."""
    return data_folder("sandbox")


def ensure_guest_environment() -> GuestEnvironment:
    """The guest environment of this interpreter, built now if this is the first time.

    Raises:
        InputError: the packages cannot be installed or the cache cannot be written.
    """
    requirements = guest_code() / "requirements.txt"
    digest = _digest(requirements)
    cache = cache_folder()
    root = cache / f"guest-{digest}"
    if not (root / "guest.json").is_file():
        try:
            cache.mkdir(parents=True, exist_ok=True)
            with _locked(cache / f"guest-{digest}.lock"):
                if not (root / "guest.json").is_file():
                    _build(root, requirements, digest)
        except OSError as error:
            raise InputError(
                f"{error.filename or cache}: {error.strerror}; set HEURIGYM_CACHE to a folder that can be written"
            ) from None
    return GuestEnvironment(root, platform.python_version(), digest)


def cache_folder() -> Path:
    """Where guest environments are kept: ``HEURIGYM_CACHE``, or ``heurigym`` in the user's cache folder."""
    if named := os.environ.get("HEURIGYM_CACHE"):
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "heurigym"


def _digest(requirements: Path) -> str:
    executable = Path(sys.executable).resolve()
    status = executable.stat()
    facts = [
        _LAYOUT,
        sys.version,
        sysconfig.get_platform(),
        str(executable),
        status.st_size,
        status.st_mtime_ns,
        requirements.read_text(),
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _build(root: Path, requirements: Path, digest: str) -> None:
    print(f"heurigym: preparing the sandbox's Python environment in {root} (once)", file=sys.stderr)
    temporary = Path(tempfile.mkdtemp(prefix=f"{root.name}.", dir=root.parent))
    try:
        for folder in _EMPTY_FOLDERS:
            (temporary / folder).mkdir(parents=True)
        _write_system_files(temporary)
        _install_packages(temporary / SITE_PACKAGES[1:], requirements)
        _copy_interpreter(temporary)
        _copy_libraries(temporary)
        _compile(temporary)
        (temporary / "guest.json").write_text(json.dumps({"digest": digest, "layout": _LAYOUT}) + "\n")
        _set_modes(temporary)
        if root.exists():
            shutil.rmtree(root)
        temporary.rename(root)
    finally:
        if temporary.exists():
            shutil.rmtree(temporary)


def _write_system_files(root: Path) -> None:
    (root / "etc").mkdir()
    (root / "etc/passwd").write_text("runner:x:65532:65532::/work:/nonexistent\n")
    (root / "etc/group").write_text("runner:x:65532:\n")
    for name in _DEVICES:
        (root / "dev" / name).touch()
    for name, target in (("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        (root / "dev" / name).symlink_to(f"/proc/self/{target}")


def _install_packages(target: Path, requirements: Path) -> None:
    options = ["--quiet", "--only-binary", ":all:", "--target", str(target), "-r", str(requirements)]
    python = sys.executable
    installers = [[python, "-m", "pip", "install", "--no-compile", "--no-input", "--no-deps", *options]]
    if uv := shutil.which("uv"):
        installers.append([uv, "pip", "install", "--no-deps", "--python", python, *options])
    reasons = []
    for command in installers:
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode == 0:
            break
        reasons.append((done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1])
    else:
        raise InputError(
            f"the sandbox's packages cannot be installed ({reasons[0]}); "
            f"check that this works: {python} -m pip download -r {requirements}"
        )
    shutil.rmtree(target / "bin", ignore_errors=True)
    for folder in [path for path in target.rglob("tests") if path.is_dir()]:
        shutil.rmtree(folder, ignore_errors=True)


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
        raise InputError("the command ldd is missing; install the package libc-bin")
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


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
