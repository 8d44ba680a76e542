"""The image of containers that run programs: the guest's file system, and the guest's code on top of it.

Tags are digests of everything that goes into an image, so that a stale one is never used.
"""

import hashlib
import os
import re
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, Final

from heurigym.errors import InputError
from heurigym.execution import guest_tree
from heurigym.execution.docker_engine import Engine
from heurigym.execution.guest_environment import GuestEnvironment, ensure_guest_environment, guest_code
from heurigym.execution.locks import FileLock, lock_folder
from heurigym.resources import data_folder

BASE_VARIABLE: Final = "HEURIGYM_DOCKER_BASE"
ENVIRONMENT_NAME: Final = "heurigym-environment"
GUEST_NAME: Final = "heurigym-guest"

_KIND_LABEL = "heurigym.image"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_BUILDER_LINES = ("Step ", "--->", "Removing intermediate", "Successfully")


def build_image(base: str | None = None) -> str:
    """Build the image that programs run in, unless it is there already.

    Args:
        base: an image with Python whose interpreter and libraries are used; by default the one that the variable
            ``HEURIGYM_DOCKER_BASE`` names, else none: then the harness's own interpreter is, as it is below
            bubblewrap, and neither a registry nor a network is needed.

    Returns:
        The image's digest, ``sha256:...``.

    Raises:
        InputError: there is no engine, no such base, or the build fails; the message names the fix.
    """
    engine = Engine()
    try:
        return ensure_image(engine, base)
    finally:
        engine.close()


def ensure_image(engine: Engine, base: str | None = None) -> str:
    """As :func:`build_image`, on an engine that is connected already."""
    base = base or os.environ.get(BASE_VARIABLE) or None
    lock = FileLock(lock_folder("heurigym-images", shared=False) / "build.lock")
    lock.acquire(blocking=True)
    try:
        environment = _ensure_environment(engine, base)
        return _ensure_guest(engine, environment)
    finally:
        lock.release()


def _ensure_environment(engine: Engine, base: str | None) -> str:
    """The name of the image with the guest's file system, made if need be."""
    guest = ensure_guest_environment()
    if base is None:
        name = f"{ENVIRONMENT_NAME}:{guest.digest}"
        if _digest(engine, name) is None:
            _notice("environment, from this interpreter")
            _import_tree(engine, guest.root, name)
        return name
    dockerfile = data_folder("docker") / "Dockerfile.sandbox"
    assembler = Path(guest_tree.__file__)
    facts = [_base_digest(engine, base).encode(), guest.digest.encode(), *map(_read, (dockerfile, assembler))]
    name = f"{ENVIRONMENT_NAME}:{_hash(facts)}"
    if _digest(engine, name) is None:
        _notice(f"environment, from {base}")
        packages = guest.root / guest_tree.SITE_PACKAGES[1:]
        context = [(dockerfile, "Dockerfile"), (assembler, "assemble.py"), (packages, "site-packages")]
        _build(engine, name, context, {"BASE": base, "MINOR": _minor(guest)}, base)
    return name


def _ensure_guest(engine: Engine, environment: str) -> str:
    """The digest of the image with the guest's code, made if need be."""
    dockerfile = data_folder("docker") / "Dockerfile.guest"
    code = guest_code()
    files = sorted(path for path in code.rglob("*") if path.is_file() and path.suffix != ".pyc")
    facts = [environment.encode(), _read(dockerfile)]
    for path in files:
        facts += [str(path.relative_to(code)).encode(), _read(path)]
    name = f"{GUEST_NAME}:{_hash(facts)}"
    if (found := _digest(engine, name)) is not None:
        return found
    _notice("code")
    context = [(dockerfile, "Dockerfile"), *((path, f"code/{path.relative_to(code)}") for path in files)]
    _build(engine, name, context, {"ENVIRONMENT": environment}, environment)
    built = _digest(engine, name)
    assert built is not None
    return built


def _import_tree(engine: Engine, root: Path, name: str) -> None:
    with tempfile.TemporaryFile() as file:
        _pack(file, [(root, "")])
        repository, tag = name.split(":")
        changes = [f"LABEL {_KIND_LABEL}={repository}"]
        try:
            engine.api.import_image_from_data(file, repository=repository, tag=tag, changes=changes)
        except engine.errors.APIError as error:
            raise InputError(f"the image {name} cannot be imported ({error.explanation})") from None


def _build(
    engine: Engine, name: str, context: Iterable[tuple[Path, str]], arguments: dict[str, str], base: str
) -> None:
    with tempfile.TemporaryFile() as file:
        _pack(file, context)
        try:
            engine.client.images.build(
                fileobj=file,
                custom_context=True,
                tag=name,
                buildargs=arguments,
                labels={_KIND_LABEL: name.partition(":")[0]},
                network_mode="none",
                rm=True,
                forcerm=True,
            )
        except (engine.errors.BuildError, engine.errors.APIError) as error:
            raise InputError(f"the image {name} cannot be built from {base} ({_last_words(error)})") from None


def _pack(file: IO[bytes], content: Iterable[tuple[Path, str]]) -> None:
    """Write a tar archive in which everything belongs to root."""

    def owned_by_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        return member

    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, name in content:
            archive.add(path, name or ".", filter=owned_by_root)
    file.seek(0)


def _digest(engine: Engine, name: str) -> str | None:
    try:
        found: str = engine.api.inspect_image(name)["Id"]
    except engine.errors.ImageNotFound:
        return None
    return found


def _base_digest(engine: Engine, base: str) -> str:
    found = _digest(engine, base)
    if found is None:
        try:
            engine.client.images.pull(base)
            found = _digest(engine, base)
        except engine.errors.APIError as error:
            raise InputError(
                f"the base image {base} is not here and cannot be pulled ({error.explanation}); make one from "
                "Debian's packages with docker/make-base.sh, or leave the base out"
            ) from None
    if found is None:
        raise InputError(f"the base image {base} needs a tag, such as {base}:latest")
    return found


def _last_words(error: Any) -> str:
    """The last line that a failed build printed, or else what the engine says."""
    printed = "".join(str(entry.get("stream", "")) for entry in getattr(error, "build_log", ()))
    lines = [_COLOUR.sub("", line).strip() for line in printed.splitlines()]
    told = [line for line in lines if line and not line.startswith(_BUILDER_LINES)]
    return told[-1] if told else str(error)


def _minor(guest: GuestEnvironment) -> str:
    return ".".join(guest.python.split(".")[:2])


def _notice(what: str) -> None:
    print(f"heurigym: building the container image of the sandbox's {what} (once)", file=sys.stderr)


def _read(path: Path) -> bytes:
    return path.read_bytes()


def _hash(facts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for fact in facts:
        digest.update(len(fact).to_bytes(8, "big") + fact)
    return digest.hexdigest()[:16]
