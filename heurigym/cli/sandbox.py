"""``heurigym sandbox``: doctor and bench."""

import typer

app = typer.Typer(help="The sandbox of this host: doctor, bench.")
