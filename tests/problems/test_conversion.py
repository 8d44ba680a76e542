"""``heurigym data import``: public formats become instances that the problems' verifiers read."""

import json
from pathlib import Path

import pytest

pytest.importorskip("numba", reason="converters need heurigym[experts]")

from heurigym.errors import InputError
from heurigym.problems.conversion import convert_files
from heurigym.problems.outcome import Outcome
from heurigym.problems.problem import Problem, find_problem
from heurigym.problems.scaffolding import scaffold
from heurigym.problems.verification import Verifiers

ADDER = """.model adder
.inputs a b c
.outputs sum carry
.names a b x
01 1
10 1
.names x c sum
01 1
10 1
.names a b c carry
11- 1
1-1 1
-11 1
.end
"""
GRAPH = {
    "name": "tiny",
    "delay": {"mul": 3},
    "resource": {"mul": 1},
    "nodes": [["a", "mul"], ["b", "add"], ["c", "sub"]],
    "edges": [["a", "b", "x"], ["b", "c", "y"]],
}
LOOP = """<?xml version="1.0"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph>
<node id="1"><data key="name">a</data><data key="uses_resource">mem_read</data></node>
<node id="2"><data key="name">b</data><data key="uses_resource">plus_expr_FU_16_16_16</data></node>
<edge id="e" source="1" target="2"><data key="delay">1</data><data key="distance">0</data>
<data key="deptype">Data</data></edge></graph></graphml>
"""
MODEL = """<ResourceModel><Resource name="mem_read" limit="2" latency="2" blockingTime="1"/>
<Resource name="plus_expr_FU_16_16_16" limit="-1" latency="0" blockingTime="0"/></ResourceModel>
"""
HAWQ = {
    "name": "net",
    "bits": [4, 8],
    "average_hessian_trace": [2.0, 1.0],
    "parameters": [10, 20],
    "macs": [100, 200],
    "weight_perturbation": {"4": [0.5, 0.5], "8": [0.1, 0.1]},
    "latency_ms": {"4": [0.1, 0.2], "8": [0.2, 0.4]},
    "equal_bits_groups": [],
}


def write(folder: Path, **files: object) -> Path:
    folder.mkdir()
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / name.replace("__", ".")).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("name", "files", "solution", "objective"),
    [
        ("memory_scheduling", {"adder__blif": ADDER}, None, None),
        ("fpga_mapping", {"adder__blif": ADDER}, None, None),
        ("technology_mapping_depth", {"adder__blif": ADDER}, None, None),
        ("resource_scheduling", {"tiny__json": GRAPH}, "a:0\nb:2\nc:3\n", 2),
        ("pipelined_scheduling", {"loop__graphml": LOOP, "loop_RM__xml": MODEL}, "interval:1\n1:0\n2:3\n", 64),
        ("mixed_precision", {"net__json": HAWQ}, None, None),
    ],
)
def test_public_files_become_instances_that_the_verifier_reads(
    name: str, files: dict[str, object], solution: str | None, objective: int | None, tmp_path: Path
) -> None:
    problem = find_problem(name)
    done = convert_files(problem, write(tmp_path / "public", **files), tmp_path / "out")
    assert not done.failures
    assert len(done.instances) == (3 if name == "mixed_precision" else 1)
    with Verifiers() as verifiers:
        for instance in done.instances:
            verdict = verifiers.verify(problem, instance, (solution or "nonsense").encode())
            if solution is None:
                assert verdict.outcome is Outcome.MALFORMED
            else:
                assert (verdict.outcome, verdict.objective) == (Outcome.FEASIBLE, objective), verdict.message


def test_what_cannot_be_converted_is_told_by_file_and_the_rest_comes(tmp_path: Path) -> None:
    public = write(tmp_path / "public", adder__blif=ADDER, broken__blif=".latch a b\n", notes__txt="hello")
    done = convert_files(find_problem("fpga_mapping"), public, tmp_path / "out")
    assert [instance.name for instance in done.instances] == ["adder"]
    assert [file.name for file in done.failures] == ["broken.blif"]
    assert [file.name for file in done.skipped] == ["notes.txt"]


def test_expert_values_beside_public_files_are_no_failure(tmp_path: Path) -> None:
    public = write(tmp_path / "public", tiny__json=GRAPH, baselines__json={"schema_version": 1, "instances": {}})
    done = convert_files(find_problem("resource_scheduling"), public, tmp_path / "out")
    assert [instance.name for instance in done.instances] == ["tiny"]
    assert not done.failures


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"notes__txt": "hello"}, "has nothing that the converter of resource_scheduling reads"),
        ({"a__json": "[1", "b__json": "{}"}, r"and 1 more files failed"),
        ({}, "has no file"),
    ],
)
def test_where_nothing_comes_out_one_line_says_why(files: dict[str, object], words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        convert_files(find_problem("resource_scheduling"), write(tmp_path / "public", **files), tmp_path / "out")


def test_a_problem_that_reads_public_files_as_they_are_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"heurigym judge egraph_extraction PROGRAM.py --instances"):
        convert_files(find_problem("egraph_extraction"), tmp_path, tmp_path / "out")


def own_problem(tmp_path: Path, converter: str) -> Problem:
    folder = scaffold("numbers_below", tmp_path / "own")
    (folder / "convert.py").write_text(converter)
    return find_problem(str(folder))


@pytest.mark.parametrize(
    ("converter", "words"),
    [
        ("import absent_package", "No module named 'absent_package'"),
        ("EXTENSIONS = ('.txt',)\ndef convert(source, folder): raise SystemExit('enough')", "enough"),
        ("def convert(source, folder): pass", "EXTENSIONS"),
    ],
)
def test_a_broken_converter_is_told_from_a_broken_file(converter: str, words: str, tmp_path: Path) -> None:
    problem = own_problem(tmp_path, converter)
    with pytest.raises(InputError, match=rf"the converter of numbers_below failed: .*{words}"):
        convert_files(problem, write(tmp_path / "public", a__txt="1"), tmp_path / "out")


def test_what_a_converter_prints_is_no_answer(tmp_path: Path) -> None:
    text = "EXTENSIONS = ('.json',)\ndef convert(source, folder):\n    print('hello')\n"
    problem = own_problem(tmp_path, text + "    (folder / source.name).write_text(source.read_text())\n")
    done = convert_files(problem, write(tmp_path / "public", a__json="{}"), tmp_path / "out")
    assert [instance.name for instance in done.instances] == ["a"]


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    out = write(tmp_path / "out", kept__json="{}")
    with pytest.raises(InputError, match="is not empty; name a new folder with --out"):
        convert_files(find_problem("fpga_mapping"), write(tmp_path / "public", adder__blif=ADDER), out)
