"""The published tables as pandas frames."""

from pathlib import Path
from typing import TYPE_CHECKING

from heurigym.board.columns import TABLES
from heurigym.errors import InputError

if TYPE_CHECKING:
    import pandas

_TEXT = ("problem", "digest", "model", "strategy", "variant", "trajectory", "instance", "outcome", "program_sha256")


def read_table(site: Path, name: str) -> "pandas.DataFrame":
    """A table of the board in ``site``: ``overall``, ``results``, ``instances`` or ``attempts``.

    Names and digests are text, whatever they look like; an empty field is a missing value, in text an empty one.

    Raises:
        InputError: there is no such table, or no board in ``site``.
    """
    import pandas

    if name not in TABLES:
        raise InputError(f"there is no table {name!r}; choose from {', '.join(TABLES)}")
    path = site / f"{name}.csv"
    if not path.is_file():
        raise InputError(f"{site}: no leaderboard here; build one with `heurigym leaderboard build`")
    text = [column.name for column in TABLES[name] if column.name in _TEXT]
    missing = {column.name: [""] for column in TABLES[name] if column.name not in _TEXT}
    return pandas.read_csv(path, dtype=dict.fromkeys(text, "str"), keep_default_na=False, na_values=missing)
