"""``heurigym judge``, ``verify`` and ``baseline``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heurigym.errors import InputError

if TYPE_CHECKING:
    from heurigym.problems.expert_values import Solved
    from heurigym.problems.instances import Instance

ProblemName = Annotated[str, typer.Argument(metavar="PROBLEM", help="Name of a problem, or a path to its folder.")]
JsonFile = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Also write the result as JSON; - is standard output.")
]
Instances = Annotated[
    Path | None,
    typer.Option("--instances", metavar="DIR", help="Instances of your own; a baselines.json there is used."),
]
SandboxName = Annotated[str, typer.Option("--sandbox", help="auto, bubblewrap, docker or none.")]


def judge(
    problem: ProblemName,
    program: Annotated[Path, typer.Argument(metavar="PROGRAM.py", help="The program; it defines solve.")],
    split: Annotated[str | None, typer.Option(help="demo or eval; eval unless given.")] = None,
    instances: Instances = None,
    sandbox: SandboxName = "auto",
    json: JsonFile = None,
    cold: Annotated[bool, typer.Option("--cold", help="Start a fresh interpreter for every execution.")] = False,
) -> None:
    """Run a program on instances in a sandbox, verify what it wrote, and score it.

    Example: heurigym judge operator_scheduling my_program.py --split demo
    """
    from heurigym.cli.output import check_writable, print_judging, progress, warn_unofficial, write_json
    from heurigym.execution.backends import open_sandbox
    from heurigym.execution.judging import Judge
    from heurigym.problems.expert_values import stored_values
    from heurigym.problems.instances import find_instances
    from heurigym.problems.problem import find_problem
    from heurigym.problems.program import read_program

    if split is not None and instances is not None:
        raise InputError("--split and --instances: give only one of them")
    if split not in (None, "demo", "eval"):
        raise InputError(f"--split: must be demo or eval, not {split!r}")
    found = find_problem(problem)
    source = read_program(program)
    check_writable(json)
    if instances is not None:
        chosen, experts, label = (
            find_instances(instances, found.spec.entry),
            stored_values(instances),
            instances.name,
        )
    else:
        label = split or "eval"
        chosen, experts = found.instances("demo" if label == "demo" else "eval"), dict(found.baselines)
    for instance in chosen:
        instance.read()
    with Judge(open_sandbox(sandbox, warm=not cold)) as the_judge, progress(len(chosen)) as advance:
        if not the_judge.sandbox.describe().official:
            warn_unofficial()
        judging = the_judge.judge(
            found, source, chosen, split=label, baselines=experts, on_run=lambda run: advance()
        )
    if json is not None:
        write_json(json, judging.model_dump(mode="json"))
    if json is None or str(json) != "-":
        print_judging(judging)
    if judging.summary.unscored:
        raise typer.Exit(1)


def verify(
    problem: ProblemName,
    files: Annotated[
        list[Path], typer.Argument(metavar="INSTANCE... SOLUTION", help="Instance files, then solution.")
    ],
    json: JsonFile = None,
) -> None:
    """Verify one solution; exit 0 when it is feasible, else 1.

    Example: heurigym verify operator_scheduling instance.json solution.txt
    """
    from heurigym.cli.output import check_writable, number, write_json
    from heurigym.problems.instances import Instance
    from heurigym.problems.outcome import Outcome
    from heurigym.problems.problem import find_problem
    from heurigym.problems.verification import VerificationFailed, Verifiers

    found = find_problem(problem)
    inputs = found.spec.entry.inputs
    if len(files) != len(inputs) + 1:
        wanted = " ".join(file.argument.upper() for file in inputs)
        raise InputError(f"verify {found.name} takes {wanted} SOLUTION, not {len(files)} files")
    *instance_files, solution = files
    for file in instance_files:
        if not file.is_file():
            raise InputError(f"{file}: no such instance file")
    if not solution.exists() and not solution.is_symlink():
        raise InputError(f"{solution}: no such solution file")
    check_writable(json)
    instance = Instance(instance_files[0].name, tuple(instance_files))
    with Verifiers() as verifiers:
        try:
            verdict = verifiers.verify_file(found, instance, solution)
        except VerificationFailed as failure:
            raise InputError(f"{failure}; is {instance_files[0]} an instance of {found.name}?") from None
    feasible = verdict.outcome is Outcome.FEASIBLE
    if json is not None:
        content = {
            "feasible": feasible,
            "outcome": verdict.outcome.value,
            "objective": verdict.number,
            "message": verdict.message,
        }
        write_json(json, content)
    if json is None or str(json) != "-":
        print(
            f"feasible, {found.spec.objective.name} {number(verdict.number)}"
            if feasible
            else f"{verdict.outcome.value}: {verdict.message}"
        )
    raise typer.Exit(0 if feasible else 1)


def baseline(
    problem: ProblemName,
    instances: Instances = None,
    json: JsonFile = None,
    time: Annotated[float, typer.Option(min=0.1, help="Seconds for each instance.")] = 60.0,
    seed: Annotated[int, typer.Option(help="Seed of the solver.")] = 0,
    write: Annotated[
        bool,
        typer.Option("--write", help="Keep the better of stored and new in baselines.json, after each instance."),
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="One of the instances; repeat it for several."),
    ] = None,
) -> None:
    """Run a problem's expert solver on instances, verify its solutions, and print them beside the stored values.

    Example: heurigym baseline operator_scheduling --time 20 --json baselines.json
    """
    from heurigym.cli.output import check_writable, number, print_table, progress, write_json
    from heurigym.problems.expert import solve_all
    from heurigym.problems.expert_values import keep_better, stored_values
    from heurigym.problems.instances import find_instances
    from heurigym.problems.problem import find_problem

    found = find_problem(problem)
    check_writable(json)
    if instances is not None:
        chosen, stored = find_instances(instances, found.spec.entry), stored_values(instances)
    else:
        chosen, stored = found.instances("demo") + found.instances("eval"), dict(found.baselines)
    if only is not None:
        chosen = _named(chosen, only)
    folder = instances or found.folder
    with progress(len(chosen)) as advance:

        def keep(name: str, result: "Solved") -> None:
            if write:
                keep_better(folder, found, {name: result})
            advance()

        solved = solve_all(found, chosen, time, seed, on_solved=keep)
    records = {name: result.record for name, result in solved.items()}
    if json is not None:
        content = {name: record.model_dump(mode="json") for name, record in records.items()}
        write_json(json, {"schema_version": 1, "instances": content})
    if json is None or str(json) != "-":
        rows = [
            (
                name,
                number(record.objective),
                number(record.bound),
                "optimal" if record.optimal else "",
                number(stored[name].objective if name in stored else None),
                f"{record.time_s:.1f}",
                f"{record.solver} {record.version}",
            )
            for name, record in records.items()
        ]
        columns = ("instance", "objective", "bound", "", "stored", "time s", "solver")
        print_table(columns, rows, frozenset({"objective", "bound", "stored", "time s"}))


def _named(instances: Sequence["Instance"], names: Sequence[str]) -> tuple["Instance", ...]:
    unknown = sorted(set(names) - {instance.name for instance in instances})
    if unknown:
        known = ", ".join(instance.name for instance in instances)
        raise InputError(f"--only: there is no instance {unknown[0]!r}; there are: {known}")
    return tuple(instance for instance in instances if instance.name in names)
