"""The page in a real browser, from disk."""

import os
import re
from pathlib import Path

import pytest
from browsing import Page, file_url
from synthetic_stores import make_store

from heurigym.agents.trajectory import Status
from heurigym.board.build import build
from heurigym.resources import data_folder

HOSTILE = "<img src=x onerror=\"window.hacked='name'\">&lt;b&gt;</script><script>window.hacked='script'</script>"
SEPARATORS = "line\u2028separator\u2029and \u0000 \U0001f600"
MODELS = ("lab/alpha", "lab/beta:high", "scripted/ladder", f"lab/{HOSTILE}")


def lines(cell, number):
    changed = "\n".join(f"    step_{index} = {number if index in (3, 20) else index}" for index in range(40))
    return f"# {HOSTILE} {SEPARATORS}\ndef solve(input_file, solution_file):\n{changed}\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A board with everything: a script, an incomplete row, a version apart, published rows, hostile texts."""
    folder = tmp_path_factory.mktemp("board")

    def change(trajectory):
        if (trajectory.cell.model, trajectory.cell.problem) == ("lab/beta:high", "routing"):
            trajectory.status, trajectory.error = Status.FAILED, HOSTILE
        trajectory.texts[0] = f"{HOSTILE} {SEPARATORS}"
        return trajectory

    make_store(folder / "store", models=MODELS, samples=2, instances=6, program=lines, change=change)
    make_store(
        folder / "old", models=["lab/alpha"], problems=["packing"], digests={"packing": "0" * 64},
        created_at="2020-01-01T00:00:00Z",
    )  # fmt: skip
    published = folder / "overall_qyi_t0.csv"
    published.write_text(
        f"Model,Weighted_Yield,Weighted_Quality,Weighted_QYI,Cost\nGemini {HOSTILE[:20]},0.5,0.6,0.54,8\n"
    )
    build([folder / "store", folder / "old"], folder / "site", resamples=300, published=[published])
    return folder / "site"


@pytest.fixture
def page(site, browser) -> Page:
    """The board from disk, in a window of ordinary width."""
    opened = Page(browser, file_url(site))
    opened.resize(1280)
    opened.problems()
    return opened


def column(page: Page, number: int) -> list[str]:
    return page.texts(f"#ranking tbody tr > :nth-child({number})")


def shown_scores(page: Page) -> list[float]:
    return [float(text) for text in page.texts("#ranking tbody tr > :nth-child(3) .value")]


def test_the_ranking_opens_from_disk_without_a_complaint(page):
    page.open()
    assert page.texts("h1") == ["Ranking"]
    assert len(column(page, 2)) == 4
    assert page.problems() == []
    loaded = page.run("return performance.getEntriesByType('resource').map((each) => each.name)")
    assert all(name.startswith(page.base) for name in loaded)


def test_columns_sort_both_ways_by_mouse_and_keyboard(page):
    page.open()
    scores = shown_scores(page)
    assert scores == sorted(scores, reverse=True)
    page.click("#ranking th:nth-child(3) button")
    assert shown_scores(page) == sorted(scores)
    assert page.find("#ranking th:nth-child(3)")[0].get_attribute("aria-sort") == "ascending"
    page.run("document.querySelector('#ranking th:nth-child(2) button').focus()")
    page.browser.switch_to.active_element.send_keys("\ue007")
    names = column(page, 2)
    assert names == sorted(names, key=str.lower)
    assert page.browser.switch_to.active_element.text.startswith("Model")
    page.browser.refresh()
    page.until(lambda: column(page, 2) == names)


def test_filters_follow_typing_and_keep_the_focus(page):
    page.open()
    page.find("input[name=filter]")[0].send_keys("beta")
    page.until(lambda: len(column(page, 2)) == 1)
    page.browser.switch_to.active_element.send_keys("zz")
    page.until(lambda: not column(page, 2))
    assert page.find("input[name=filter]")[0].get_attribute("value") == "betazz"


def test_scripts_incomplete_rows_and_versions_apart_are_marked(page):
    page.open("#/ranking?show=models")
    assert not any("scripted" in text for text in column(page, 2))
    page.open()
    (script,) = [text for text in column(page, 2) if "scripted" in text]
    assert script.startswith("scripted/ladder") and "script" in script.removeprefix("scripted/ladder")
    (beta,) = [text for text in column(page, 2) if "beta" in text]
    assert "incomplete" in beta and "failed" in beta
    assert any("not comparable" in text for text in page.texts(".messages li"))
    page.open("#/problems")
    assert "Other versions, shown apart" in page.texts("h2")


def test_a_cell_leads_to_a_trajectory_and_its_changes(page):
    page.open("#/problems")
    page.click(".heatmap tbody td a")
    page.until(lambda: page.find("#results"))
    assert page.texts("h1") == ["packing"]
    page.click("#trajectories tbody a")
    page.until(lambda: page.find(".attempts a"))
    page.click(".attempts li:nth-child(2) a")
    page.until(lambda: page.find("ins.line"))
    assert [text.removeprefix("+").strip() for text in page.texts("ins.line")] == ["step_3 = 1", "step_20 = 1"]
    assert [text.removeprefix("−").strip() for text in page.texts("del.line")] == ["step_3 = 0", "step_20 = 0"]
    hidden = len(page.find("pre.diff .line"))
    page.click("pre.diff .fold")
    assert len(page.find("pre.diff .line")) > hidden
    page.click("#show-full")
    page.until(lambda: page.texts("pre.program code"))
    assert page.run("return document.querySelector('pre.program code').textContent") == lines(None, 1)
    texts = page.texts("summary")
    assert any(text.startswith("Demo split") for text in texts) and any(
        text.startswith("Eval split") for text in texts
    )
    assert "Feedback after attempt 1." in "".join(page.texts("pre.text"))
    assert page.problems() == []


def test_what_a_model_writes_stays_text(page):
    for view in ("ranking", "cost", "iterations", "problems", "published", "about"):
        page.open(f"#/{view}")
        assert page.run("return window.hacked") is None
    page.open()
    assert any(HOSTILE in text for text in column(page, 2))
    page.run(
        "[...document.querySelectorAll('#ranking tbody a')].find((a) => a.textContent.includes('onerror')).click()"
    )
    page.until(lambda: page.find("main ul a"))
    assert HOSTILE in page.texts("h1")[0]
    page.click("main ul a")
    page.until(lambda: page.find("article"))
    text = page.run("return document.querySelector('article').textContent")
    assert f"{HOSTILE} {SEPARATORS}" in text
    assert page.run("return window.hacked") is None
    assert page.find("main img, main script, main iframe, main b") == []
    links = page.run("return [...document.querySelectorAll('main a')].map((each) => each.getAttribute('href'))")
    assert all(link.startswith("#/") for link in links)
    assert page.problems() == []


def test_nothing_inline_would_run(page):
    page.open()
    page.run(
        "const s = document.createElement('script'); s.textContent = 'window.inline = 1'; document.head.append(s)"
    )
    page.run("const d = document.createElement('div'); d.innerHTML = '<img src=x onerror=\"window.inline = 2\">';"
             "document.body.append(d)")  # fmt: skip
    page.run(
        "const s = document.createElement('script'); s.src = 'https://example.invalid/x.js';document.head.append(s)"
    )
    page.until(lambda: any("Content Security Policy" in each for each in page.problems()))
    assert page.run("return window.inline") is None


@pytest.mark.parametrize(
    "fragment", ["#/trajectory/..%2f..%2fboard", "#/problem/none", "#/model/x/y/z", "#/%E0%A4%A", "#/constructor"]
)
def test_an_address_that_leads_nowhere_says_so(page, fragment):
    page.open(fragment)
    assert page.texts("h1") in (["No such trajectory"], ["No such problem"], ["No such model"], ["Ranking"])
    assert page.problems() == []


def test_two_rows_compare(page):
    page.open()
    text = page.texts("#comparison")[0]
    assert "95 % interval" in text and "resamples" in text
    page.run(
        "const s = document.querySelector('select[name=b]');"
        "s.value = document.querySelector('select[name=a]').value; s.dispatchEvent(new Event('change'))"
    )
    assert page.texts("#comparison") == ["Choose two different rows."]


def test_plots_show_every_row_with_a_name_and_a_number(page):
    page.open("#/cost")
    points = page.run(
        "return [...document.querySelectorAll('.point')].map((each) => each.getAttribute('aria-label'))"
    )
    assert len(points) == 3 and all("QYI" in point for point in points)
    assert len(page.find("#costs tbody tr")) == 3
    page.open("#/iterations")
    assert len(page.find(".series")) == 3
    assert len(page.find("#steps tbody tr")) == 3
    assert page.problems() == []


def test_published_rows_are_marked(page):
    page.open("#/published")
    assert any("published, not verified" in text for text in page.texts("#published tbody th"))


VIEWS = ("ranking", "cost", "iterations", "problems", "problem/problem-0", "published", "about")


@pytest.mark.parametrize(("width", "dark"), [(390, False), (820, True), (1600, False)])
def test_every_view_fits_the_window(page, width, dark):
    page.resize(width, dark=dark)
    folder = os.environ.get("HEURIGYM_SCREENSHOTS")
    for view in VIEWS:
        page.open(f"#/{view}")
        assert page.run("return document.documentElement.scrollWidth") <= width, view
        if folder is not None:
            page.browser.save_screenshot(str(Path(folder) / f"{view.replace('/', '-')}-{width}.png"))
    page.click("#trajectories tbody a, .heatmap tbody td a, a[href='#/problems']")
    paper = page.run("return getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(20, 23, 28)" if dark else "rgb(255, 255, 255)")


def test_the_theme_can_be_chosen(page):
    page.open()
    page.click("#theme")
    assert page.run("return getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 28)"
    page.click("#theme")
    assert page.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_controls_have_names_and_tables_have_headings(page):
    for view in VIEWS:
        page.open(f"#/{view}")
        nameless = page.run(
            "return [...document.querySelectorAll('button, select, input, a, summary')].filter((each) =>"
            " !(each.textContent.trim() || each.getAttribute('aria-label') || each.closest('label')))"
            ".map((each) => each.outerHTML)"
        )
        assert nameless == []
        bare = page.run("return [...document.querySelectorAll('main th')].filter((each) => !each.scope).length")
        assert bare == 0
        assert len(page.find("h1")) == 1


def luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_its_paper(theme):
    """At least 4.5 to 1, WCAG 2.2 success criterion 1.4.3."""
    css = (data_folder("leaderboard") / "static/board.css").read_text()
    blocks = re.findall(rf"color-scheme: {theme};(.*?)}}", css, flags=re.DOTALL)
    assert blocks
    for block in blocks:
        colours = {name: f"#{value[1] * 2}{value[2] * 2}{value[3] * 2}" if len(value) == 4 else value
                   for name, value in re.findall(r"--([\w-]+): (#\w+);", block)}  # fmt: skip
        for text, papers in {
            "ink": ("paper", "sheet", "warn-paper", "added", "removed"),
            "quiet": ("paper", "sheet", "warn-paper"),
            "accent": ("paper", "sheet"),
            "bad": ("paper", "sheet"),
            "good": ("paper", "sheet"),
            "front": ("paper",),
            "paper": ("accent",),
        }.items():
            for paper in papers:
                light, dark = sorted((luminance(colours[text]), luminance(colours[paper])), reverse=True)
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, paper)


def test_numbers_stand_out_from_their_shade(page):
    page.open("#/problem/problem-0")
    shades = page.run(
        "return [...document.querySelectorAll('td.shaded')].map((each) => getComputedStyle(each))"
        ".map((style) => [style.backgroundColor, style.color])"
    )
    assert len({paper for paper, _ in shades}) > 3
    for pair in shades:
        dark, light = sorted(luminance(as_hex(colour)) for colour in pair)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, pair


def as_hex(colour: str) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour)[:3])


def test_without_scripts_the_ranking_is_still_there(site):
    html = (site / "index.html").read_text()
    assert "<noscript>" in html
    assert HOSTILE not in html
    assert html.count("&lt;img src=x onerror=") >= 1
    assert "lab/alpha" in html
