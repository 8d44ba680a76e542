"""Fetching a public suite: each file checked against its SHA-256, published values beside them."""

import hashlib
import http
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from heurigym.errors import InputError
from heurigym.problems.expert_values import keep_published
from heurigym.problems.instances import find_instances
from heurigym.problems.problem import Problem
from heurigym.problems.spec import BaselineRecord
from heurigym.problems.suites import Suite, SuiteFile

SOURCE = "SOURCE"
"""File beside a pulled suite's instances that says whose they are."""
_ATTEMPTS = 3
_CHUNK = 1 << 16
_CONNECT_S, _SILENCE_S = 10, 60
"""Seconds until a server must have answered, and between two of its chunks."""


def pull(
    problem: Problem,
    suite: Suite,
    folder: Path,
    url: str | None = None,
    on_bytes: Callable[[int], None] = lambda count: None,
) -> tuple[int, int]:
    """Fetch what ``folder`` lacks of a suite, and write whose it is and the published values beside it.

    A file appears in the folder when it is whole and has the right content, so a stopped pull goes on where it
    was. Values that are there already are kept: an expert may have found better ones.

    Args:
        problem: the suite's problem.
        suite: what to fetch.
        folder: where to; made if it is missing.
        url: folder on the web to fetch from instead of the suite's own, such as a mirror.
        on_bytes: told the number of bytes as they come, those of files that are there already included.

    Returns:
        How many files were fetched, and how many were there.

    Raises:
        InputError: the extra ``data`` is missing, the server fails or has another content, or the folder cannot
            be written; what was fetched by then stays.
    """
    _import_pooch()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        present = 0
        for name, file in suite.files.items():
            if _is_there(folder / name, file):
                present += 1
                on_bytes(file.size)
            else:
                _fetch(f"{url or suite.url}{file.path}", file, folder / name, on_bytes)
        (folder / SOURCE).write_text(_source(suite), encoding="utf-8")
        keep_published(folder, _published_values(problem, suite, folder))
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror or error}") from None
    return len(suite.files) - present, present


def is_complete(suite: Suite, folder: Path) -> bool:
    """Whether all files of a suite are in ``folder``, judged by their sizes."""
    return all(
        (folder / name).is_file() and (folder / name).stat().st_size == file.size
        for name, file in suite.files.items()
    )


def _import_pooch() -> Any:
    try:
        pooch = importlib.import_module("pooch")
    except ModuleNotFoundError:
        raise InputError("pulling data needs pooch: pip install 'heurigym[data]'") from None
    pooch.get_logger().setLevel("ERROR")
    return pooch


def _is_there(path: Path, file: SuiteFile) -> bool:
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == file.sha256


class _ServerFailed(Exception):
    """The server answers that it failed, which may pass."""


def _fetch(url: str, file: SuiteFile, path: Path, on_bytes: Callable[[int], None]) -> None:
    import requests

    pooch = _import_pooch()
    counted = 0

    def download(source: str, output: str, _: object) -> None:
        nonlocal counted
        on_bytes(-counted)
        counted = 0
        with requests.get(source, stream=True, timeout=(_CONNECT_S, _SILENCE_S)) as response:
            answered = f"the server answers {response.status_code} {response.reason}"
            if response.status_code >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
                raise _ServerFailed(answered)
            if response.status_code != http.HTTPStatus.OK:
                raise requests.exceptions.RequestException(answered)
            with Path(output).open("wb") as content:
                for chunk in response.iter_content(_CHUNK):
                    counted += len(chunk)
                    on_bytes(len(chunk))
                    # A server that does not stop would fill the disk before the content is seen to be wrong.
                    if counted > file.size:
                        raise ValueError(f"more than the {file.size} bytes that it should have")
                    content.write(chunk)

    transient = (requests.exceptions.ConnectionError, requests.exceptions.Timeout, _ServerFailed)
    retrying = Retrying(
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_exponential(multiplier=0.5),
        retry=retry_if_exception_type(transient),
        reraise=True,
    )
    try:
        retrying(pooch.retrieve, url, f"sha256:{file.sha256}", path.name, path.parent, downloader=download)
    except (_ServerFailed, requests.exceptions.RequestException) as error:
        raise InputError(f"{url}: cannot be fetched: {_last_words(error)}") from None
    except ValueError:
        what = f"more than {file.size} bytes" if counted > file.size else "another SHA-256"
        raise InputError(
            f"{url}: is not the file that the suite names: it has {what}; try a mirror (--from)"
        ) from None


def _last_words(error: BaseException) -> str:
    """What a chain of errors says in the end, without the objects that libraries put before it."""
    reason = getattr(error.args[0], "reason", error.args[0]) if error.args else error
    return str(reason).rpartition(": ")[2].rstrip(")") or type(error).__name__


def _source(suite: Suite) -> str:
    values = "" if suite.published is None else f"best objectives: {suite.published.by}, {suite.published.date}\n"
    return f"{suite.title}\nfrom: {suite.home}\nlicence: {suite.licence}\n{values}"


def _published_values(problem: Problem, suite: Suite, folder: Path) -> dict[str, BaselineRecord]:
    if suite.published is None:
        return {}
    names = {
        file.name: instance.name
        for instance in find_instances(folder, problem.spec.entry)
        for file in instance.files
    }
    return {
        names[name]: BaselineRecord(
            objective=file.best,
            bound=None,
            optimal=False,
            solver=suite.published.by,
            version="published",
            time_s=None,
            date=suite.published.date,
            seed=None,
            solution=None,
        )
        for name, file in suite.files.items()
        if file.best is not None and name in names
    }
