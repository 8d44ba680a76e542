"""The file system that programs see: an interpreter, the guest packages, shared libraries, and nothing else.

It is built once for each interpreter and set of packages, in a cache, from the harness's own base interpreter and
``requirements.txt`` of the guest. Both kinds of sandbox use the same tree.
"""

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from heurigym.errors import InputError
from heurigym.execution.guest_tree import CODE as CODE
from heurigym.execution.guest_tree import PYTHON as PYTHON
from heurigym.execution.guest_tree import SITE_PACKAGES as SITE_PACKAGES
from heurigym.execution.guest_tree import MissingCommand, assemble
from heurigym.resources import data_folder

_LAYOUT = 2


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
        temporary.chmod(0o755)
        _install_packages(temporary / SITE_PACKAGES[1:], requirements)
        assemble(temporary)
        (temporary / "guest.json").write_text(json.dumps({"digest": digest, "layout": _LAYOUT}) + "\n")
        if root.exists():
            shutil.rmtree(root)
        temporary.rename(root)
    except MissingCommand as error:
        raise InputError(str(error)) from None
    finally:
        if temporary.exists():
            shutil.rmtree(temporary)


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


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
