"""``heurigym leaderboard``: build, serve, verify."""

import typer

app = typer.Typer(help="The leaderboard: build, serve, verify.", no_args_is_help=True)
