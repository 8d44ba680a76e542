import http.client
import re
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest
from browsing import Page
from synthetic_stores import make_store

from heurigym.agents.trajectory import Status
from heurigym.board.build import build
from heurigym.board.serving import BoardServer
from heurigym.errors import InputError


def get(url):
    with urllib.request.urlopen(url, timeout=30) as response:
        return response.read().decode()


def test_a_running_campaign_updates_its_page(tmp_path, browser):
    waiting = {}

    def change(trajectory):
        if trajectory.cell.model == "lab/beta":
            waiting[trajectory.cell.problem] = trajectory.model_copy(deep=True)
            trajectory.status = Status.RUNNING
        return trajectory

    store = make_store(tmp_path / "store", change=change)
    with BoardServer([tmp_path / "store"], look_s=0.1) as server:
        page = Page(browser, server.url)
        page.resize(1280)
        page.problems()
        page.open("#/ranking?filter=beta")
        assert "1 running" not in page.texts("#ranking tbody")[0].replace("2 running", "")
        assert "2 running" in page.texts("#ranking tbody")[0]
        for trajectory in waiting.values():
            store.save(trajectory)
        page.until(lambda: "running" not in page.texts("#ranking tbody")[0] and page.texts("#ranking tbody strong"))
        assert page.find("input[name=filter]")[0].get_attribute("value") == "beta"
        assert page.problems() == []


def test_a_built_site_is_served_as_it_is(tmp_path, browser):
    make_store(tmp_path / "store")
    build([tmp_path / "store"], tmp_path / "site", resamples=50)
    with BoardServer([tmp_path / "site"]) as server:
        assert get(f"{server.url}results.csv") == (tmp_path / "site/results.csv").read_text()
        page = Page(browser, server.url)
        page.problems()
        page.open("#/problems")
        page.click(".heatmap tbody td a")
        page.click("#trajectories tbody a")
        page.until(lambda: page.find("article"))
        names = page.run("return performance.getEntriesByType('resource').map((each) => each.name)")
        assert all(name.startswith(server.url) for name in names)
        assert page.problems() == []


@pytest.mark.parametrize("path", ["data/", "data", "..%2f..%2fsecret", "../secret", "%2e%2e/secret", "none.html"])
def test_nothing_but_files_of_the_site_is_served(tmp_path, path):
    make_store(tmp_path / "store")
    (tmp_path / "secret").write_text("secret")
    build([tmp_path / "store"], tmp_path / "site", resamples=50)
    with BoardServer([tmp_path / "site"]) as server, pytest.raises(urllib.error.HTTPError) as error:
        get(server.url + path)
    assert error.value.code == 404


def test_other_names_for_this_machine_are_refused(tmp_path):
    make_store(tmp_path / "store")
    build([tmp_path / "store"], tmp_path / "site", resamples=50)
    with BoardServer([tmp_path / "site"]) as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
        connection.request("GET", "/results.json", headers={"Host": "evil.example"})
        assert connection.getresponse().status == 403
        connection.close()


def test_bad_sources_and_taken_ports_are_refused(tmp_path):
    with pytest.raises(InputError, match="not a store"):
        BoardServer([tmp_path])
    make_store(tmp_path / "store")
    build([tmp_path / "store"], tmp_path / "site", resamples=50)
    with BoardServer([tmp_path / "site"]) as server:
        port = int(re.findall(r":(\d+)/", server.url)[0])
        with pytest.raises(InputError, match=f"port {port} cannot be listened on"):
            BoardServer([tmp_path / "site"], port)
