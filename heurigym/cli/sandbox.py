"""``heurigym sandbox``: doctor, bench, image."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The sandbox of this host: doctor, bench, image.")


@app.callback(invoke_without_command=True)
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def doctor(
    json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Also write it as JSON.")] = None,
) -> None:
    """Say what isolation this host gives, what is missing and how to fix it; exit 1 when no backend works.

    Canary programs run through each backend: they try the network, memory, processes and the clock.

    Example: heurigym sandbox doctor
    """
    from dataclasses import asdict

    from heurigym.cli.output import check_writable, console, write_json
    from heurigym.execution.doctor import diagnose

    check_writable(json)
    with console(stderr=True).status("examining this host"):
        report = diagnose()
    if json is not None:
        write_json(json, {**asdict(report), "usable": report.usable})
    if json is None or str(json) != "-":
        for line in report.lines():
            print(line)
    if not report.usable:
        raise typer.Exit(1)


@app.command()
def bench(
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; every way is measured once in each.")] = 20,
) -> None:
    """Print how long executions take on this host, beside plain processes.

    Example: heurigym sandbox bench --rounds 20
    """
    from heurigym.cli.output import console
    from heurigym.execution.bench import measure_latency

    with console(stderr=True).status("measuring"):
        table = measure_latency(rounds=rounds)
    for line in table.lines():
        print(line)


@app.command()
def image(
    base: Annotated[
        str | None,
        typer.Option(metavar="IMAGE", help="Base image with Python; a local one needs no registry."),
    ] = None,
) -> None:
    """Build the image of the Docker backend, and print its digest. docs/docker.md has a base without a registry.

    Example: heurigym sandbox image --base heurigym-base:bookworm
    """
    from heurigym.cli.output import console
    from heurigym.execution.docker_image import build_image

    with console(stderr=True).status("building the image"):
        digest = build_image(base)
    print(digest)
