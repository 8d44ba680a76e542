"""``heurigym problems``: list, show, validate, new, generate."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from heurigym.problems.validation import Check

app = typer.Typer(help="The problems: list, show, validate, new, generate.", invoke_without_command=True)


@app.callback()
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_problems()


@app.command("list")
def list_problems() -> None:
    """List all problems.

    Example: heurigym problems list
    """
    from heurigym.problems.catalogue import catalogue

    entries = catalogue()
    width = max((len(entry.name) for entry in entries), default=0)
    for entry in entries:
        print(f"{entry.name:<{width}}  {entry.demo:>3} demo {entry.eval:>3} eval  {entry.summary}")


@app.command()
def show(name: Annotated[str, typer.Argument(help="Name of a problem, or a path to its folder.")]) -> None:
    """Show a problem: what it asks, its limits, its instances with expert values, and its statement.

    Example: heurigym problems show operator_scheduling
    """
    from heurigym.cli.output import number, print_table
    from heurigym.problems.instances import SPLITS
    from heurigym.problems.problem import find_problem

    problem = find_problem(name)
    spec = problem.spec
    limits = spec.limits
    print(f"{spec.title} ({spec.name})\n{spec.summary}\n")
    print(f"domain      {spec.domain}, {spec.difficulty}")
    unit = f" ({spec.objective.unit})" if spec.objective.unit else ""
    print(f"objective   {spec.objective.direction} {spec.objective.name}{unit}")
    print(f"program     {spec.entry.signature}")
    print(f"limits      {limits.time_s:g} s, {limits.memory_mb} MiB, {limits.cores} core(s)")
    print(f"expert      {spec.baseline.solver}")
    print(f"folder      {problem.folder}\ndigest      {problem.digest}\n")
    rows = []
    for split in SPLITS:
        for instance in problem.instances(split):
            record = problem.baselines.get(instance.name)
            size = sum(file.stat().st_size for file in instance.files)
            rows.append(
                (
                    split,
                    instance.name,
                    f"{size / 1024:.1f}",
                    number(record.objective if record is not None else None),
                    number(record.bound if record is not None else None),
                    f"{record.solver} {record.version}" if record is not None else "",
                )
            )
    right = frozenset({"KiB", "expert", "bound"})
    print_table(("split", "instance", "KiB", "expert", "bound", "found by"), rows, right)
    print(f"\n{problem.statement}")


@app.command()
def validate(
    name: Annotated[str | None, typer.Argument(help="Name or path; all problems unless given.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say only what is wrong.")] = False,
) -> None:
    """Check everything that a problem promises: files, example, cases, expert values, hostile solutions.

    Example: heurigym problems validate operator_scheduling
    """
    from heurigym.problems.folders import problem_folders
    from heurigym.problems.problem import find_problem
    from heurigym.problems.validation import validate as check_folder

    folders = [_folder(name)] if name is not None else list(problem_folders())
    failed = False
    for folder in folders:
        if name is not None and not (folder / "problem.yaml").exists():
            find_problem(str(name))
        passed, wrong = 0, 0
        for check in check_folder(folder):
            passed, wrong = passed + check.passed, wrong + (not check.passed)
            _print_check(check, quiet)
        print(f"{folder.name}: {passed} checks passed, {wrong} failed")
        failed = failed or wrong > 0
    if failed:
        raise typer.Exit(1)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the new problem: lower case, digits, underscores.")],
    out: Annotated[Path, typer.Option("--in", metavar="DIR", help="Folder to make it in.")] = Path(),
) -> None:
    """Make a folder for a new problem: a small working one, with a TODO at each place to change.

    Example: heurigym problems new bin_packing
    """
    from heurigym.problems.scaffolding import scaffold

    folder = scaffold(name, out)
    print(f"made {folder}; fill in what says TODO, then run: heurigym problems validate {folder}")


@app.command()
def generate(
    name: Annotated[str, typer.Argument(help="Name of a problem, or a path to its folder.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the instances; new or empty.")],
    seed: Annotated[int, typer.Option(help="Seed.")] = 0,
    count: Annotated[int, typer.Option(min=1, help="Number of instances.")] = 10,
) -> None:
    """Generate fresh instances of a problem's families.

    Example: heurigym problems generate operator_scheduling --seed 1 --count 10 --out fresh
    """
    from heurigym.problems.generation import generate_instances
    from heurigym.problems.problem import find_problem

    instances = generate_instances(find_problem(name), seed, count, out)
    print(f"wrote {len(instances)} instances to {out}")


def _folder(name: str) -> Path:
    from heurigym.problems.folders import problem_folders
    from heurigym.problems.problem import find_problem, is_path

    if is_path(name):
        return Path(name)
    return next((folder for folder in problem_folders() if folder.name == name), None) or find_problem(name).folder


def _print_check(check: "Check", quiet: bool) -> None:
    if not check.passed:
        print(f"  FAILED {check.what}: {check.problem}")
    elif not quiet:
        print(f"  ok     {check.what}")
