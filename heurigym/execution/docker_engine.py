"""The Docker Engine: reaching it, and telling its objects of this harness from those of dead ones."""

import contextlib
import importlib
import os
import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from heurigym.errors import InputError
from heurigym.execution.locks import FileLock, lock_folder

LABEL: Final = "heurigym.harness"

_TIMEOUT_S = 120
_CONNECTIONS = 64
_MACHINE_ID = Path("/etc/machine-id")


class Engine:
    """A connection to a Docker Engine. Threads may share it.

    Attributes:
        client: the SDK's client.
        api: the SDK's low-level client.
        errors: the SDK's module of exceptions.
        label: value of ``LABEL`` on everything that this harness makes.
    """

    def __init__(self) -> None:
        """Connect to the engine that ``DOCKER_HOST`` names, by default the one of this host.

        Raises:
            InputError: the SDK is not installed or there is no engine; the message names the fix.
        """
        try:
            docker: Any = importlib.import_module("docker")
            self.errors: Any = importlib.import_module("docker.errors")
        except ImportError:
            raise InputError("the Docker SDK is missing; run: pip install 'heurigym[docker]'") from None
        try:
            self.client: Any = docker.from_env(timeout=_TIMEOUT_S, max_pool_size=_CONNECTIONS)
            self.client.ping()
        except (self.errors.DockerException, OSError) as error:
            raise InputError(
                f"no Docker Engine answers ({_reason(error)}); start one, name it in DOCKER_HOST, "
                "or join the group docker if it is only not allowed"
            ) from None
        self.api: Any = self.client.api
        token = secrets.token_hex(8)
        self._host = _host_identity()
        self._lock = FileLock(_lock_path(token))
        self._lock.acquire(blocking=True)
        self.label = f"{self._host}/{token}"

    def sweep(self) -> None:
        """Remove the containers and volumes of harnesses of this host that died without doing so."""
        dead: dict[str, bool] = {}
        for container in self.api.containers(all=True, filters={"label": LABEL}):
            if self._is_of_the_dead(container["Labels"].get(LABEL, ""), dead):
                self.quietly(self.api.remove_container, container["Id"], force=True, v=True)
        for volume in self.api.volumes(filters={"label": LABEL})["Volumes"] or ():
            if self._is_of_the_dead((volume["Labels"] or {}).get(LABEL, ""), dead):
                self.quietly(self.api.remove_volume, volume["Name"], force=True)

    def quietly(self, action: Callable[..., object], *arguments: object, **options: object) -> None:
        """Do what may have been done already, or is being done."""
        with contextlib.suppress(self.errors.APIError, OSError):
            action(*arguments, **options)

    def close(self) -> None:
        """Close all connections; what is left of this harness may be swept from now on."""
        self._lock.release()
        self.client.close()

    def _is_of_the_dead(self, label: str, known: dict[str, bool]) -> bool:
        host, _, token = label.rpartition("/")
        if host != self._host or not token.isalnum() or label == self.label:
            return False
        if label not in known:
            lock = FileLock(_lock_path(token))
            known[label] = lock.acquire(blocking=False)
            lock.release()
        return known[label]


def _lock_path(token: str) -> Path:
    return lock_folder("heurigym-docker", shared=True) / f"{token}.lock"


def _host_identity() -> str:
    """What tells this host from others that use the same engine."""
    with contextlib.suppress(OSError):
        if text := _MACHINE_ID.read_text().strip():
            return text
    return socket.gethostname()


def _reason(error: BaseException) -> str:
    """The innermost cause, in one line."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    return (str(error).splitlines() or [type(error).__name__])[0]
