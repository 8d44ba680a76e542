"""The command ``heurigym``: commands by group, and what every error looks like."""

import os
import sys
from typing import Annotated, NoReturn

import typer

from heurigym import __version__
from heurigym.cli import campaign, data, judging, leaderboard, problems, sandbox
from heurigym.errors import InputError

app = typer.Typer(
    name="heurigym",
    help="How well do language models write heuristics? Campaigns, judging, problems, leaderboard.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(campaign.run)
app.command("resume")(campaign.resume)
app.command("status")(campaign.status)
app.command("rejudge")(campaign.rejudge)
app.command("judge")(judging.judge)
app.command("verify")(judging.verify)
app.command("baseline")(judging.baseline)
app.add_typer(problems.app, name="problems")
app.add_typer(data.app, name="data")
app.add_typer(leaderboard.app, name="leaderboard")
app.add_typer(sandbox.app, name="sandbox")


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


_TYPER_INTERRUPTED = 130
"""What typer makes of a KeyboardInterrupt within a command."""


def main() -> None:
    """Run the command line: exit 0 done, 1 not all of the work came out, 2 wrong use or bad input."""
    try:
        code = app(args=sys.argv[1:] or ["--help"], standalone_mode=False)
        if code == _TYPER_INTERRUPTED:
            raise KeyboardInterrupt
        sys.stdout.flush()
    except InputError as error:
        _fail(str(error))
    except (KeyboardInterrupt, typer.Abort):
        _fail("stopped", status=1)
    except BrokenPipeError:
        # Whoever read our output has gone; what Python would flush at exit goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        # A full disk, a file that may not be read: a traceback would hide what the machine says.
        where = f"{error.filename}: " if error.filename is not None else ""
        _fail(f"{where}{error.strerror or error}")
    except Exception as error:
        usage = getattr(error, "format_message", None)
        if usage is None:
            raise
        _fail(f"{usage()} (see --help)")
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, status: int = 2) -> NoReturn:
    line = " ".join(message.split())
    print(f"heurigym: {line}", file=sys.stderr)
    sys.exit(status)


if __name__ == "__main__":
    main()
