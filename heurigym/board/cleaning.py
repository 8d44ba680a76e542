"""Finds and removes what tells of a machine or its user: keys, addresses, paths, names of host and user."""

import getpass
import os
import re
import socket
from typing import Any

_KEYS = re.compile(
    r"\bsk-[A-Za-z0-9_-]{16,}|\bAIza[A-Za-z0-9_-]{30,}|\bgh[pousr]_[A-Za-z0-9]{30,}|\bhf_[A-Za-z0-9]{30,}"
    r"|\bxai-[A-Za-z0-9]{30,}|\bBearer\s+[A-Za-z0-9._~+/-]{20,}"
)
_HOME = re.compile(r"(?:/home|/Users)/[^\s/'\"]+|[A-Za-z]:\\Users\\[^\s\\'\"]+")
_PATH = re.compile(r"(?<![\w.:/])/(?:[\w.+@-]+/)+[\w.+@-]*|\b[A-Za-z]:\\[^\s'\"]+")
_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s'\"<>]+")
_SECRET_VARIABLE = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD)$")


class Cleaner:
    """Finds and removes what tells of a machine or its user."""

    def __init__(self) -> None:
        self._values = {
            value
            for name, value in os.environ.items()
            if _SECRET_VARIABLE.search(name.upper()) and len(value) >= 12
        }
        self._names = {
            name
            for name in (socket.gethostname(), socket.getfqdn(), _user())
            if len(name) > 3 and name != "localhost"
        }

    def secret(self, text: str) -> str | None:
        """What kind of secret ``text`` holds, if any."""
        if _KEYS.search(text) or any(value in text for value in self._values):
            return "something that looks like a key"
        return "a path of a home folder" if _HOME.search(text) else None

    def clean(self, text: str) -> str:
        """``text`` without keys, addresses, paths, and the names of host and user."""
        for value in self._values:
            text = text.replace(value, "[key]")
        text = _URL.sub("[address]", _KEYS.sub("[key]", text))
        text = _PATH.sub("[path]", _HOME.sub("[path]", text))
        for name in self._names:
            text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", "[name]", text)
        return text

    def clean_all(self, value: Any) -> Any:
        """Every text in a JSON value, cleaned."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, dict):
            return {key: self.clean_all(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.clean_all(each) for each in value]
        return value


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
