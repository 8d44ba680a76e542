"""Replies shared between campaigns: one file for each request that was ever paid for."""

import hashlib
import json
import logging
import os
import tempfile
from decimal import Decimal
from pathlib import Path

from pydantic import ValidationError

from heurigym.errors import InputError
from heurigym.models.protocol import CallContext, Finish, Reply, Request

_log = logging.getLogger(__name__)

_KEPT = (Finish.STOP, Finish.TOOL_CALLS, Finish.LENGTH, Finish.REFUSED, Finish.REASONING_ONLY)


class ReplyCache:
    """Replies by the hash of what was asked.

    The key is the model's name, its address unless the SDK chooses it, the whole request, and which sample and
    attempt it is for: two samples of one problem begin with the same request and must still be drawn apart.
    """

    def __init__(self, folder: Path) -> None:
        """Open or make the folder.

        Raises:
            InputError: it cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"cache: {folder} cannot be made a folder: {error.strerror}") from None
        self._folder = folder

    @staticmethod
    def key(name: str, base_url: str | None, request: Request, context: CallContext) -> str:
        """The SHA-256 of what decides the reply."""
        parts = [name, base_url, request.model_dump(mode="json"), context.sample, context.attempt]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def get(self, key: str) -> Reply | None:
        """The stored reply, which costs nothing this time; a file that cannot be read counts as none."""
        path = self._path(key)
        try:
            reply = Reply.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError):
            _log.warning("cache: %s cannot be read and is ignored", path)
            return None
        return reply.model_copy(update={"cached": True, "cost_usd": Decimal(0), "retries": 0, "failed_tries": ()})

    def put(self, key: str, reply: Reply) -> None:
        """Store the reply, unless it ended by accident; readers see the whole file or none."""
        if reply.finish not in _KEPT:
            return
        path = self._path(key)
        try:
            path.parent.mkdir(exist_ok=True)
            descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=".part-")
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(reply.model_dump_json(indent=1))
            Path(part).replace(path)
        except OSError as error:
            _log.warning("cache: %s cannot be written: %s", path, error)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"
