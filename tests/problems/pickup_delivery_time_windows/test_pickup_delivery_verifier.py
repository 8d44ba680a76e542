"""The verifier against an independent reference, hostile bytes, and the cases that the folder declares."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pickup_delivery_support import NO_PUBLIC, PROBLEM, PUBLIC, stored_solution, unpacked, verify

from heurigym.problems import Outcome
from heurigym.problems.spec import CaseFile, parse_yaml

CASES = parse_yaml(PROBLEM.folder / "cases" / "cases.yaml", CaseFile).cases
EXAMPLE = PROBLEM.folder / "cases" / "three_requests.pdptw"
LARGEST = "eval23_400"


@dataclass
class Drawn:
    """An instance whose pickups are 2, 4, ... and whose deliveries are 3, 5, ...; rows are (q, e, l, service)."""

    places: list[tuple[int, int]]
    rows: list[tuple[int, int, int, int]]
    vehicles: int
    capacity: int

    @property
    def text(self) -> str:
        lines = ["NAME : drawn", "TYPE : PDPTW", f"DIMENSION : {len(self.places)}", f"VEHICLES : {self.vehicles}"]
        lines += [f"CAPACITY : {self.capacity}", "EDGE_WEIGHT_TYPE : EXACT_2D", "NODE_COORD_SECTION"]
        lines += [f"{node} {x} {y}" for node, (x, y) in enumerate(self.places, 1)]
        lines += ["PICKUP_AND_DELIVERY_SECTION"]
        for node, (demand, early, late, service) in enumerate(self.rows, 1):
            pair = (0, 0) if node == 1 else (0, node + 1) if node % 2 == 0 else (node - 1, 0)
            lines.append(f"{node} {demand} {early} {late} {service} {pair[0]} {pair[1]}")
        return "\n".join([*lines, "DEPOT_SECTION", "1", "-1", "EOF", ""])


@st.composite
def instances(draw: st.DrawFn) -> Drawn:
    count = draw(st.integers(1, 3))
    coordinate = st.integers(-6, 6)
    places = draw(st.lists(st.tuples(coordinate, coordinate), min_size=2 * count + 1, max_size=2 * count + 1))
    horizon = draw(st.sampled_from((15, 40, 100)))
    rows = [(0, draw(st.sampled_from((0, 0, 5))), horizon, 0)]
    for _ in range(count):
        load = draw(st.integers(1, 3))
        for demand in (load, -load):
            early = draw(st.sampled_from((0, 0, 5, 10)))
            rows.append((demand, early, early + draw(st.sampled_from((3, 20, 90))), draw(st.integers(0, 3))))
    return Drawn(places, rows, draw(st.integers(1, 3)), draw(st.integers(2, 6)))


@st.composite
def routes_for(draw: st.DrawFn, count: int) -> list[list[int]]:
    routes: list[list[int]] = [[] for _ in range(draw(st.integers(1, 3)))]
    for request in range(count):
        stops = draw(st.sampled_from(routes))
        pickup = draw(st.integers(0, len(stops)))
        stops.insert(pickup, 2 * request + 2)
        stops.insert(draw(st.integers(pickup + 1, len(stops))), 2 * request + 3)
    spoil = draw(st.sampled_from(("nothing", "nothing", "nothing", "drop", "double", "swap", "move")))
    stops = draw(st.sampled_from([stops for stops in routes if stops]))
    place = draw(st.integers(0, len(stops) - 1))
    if spoil == "drop":
        del stops[place]
    elif spoil == "double":
        draw(st.sampled_from(routes)).append(stops[place])
    elif spoil == "swap":
        stops[place], stops[-1] = stops[-1], stops[place]
    elif spoil == "move":
        draw(st.sampled_from(routes)).append(stops.pop(place))
    return routes


def slow_length(instance: Drawn, tail: int, head: int) -> Decimal:
    (x, y), (other_x, other_y) = instance.places[tail - 1], instance.places[head - 1]
    root = Decimal((x - other_x) ** 2 + (y - other_y) ** 2).sqrt()
    return root.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)


def slow_verdict(instance: Drawn, routes: list[list[int]]) -> tuple[Outcome, Fraction | None]:
    """The rules of the statement, one vehicle after the other."""
    wrong = (Outcome.INFEASIBLE, None)
    if sorted(stop for stops in routes for stop in stops) != list(range(2, len(instance.places) + 1)):
        return wrong
    if sum(bool(stops) for stops in routes) > instance.vehicles:
        return wrong
    total = Decimal(0)
    for stops in routes:
        onboard: set[int] = set()
        clock, place = Decimal(instance.rows[0][1]), 1
        for stop in [*stops, 1] if stops else []:
            arc = slow_length(instance, place, stop)
            clock, total, place = clock + arc, total + arc, stop
            _, early, late, service = instance.rows[stop - 1]
            clock = max(clock, Decimal(early))
            if clock > late:
                return wrong
            clock += service
            if stop % 2 == 0:
                onboard.add(stop)
            elif stop > 1:
                if stop - 1 not in onboard:
                    return wrong
                onboard.remove(stop - 1)
            if sum(instance.rows[pickup - 1][0] for pickup in onboard) > instance.capacity:
                return wrong
        if onboard:
            return wrong
    return Outcome.FEASIBLE, Fraction(total)


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_agrees_with_the_rules_checked_one_by_one(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    drawn = data.draw(instances())
    routes = data.draw(routes_for(len(drawn.places) // 2))
    folder = tmp_path_factory.getbasetemp()
    instance, solution = folder / "drawn.pdptw", folder / "drawn.txt"
    instance.write_text(drawn.text)
    solution.write_text("drawn\n" + "".join(" ".join(map(str, (1, *stops, 1))) + "\n" for stops in routes))
    verdict = verify(instance, solution)
    assert (verdict.outcome, verdict.objective) == slow_verdict(drawn, routes)


HOSTILE = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(
        st.sampled_from(["1", "2", "3", "4", "5", "6", "7", "8", "\n", "\n1", " ", "-", "+", "\0", "1 1\n"])
    ).map(lambda parts: " ".join(parts).encode()),
)


@given(content=HOSTILE)
@settings(max_examples=200, deadline=None)
def test_answers_any_bytes(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    solution = tmp_path_factory.getbasetemp() / "hostile.txt"
    solution.write_bytes(content)
    verdict = verify(EXAMPLE, solution)
    assert verdict.outcome in (Outcome.MALFORMED, Outcome.INFEASIBLE, Outcome.FEASIBLE)
    assert (verdict.objective is not None) == (verdict.outcome is Outcome.FEASIBLE)
    assert len(verdict.message) <= 2000


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.solution)
def test_gives_each_case_its_declared_verdict(case: Any) -> None:
    verdict = verify(PROBLEM.folder / f"{case.instance}.pdptw", PROBLEM.folder / "cases" / case.solution)
    assert verdict.outcome is case.outcome
    assert case.objective is None or verdict.number == case.objective
    assert (case.message or "") in verdict.message


def test_every_solution_in_the_cases_folder_is_declared() -> None:
    assert {path.name for path in (PROBLEM.folder / "cases").glob("*.txt")} == {case.solution for case in CASES}


def test_the_statement_shows_a_solution_and_its_times(tmp_path: Path) -> None:
    blocks = dict(re.findall(r"```\w+ (example:\w+)\n(.*?)```", PROBLEM.statement, re.DOTALL))
    (tmp_path / "input.pdptw").write_text(blocks["example:input"])
    (tmp_path / "solution.txt").write_text(blocks["example:solution"])
    verdict = verify(tmp_path / "input.pdptw", tmp_path / "solution.txt")
    assert verdict.objective == Fraction(PROBLEM.spec.example.objective)
    assert blocks["example:input"] == EXAMPLE.read_text()
    rows = re.findall(r"^\| (\d|depot) \| ([\d.]+) \| *([\d.]*) *\| *([\d.]*) *\|", PROBLEM.statement, re.MULTILINE)
    assert [row[0] for row in rows] == ["2", "3", "4", "5", "depot", "6", "7", "depot"]
    places = {
        int(node): (int(x), int(y)) for node, x, y in re.findall(r"^(\d) (\d+) (\d+)$", EXAMPLE.read_text(), re.M)
    }
    drawn = Drawn([places[node] for node in sorted(places)], [], 0, 0)
    leave, before = Decimal(0), 1
    for name, arrives, begins, leaves in rows:
        node = 1 if name == "depot" else int(name)
        assert leave + slow_length(drawn, before, node) == Decimal(arrives)
        leave, before = (Decimal(0), 1) if node == 1 else (Decimal(leaves), node)
        assert node == 1 or Decimal(begins) + 5 == leave


def test_a_solution_of_many_lines_is_answered_at_once(tmp_path: Path) -> None:
    (tmp_path / "many.txt").write_text("name\n" + "1 2 4 1\n" * 100_000 + "1 1\n" * 100_000 + "\n" * 100_000)
    verdict = verify(EXAMPLE, tmp_path / "many.txt")
    assert verdict.outcome is Outcome.INFEASIBLE
    assert len(verdict.message) <= 2000


def test_windows_and_lengths_of_any_size_take_no_longer(tmp_path: Path) -> None:
    far = EXAMPLE.read_text().replace("1 0 0 100 0", f"1 0 0 {10**17} 0").replace("7 26 23", f"7 26 {10**15}")
    (tmp_path / "far.pdptw").write_text(far.replace("7 -5 20 40", f"7 -5 20 {10**17}"))
    (tmp_path / "far.txt").write_text("far\n1 2 3 4 5 1\n1 6 7 1\n")
    objective = verify(tmp_path / "far.pdptw", tmp_path / "far.txt").objective
    assert objective is not None
    assert 2 * 10**15 - 100 < objective < 2 * 10**15 + 100


def test_an_expert_solution_with_its_routes_in_one_line_is_refused(tmp_path: Path) -> None:
    name, *lines = stored_solution(LARGEST, tmp_path).read_text().splitlines()
    (tmp_path / "one.txt").write_text(f"{name}\n{' '.join(lines)}\n")
    assert verify(unpacked(LARGEST, tmp_path), tmp_path / "one.txt").outcome is Outcome.MALFORMED


def test_a_path_through_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(PROBLEM.folder / "cases" / "worked_example.txt")
    assert verify(EXAMPLE, tmp_path / "link.txt").outcome is Outcome.MALFORMED


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("TYPE : PDPTW", "TYPE : CVRP", "TYPE: must be PDPTW"),
        ("EXACT_2D", "EUC_2D", "EDGE_WEIGHT_TYPE: must be EXACT_2D"),
        ("DIMENSION : 7", "DIMENSION : 8", "NODE_COORD_SECTION: has 7 lines and not DIMENSION = 8"),
        ("VEHICLES : 3", "VEHICLES : 0", "VEHICLES: must be an integer of at least 1"),
        ("CAPACITY : 10", "CAPACITY : 10.5", "CAPACITY: must be an integer"),
        ("CAPACITY : 10", "CAPACITY : 10\nCAPACITY : 11", "CAPACITY: is there twice"),
        ("CAPACITY : 10", "more", "line 5: is neither"),
        ("2 15 16", "2 15.5 16", "line 9: NODE_COORD_SECTION: must have 3 integers"),
        ("2 15 16", "3 15 16", "NODE_COORD_SECTION: a node is there twice"),
        ("2 15 16", "9 15 16", "nodes without coordinates: 2"),
        ("2 6 10 30 5 0 4", "2 6 10 30 5 0", "PICKUP_AND_DELIVERY_SECTION: must have 7 integers"),
        ("2 6 10 30 5 0 4", "2 6 31 30 5 0 4", "node 2: times must be"),
        ("2 6 10 30 5 0 4", "2 6 10 30 -5 0 4", "node 2: times must be"),
        ("2 6 10 30 5 0 4", "2 6 10 30 5 0 5", "node 2: is a pickup"),
        ("2 6 10 30 5 0 4", "2 7 10 30 5 0 4", "node 2: is a pickup"),
        ("2 6 10 30 5 0 4", "2 0 10 30 5 0 4", "node 2: is a delivery"),
        ("4 -6 30 60 5 2 0", "4 -6 30 60 5 3 0", "node 2: is a pickup"),
        ("1 0 0 100 0 0 0", "1 1 0 100 0 0 0", "node 1: is the depot"),
        ("DEPOT_SECTION\n1\n-1", "DEPOT_SECTION\n1", "DEPOT_SECTION: must be the number of one node and then -1"),
        ("DEPOT_SECTION\n1\n-1", "", "DEPOT_SECTION: is missing"),
    ],
)
def test_a_corrupt_instance_is_not_blamed_on_the_solution(old: str, new: str, words: str, tmp_path: Path) -> None:
    text = EXAMPLE.read_text()
    assert old in text
    (tmp_path / "corrupt.pdptw").write_text(text.replace(old, new))
    with pytest.raises(ValueError, match=re.escape(words)) as raised:
        verify(tmp_path / "corrupt.pdptw", PROBLEM.folder / "cases" / "worked_example.txt")
    assert str(raised.value).startswith(str(tmp_path / "corrupt.pdptw"))
    assert "\n" not in str(raised.value)


def test_public_instances_are_read_as_they_are(tmp_path: Path) -> None:
    files = sorted(PUBLIC.glob("*.pdptw"))
    if not files:
        pytest.skip(NO_PUBLIC)
    for file in files:
        text = file.read_text()
        pairs = re.findall(r"^(\d+) \d+ \d+ \d+ \d+ 0 ([1-9]\d*)$", text, re.MULTILINE)
        places = {node: (int(x), int(y)) for node, x, y in re.findall(r"^(\d+) (\d+) (\d+)$", text, re.MULTILINE)}
        enough = tmp_path / file.name
        enough.write_text(re.sub(r"VEHICLES : \d+", f"VEHICLES : {len(pairs)}", text))
        (tmp_path / "each.txt").write_text("each\n" + "".join(f"1 {one} {two} 1\n" for one, two in pairs))
        expected = 0.0
        for one, two in pairs:
            for (x, y), (other_x, other_y) in (
                (places["1"], places[one]),
                (places[one], places[two]),
                (places[two], places["1"]),
            ):
                expected += round(((x - other_x) ** 2 + (y - other_y) ** 2) ** 0.5, 2)
        assert verify(enough, tmp_path / "each.txt").number == pytest.approx(expected, abs=1e-6)
        assert "routes are more than the" in verify(file, tmp_path / "each.txt").message
