"""``heurigym data pull``: a real server on loopback, honest, broken and hostile."""

import functools
import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

pytest.importorskip("pooch", reason="pulling needs heurigym[data]")

from heurigym.errors import InputError
from heurigym.problems.problem import Problem, load_problem
from heurigym.problems.pulling import is_complete, pull
from heurigym.problems.scaffolding import scaffold
from heurigym.problems.suites import Suite, find_suite, public_suites

FILES = {"first.json": b'{"capacity": 5, "numbers": [1, 2]}', "second.json": b'{"capacity": 7, "numbers": [4, 9]}'}


class Server(http.server.SimpleHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path.endswith("endless.json"):
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x" * 65536)
            except OSError:
                return
        if "busy" in self.path and self.asked.count(self.path) < 3:
            self.send_error(503)
            return
        super().do_GET()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def asked() -> list[str]:
    """Paths that the server was asked for."""
    return []


@pytest.fixture
def url(tmp_path: Path, asked: list[str]) -> Iterator[str]:
    folder = tmp_path / "web" / "sub"
    folder.mkdir(parents=True)
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    handler = functools.partial(type("Asked", (Server,), {"asked": asked}), directory=str(tmp_path / "web"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Problem:
    folder = scaffold("numbers_below", tmp_path / "own")
    (folder / "data.yaml").write_text(yaml.safe_dump(suite_list(FILES)))
    monkeypatch.setenv("HEURIGYM_PROBLEMS", str(tmp_path / "own"))
    return load_problem(folder)


def suite_list(contents: dict[str, bytes], **changes: object) -> dict[str, object]:
    listed = {
        name: {"path": f"sub/{name}", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in contents.items()
    }
    suite = {
        "name": "two-files",
        "title": "Two files",
        "home": "https://example.org",
        "licence": "CC0",
        "url": "https://example.org/",
        "published": {"by": "a paper", "date": "2025-01-02"},
        "files": {**listed, next(iter(listed)): {**next(iter(listed.values())), "best": 3}},
    }
    return {"schema_version": 1, "suites": [{**suite, **changes}]}


def the_suite(files: dict[str, bytes] = FILES) -> Suite:
    return Suite.model_validate(suite_list(files)["suites"][0])  # type: ignore[index]


def test_files_come_whole_with_source_and_published_values(problem: Problem, url: str, tmp_path: Path) -> None:
    folder, suite = find_suite("two-files")
    assert folder == problem.folder
    counted: list[int] = []
    assert pull(problem, suite, tmp_path / "out", url, counted.append) == (2, 0)
    assert {name: (tmp_path / "out" / name).read_bytes() for name in FILES} == FILES
    assert sum(counted) == suite.size
    assert is_complete(suite, tmp_path / "out")
    assert (tmp_path / "out" / "SOURCE").read_text().splitlines()[1:3] == [
        "from: https://example.org",
        "licence: CC0",
    ]
    values = json.loads((tmp_path / "out" / "baselines.json").read_text())["instances"]
    assert {name: (value["objective"], value["solver"]) for name, value in values.items()} == {
        "first": (3, "a paper")
    }


def test_only_what_is_missing_or_wrong_is_fetched_again(
    problem: Problem, url: str, asked: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    pull(problem, the_suite(), out, url)
    (out / "first.json").write_bytes(FILES["first.json"][:-1] + b" ")
    (out / "baselines.json").write_text(
        (out / "baselines.json").read_text().replace('"objective": 3', '"objective": 5')
    )
    asked.clear()
    assert pull(problem, the_suite(), out, url) == (1, 1)
    assert asked == ["/sub/first.json"]
    assert (out / "first.json").read_bytes() == FILES["first.json"]
    assert json.loads((out / "baselines.json").read_text())["instances"]["first"]["objective"] == 5


def test_a_changed_file_is_refused_and_what_was_fetched_stays(problem: Problem, url: str, tmp_path: Path) -> None:
    (tmp_path / "web" / "sub" / "second.json").write_bytes(FILES["second.json"].replace(b"9", b"8"))
    with pytest.raises(
        InputError, match=r"second.json: is not the file that the suite names: it has another SHA-256"
    ):
        pull(problem, the_suite(), tmp_path / "out", url)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["first.json"]


def test_a_server_that_never_ends_does_not_fill_the_disk(problem: Problem, url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"endless.json: .* it has more than 4 bytes"):
        pull(problem, the_suite({"endless.json": b"tiny"}), tmp_path / "out", url)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_busy_server_is_asked_again(problem: Problem, url: str, asked: list[str], tmp_path: Path) -> None:
    (tmp_path / "web" / "sub" / "busy.json").write_bytes(b"{}")
    assert pull(problem, the_suite({"busy.json": b"{}"}), tmp_path / "out", url) == (1, 0)
    assert asked == ["/sub/busy.json"] * 3


@pytest.mark.parametrize(("files", "words"), [({"absent.json": b"{}"}, "404"), ({}, "refused")])
def test_what_cannot_be_fetched_is_said_in_one_line(
    files: dict[str, bytes], words: str, problem: Problem, url: str, tmp_path: Path
) -> None:
    where = url if files else "http://127.0.0.1:9/"
    with pytest.raises(InputError, match=words) as caught:
        pull(problem, the_suite(files or FILES), tmp_path / "out", where)
    assert "cannot be fetched: " in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "object at" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "ftp://example.org/"}, "url: must begin with https://"),
        ({"published": None}, "published must say whose"),
        ({"name": "Two Files"}, "name: "),
        ({"files": {"../up.json": {"path": "up.json", "size": 1, "sha256": "0" * 64}}}, "files"),
        ({"files": {"a.json": {"path": "a.json", "size": 1, "sha256": "0"}}}, "sha256"),
    ],
)
def test_a_wrong_data_file_is_refused_by_file_and_field(
    change: dict[str, object], words: str, problem: Problem
) -> None:
    (problem.folder / "data.yaml").write_text(yaml.safe_dump(suite_list(FILES, **change)))
    with pytest.raises(InputError, match=words) as caught:
        public_suites()
    assert str(problem.folder / "data.yaml") in str(caught.value)


def test_an_unknown_suite_is_answered_with_the_known_ones(problem: Problem) -> None:
    with pytest.raises(InputError, match=r"unknown suite 'three'; known: .*two-files"):
        find_suite("three")


def test_two_suites_of_one_name_are_refused(problem: Problem) -> None:
    twice = suite_list(FILES)
    twice["suites"] = [*twice["suites"], *twice["suites"]]  # type: ignore[misc]
    (problem.folder / "data.yaml").write_text(yaml.safe_dump(twice))
    with pytest.raises(InputError, match="'two-files' is taken by"):
        public_suites()


def test_suites_of_the_project_are_pinned_to_a_commit_and_name_instances() -> None:
    suites = [suite for folder, suite in public_suites() if folder.parent.name == "problems"]
    assert {"extraction-gym", "epfl", "iscas85", "express"} <= {suite.name for suite in suites}
    for suite in suites:
        assert any(len(part) == 40 and int(part, 16) for part in suite.url.split("/") if len(part) == 40), (
            suite.name
        )
        assert len({file.sha256 for file in suite.files.values()}) == len(suite.files)
