"""HatScheT's format: public graphs give the known figures and can be scheduled, and bad files are named."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba", reason="the expert needs heurigym[experts]")

from heurigym.experts.scheduling.modulo.bounds import recurrence_interval, resource_interval
from heurigym.experts.scheduling.modulo.hatschet import convert, value_width
from heurigym.experts.scheduling.modulo.iterative import schedule_loop
from heurigym.experts.scheduling.modulo.loop import loop_from_json, objective, solution_text
from heurigym.problems.instances import Instance
from heurigym.problems.problem import load_problem
from heurigym.problems.verification import Verifiers

ROOT = Path(__file__).resolve().parents[3]
PUBLIC = Path(os.environ.get("HEURIGYM_DATA") or ROOT.parent / "shared" / "data") / "modulo_scheduling"
FIGURES = {
    "ChStone_adpcm_graph5": (58, 1, 2),
    "ChStone_aes_graph20": (31, 1, 2),
    "ChStone_gsm_graph11": (44, 1, 2),
    "ChStone_jpeg_graph103": (51, 1, 2),
    "ChStone_jpeg_graph17": (942, 28, 104),
    "ChStone_jpeg_graph32": (52, 1, 4),
    "ChStone_jpeg_graph49": (33, 1, 2),
    "ChStone_jpeg_graph65": (33, 1, 2),
    "ChStone_jpeg_graph81": (28, 2, 2),
    "ChStone_jpeg_graph98": (98, 4, 8),
    "ChStone_motion_graph22": (79, 4, 5),
    "ChStone_motion_graph38": (32, 1, 2),
    "ChStone_motion_graph7": (49, 2, 4),
    "ChStone_sha_graph22": (88, 1, 3),
    "MachSuite_aes2_graph16": (29, 1, 2),
    "MachSuite_gemm_blocked_graph5": (36, 1, 32),
}
"""Operations, ResMII and RecMII of the 200 MHz graphs; those of jpeg/graph17 are known from elsewhere too."""
TIMED = {
    "fp_mult_expr_FU_64_64_64_700": (13, 1, 4),
    "fp_plus_expr_FU_64_64_64_500": (16, 1, 4),
    "mem_read": (2, 1, 2),
    "mem_write": (1, 1, 1),
    "mult_expr_FU_32_32_32_1": (2, 1, -1),
    "mult_expr_FU_64_64_64_4": (5, 1, -1),
    "special_1_cycle": (1, 1, -1),
    "special_loop": (1, 1, 1),
}
"""Latency, blocking time and limit in the published resource models; all other resources are (0, 0, -1) there."""

GRAPH = """<?xml version="1.0"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph>
<node id="1"><data key="name">a</data><data key="uses_resource">mem_read</data></node>
<node id="2"><data key="name">b</data><data key="uses_resource">plus_expr_FU_16_16_16</data></node>
<edge id="e" source="1" target="2"><data key="delay">1</data><data key="distance">0</data>
<data key="deptype">Data</data></edge>
<edge id="f" source="2" target="1"><data key="delay">0</data><data key="distance">1</data>
<data key="deptype">Precedence</data></edge>
</graph></graphml>"""


def resource_model(names: set[str]) -> str:
    rows = []
    for name in sorted(names):
        latency, blocking, limit = TIMED.get(name, (0, 0, -1))
        rows.append(f'<Resource blockingTime="{blocking}" latency="{latency}" limit="{limit}" name="{name}"/>')
    return f'<ModelInformation Version="1.0"><Resources>{"".join(rows)}</Resources></ModelInformation>'


def files(folder: Path, graph: str = GRAPH, model: str | None = None) -> tuple[Path, Path]:
    (folder / "graph.graphml").write_text(graph)
    (folder / "model.xml").write_text(model or resource_model({"mem_read", "plus_expr_FU_16_16_16"}))
    return folder / "graph.graphml", folder / "model.xml"


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_public_graphs_have_the_known_least_intervals_and_can_be_scheduled(name: str, tmp_path: Path) -> None:
    graph = PUBLIC / f"{name}.200MHz.graphml"
    if not graph.is_file():
        pytest.skip(f"no public instances in {PUBLIC.parent}: set HEURIGYM_DATA to the folder that has them")
    used = set(graph.read_text().split('uses_resource">')[1:])
    model = tmp_path / "model.xml"
    model.write_text(resource_model({text.partition("<")[0] for text in used}))
    content = convert(graph, model)
    loop = loop_from_json(content)
    assert (len(loop), resource_interval(loop), recurrence_interval(loop)) == FIGURES[name]
    schedule = schedule_loop(loop)
    assert schedule is not None
    (tmp_path / "loop.json").write_text(json.dumps(content))
    (tmp_path / "solution.txt").write_text(solution_text(loop, schedule))
    with Verifiers() as verifiers:
        verdict = verifiers.verify_file(
            load_problem(ROOT / "problems" / "pipelined_scheduling"),
            Instance("loop", (tmp_path / "loop.json",)),
            tmp_path / "solution.txt",
        )
    assert verdict.objective == objective(loop, schedule)


def test_a_graph_becomes_an_instance(tmp_path: Path) -> None:
    assert convert(*files(tmp_path)) == {
        "name": "graph",
        "interval": {"least": 3, "most": None, "weight": 32 + 16 + 1},
        "resources": {
            "mem_read": {"latency": 2, "blocking": 1, "units": 2},
            "plus_expr_FU_16_16_16": {"latency": 0, "blocking": 0, "units": None},
        },
        "operations": [["1", "mem_read", 32], ["2", "plus_expr_FU_16_16_16", 16]],
        "edges": [["1", "2", 1, 0, "data"], ["2", "1", 0, 1, "order"]],
    }
    given = convert(*files(tmp_path), interval=4)
    assert given["interval"] == {"least": 4, "most": 4, "weight": 0}


def test_widths_are_read_from_the_names_of_units() -> None:
    names = ["plus_expr_FU_64_64_64", "eq_expr_FU_1_1_1", "truth_not_expr_FU_1_1", "MUX_N_to_1_8_8_8_2"]
    assert [value_width(name) for name in names] == [64, 1, 1, 8]
    assert [value_width(name) for name in ("mem_read", "mem_write", "special_virtual")] == [32, 0, 32]


BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><graphml>&b;</graphml>'


@pytest.mark.parametrize(
    ("graph", "model", "message"),
    [
        ("not XML", None, "graph.graphml: is not XML"),
        (BOMB, None, "graph.graphml: has a DOCTYPE"),
        (GRAPH.replace('target="2"', 'target="9"'), None, "1 to 9 is no pair of nodes"),
        (GRAPH.replace('<node id="2">', '<node id="1">'), None, "the id 1 is there twice"),
        (GRAPH.replace(">1</data>", ">one</data>"), None, "delay: is 'one'"),
        (GRAPH.replace('key="deptype"', 'key="other"'), None, "deptype: is missing"),
        (
            GRAPH.replace(">1</data><", ">0</data><").replace('distance">1', 'distance">0'),
            None,
            "distance 0 takes time",
        ),
        (GRAPH, resource_model({"mem_read"}), "model.xml: has no resource plus_expr_FU_16_16_16"),
        (GRAPH, GRAPH, "model.xml: has no element Resource"),
        (GRAPH, resource_model({"mem_read"}).replace('limit="2"', 'limit="0"'), "limit: is 0"),
    ],
)
def test_bad_files_are_named_with_the_fix(graph: str, model: str | None, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"graph\.graphml|model\.xml") as caught:
        convert(*files(tmp_path, graph, model))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_interval_below_the_least_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="below MinII, give one of at least 3"):
        convert(*files(tmp_path), interval=2)


def test_the_command_converts_and_says_what_is_wrong(tmp_path: Path) -> None:
    graph, model = files(tmp_path)
    command = [
        sys.executable,
        "-m",
        "heurigym.experts.scheduling.modulo.hatschet",
        graph,
        model,
        "--out",
        tmp_path / "loop.json",
    ]
    subprocess.run(command, check=True)
    assert json.loads((tmp_path / "loop.json").read_text())["name"] == "graph"
    model.write_text("")
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "model.xml: is not XML" in done.stderr
