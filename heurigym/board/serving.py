"""Serves a leaderboard on this machine, and builds it anew while campaigns run."""

import http.server
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from heurigym.board.build import build
from heurigym.board.collect import find_stores
from heurigym.board.reading import Reader
from heurigym.board.references import local_references
from heurigym.errors import InputError

_LOOK_S = 1.0
"""Seconds between looks at the stores."""

_REST = 4
"""A build that took t seconds is followed by a rest of this many t, so that watching never takes a core."""


_RESAMPLES = 1000
"""Resamples behind the intervals of a board that is built again and again: a tenth of those of a published one."""


class BoardServer:
    """A server of one board, at an address of this machine only; a context manager.

    The board of stores is built anew when one of them changes; trajectories that did not change are not read again.
    Expert values are those of the start.

    Attributes:
        url: where the board is.
    """

    def __init__(
        self,
        sources: Sequence[Path],
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        published: Sequence[Path] = (),
        on_error: Callable[[str], None] = lambda line: None,
        look_s: float = _LOOK_S,
    ) -> None:
        """Build the board and listen.

        Args:
            sources: one site that is built already, or stores, which are watched.
            port: port to listen on; 0 for any that is free.
            host: address to listen on.
            published: result files of the public HeuriGym to show beside.
            on_error: called when a later build fails, such as while a store is being moved; the old board stays.
            look_s: seconds between looks at the stores.

        Raises:
            InputError: a source is neither a site nor a store, or the port is taken.
        """
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None
        self._sources, self._published, self._on_error, self._look_s = sources, published, on_error, look_s
        self._reader = Reader(local_references(), remember=True)
        if len(sources) == 1 and is_site(sources[0]):
            site = sources[0]
        else:
            self._scratch = tempfile.TemporaryDirectory(prefix="heurigym-board-")
            site = Path(self._scratch.name) / "site"
            try:
                self._seen = fingerprint(sources)
                self._took = self._build(site)
            except BaseException:
                self._scratch.cleanup()
                raise
            self._watcher = threading.Thread(target=self._watch, args=(site,), name="board watcher", daemon=True)
        try:
            self._server = http.server.ThreadingHTTPServer(
                (host, port), partial(_Handler, directory=str(site), address=host)
            )
        except OSError as error:
            if self._scratch is not None:
                self._scratch.cleanup()
            raise InputError(f"port {port} cannot be listened on: {error.strerror}; choose another") from None
        self.url = f"http://{host}:{self._server.server_address[1]}/"
        self._listener = threading.Thread(target=self._server.serve_forever, name="board server", daemon=True)

    def __enter__(self) -> Self:
        self._listener.start()
        if self._watcher is not None:
            self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()
        self._listener.join()
        if self._watcher is not None:
            self._watcher.join()
        if self._scratch is not None:
            self._scratch.cleanup()

    def wait(self) -> None:
        """Serve until the process is interrupted."""
        while not self._stop.wait(3600):
            pass

    def _build(self, site: Path) -> float:
        start = time.monotonic()
        build(
            self._sources,
            site,
            resamples=_RESAMPLES,
            published=self._published,
            live=True,
            reader=self._reader,
        )
        return time.monotonic() - start

    def _watch(self, site: Path) -> None:
        while not self._stop.wait(max(self._look_s, _REST * self._took)):
            try:
                now = fingerprint(self._sources)
                if now != self._seen:
                    self._took = self._build(site)
                    self._seen = now
            except (InputError, OSError) as error:
                self._on_error(str(error))


def serve(
    sources: Sequence[Path],
    port: int = 8000,
    *,
    published: Sequence[Path] = (),
    on_ready: Callable[[str], None] = print,
    on_error: Callable[[str], None] = lambda line: None,
) -> None:
    """Serve a site, or the board of some stores, until the process is interrupted.

    Raises:
        InputError: a source is neither a site nor a store, or the port is taken.
    """
    with BoardServer(sources, port, published=published, on_error=on_error) as server:
        on_ready(server.url)
        try:
            server.wait()
        except KeyboardInterrupt:
            return


def is_site(folder: Path) -> bool:
    """Whether a board was built in ``folder``."""
    return (folder / "index.html").is_file() and (folder / "results.json").is_file()


def fingerprint(folders: Sequence[Path]) -> frozenset[tuple[str, int, int]]:
    """What changes whenever a file of one of the stores in ``folders`` does: names, times and sizes."""
    found = set()
    for store in find_stores(folders):
        for path in [store / "campaign.json", *(store / "trajectories").rglob("*.json")]:
            try:
                status = path.stat()
            except OSError:
                continue
            found.add((str(path), status.st_mtime_ns, status.st_size))
    return frozenset(found)


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Files of the site alone: no listing of folders, nothing cached, nothing framed."""

    def __init__(self, *args: Any, address: str, **options: Any) -> None:
        self._address = address
        super().__init__(*args, **options)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        super().end_headers()

    def list_directory(self, path: Any) -> None:
        self.send_error(404)

    def do_GET(self) -> None:
        if self._is_known_host():
            super().do_GET()

    def do_HEAD(self) -> None:
        if self._is_known_host():
            super().do_HEAD()

    def _is_known_host(self) -> bool:
        """Refuse names that a foreign page could have pointed at this machine (DNS rebinding)."""
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
        if host in ("localhost", "127.0.0.1", "::1", self._address) or self._address in ("0.0.0.0", "::"):
            return True
        self.send_error(403)
        return False

    def log_message(self, *args: Any) -> None:
        """Say nothing: requests of a local reader are nobody's business."""
