"""Packs a store for others: programs, replies, scores and manifest, without keys, hosts or paths of the machine.

Texts that a model saw or wrote are evidence and stay as they are; where one of them holds a key or a path of a home
folder, packing refuses and says where. Everything else is cleaned.
"""

import contextlib
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from heurigym.agents.trajectory import Attempt, Trajectory
from heurigym.board.cleaning import Cleaner
from heurigym.campaigns.manifest import Manifest
from heurigym.campaigns.spec import CampaignSpec
from heurigym.campaigns.store import Campaign, Store
from heurigym.errors import InputError
from heurigym.execution.judging import Judging
from heurigym.models.protocol import Reply

_UNPACKED_LIMIT = 4 << 30
_DATE = (1980, 1, 1, 0, 0, 0)


def pack_entry(folder: Path, target: Path) -> Path:
    """Pack the store in ``folder`` into ``target``: a zip file when its name ends in ``.zip``, else a new folder.

    Returns:
        ``target``.

    Raises:
        InputError: the folder is not a store, a trajectory is damaged, a text holds a key or a home folder, or
            ``target`` exists or cannot be written.
    """
    store = Store.open(folder)
    if target.suffix != ".zip":
        _copy(store, target)
        return target
    if target.exists():
        raise InputError(f"{target}: exists already; name another file")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".packing-") as scratch:
            copied = Path(scratch) / target.stem
            _copy(store, copied)
            made = Path(scratch) / "entry.zip"
            _zip(copied, made)
            made.replace(target)
    except OSError as error:
        raise InputError(f"{target}: cannot be written: {error.strerror}; name another file") from None
    return target


@contextlib.contextmanager
def unpacked(entry: Path) -> Iterator[Path]:
    """The folder of an entry, which may be given as the zip file that :func:`pack_entry` makes.

    Raises:
        InputError: the file is no zip of an entry, or would take more than 4 GiB.
    """
    if entry.suffix != ".zip" or not entry.is_file():
        yield entry
        return
    with tempfile.TemporaryDirectory(prefix="heurigym-entry-") as scratch:
        try:
            with zipfile.ZipFile(entry) as archive:
                if sum(info.file_size for info in archive.infolist()) > _UNPACKED_LIMIT:
                    raise InputError(f"{entry}: would take more than {_UNPACKED_LIMIT >> 30} GiB unpacked")
                archive.extractall(scratch)
        except (OSError, zipfile.BadZipFile) as error:
            raise InputError(f"{entry}: cannot be unpacked: {error}") from None
        stores = sorted(path.parent for path in Path(scratch).glob("*/campaign.json"))
        if len(stores) != 1:
            raise InputError(f"{entry}: holds {len(stores)} entries; pack one with heurigym leaderboard submit")
        yield stores[0]


def _copy(store: Store, target: Path) -> None:
    cleaner = Cleaner()
    for trajectory in store.trajectories():
        _refuse_secrets(trajectory, cleaner)
    campaign = store.campaign
    names = {model: _public_name(model) for model in campaign.spec.models}
    new = Store.create(target, _clean_spec(campaign, names), _clean_manifest(campaign.manifest, cleaner))
    for trajectory in store.trajectories():
        cell = trajectory.cell
        model = names.get(cell.model, cell.model)
        new.save(
            trajectory.model_copy(
                update={
                    "cell": cell.model_copy(update={"model": model, "problem": Path(cell.problem).name}),
                    "error": None if trajectory.error is None else cleaner.clean(trajectory.error),
                    "attempts": [_clean_attempt(attempt, cleaner) for attempt in trajectory.attempts],
                }
            )
        )


def _public_name(model: str) -> str:
    """A replayed store is named by its path; its last part tells as much."""
    return f"replay/{Path(model).name}" if model.startswith("replay/") else model


def _clean_spec(campaign: Campaign, names: dict[str, str]) -> CampaignSpec:
    spec = campaign.spec
    return spec.model_copy(
        update={
            "models": tuple(names[model] for model in spec.models),
            "problems": tuple(Path(problem).name for problem in spec.problems),
            "prices": {names.get(model, model): price for model, price in spec.prices.items()},
            "base_urls": {},
            "cache": None,
        }
    )


def _clean_manifest(manifest: Manifest, cleaner: Cleaner) -> Manifest:
    # The kernel's full version may be one that somebody has built and named.
    kernel = re.match(r"[A-Za-z]+( \d+\.\d+)?", manifest.system)
    return manifest.model_copy(
        update={
            "system": kernel.group() if kernel else "unknown",
            "sandbox": cleaner.clean_all(manifest.sandbox),
            "models": cleaner.clean_all(manifest.models),
        }
    )


def _clean_attempt(attempt: Attempt, cleaner: Cleaner) -> Attempt:
    return attempt.model_copy(
        update={
            "reply": None if attempt.reply is None else _clean_reply(attempt.reply, cleaner),
            "demo": None if attempt.demo is None else _clean_judging(attempt.demo, cleaner),
            "eval": None if attempt.eval is None else _clean_judging(attempt.eval, cleaner),
        }
    )


def _clean_reply(reply: Reply, cleaner: Cleaner) -> Reply:
    return reply.model_copy(
        update={
            "raw_usage": {},
            "provider_state": {},
            "request_id": None,
            "served_model": None if reply.served_model is None else cleaner.clean(reply.served_model),
            "sent": cleaner.clean_all(reply.sent),
            "note": None if reply.note is None else cleaner.clean(reply.note),
            "failed_tries": tuple(
                failed.model_copy(update={"message": cleaner.clean(failed.message)})
                for failed in reply.failed_tries
            ),
        }
    )


def _clean_judging(judging: Judging, cleaner: Cleaner) -> Judging:
    runs = tuple(
        run.model_copy(update={"message": cleaner.clean(run.message), "stderr": cleaner.clean(run.stderr)})
        for run in judging.runs
    )
    return judging.model_copy(update={"runs": runs})


def _refuse_secrets(trajectory: Trajectory, cleaner: Cleaner) -> None:
    for where, text in _evidence(trajectory):
        found = cleaner.secret(text)
        if found is not None:
            raise InputError(
                f"{trajectory.cell}: {where} holds {found}, and cannot be changed without changing the evidence; "
                "leave this cell out of the campaign, or run it again"
            )


def _evidence(trajectory: Trajectory) -> Iterator[tuple[str, str]]:
    for number, text in enumerate(trajectory.texts):
        yield f"text {number} of its prompts", text
    for attempt in trajectory.attempts:
        if attempt.reply is not None:
            yield f"the reply of attempt {attempt.number}", attempt.reply.text
        if attempt.program is not None:
            yield f"the program of attempt {attempt.number}", attempt.program
        for use in attempt.tools:
            yield f"a tool's result in attempt {attempt.number}", use.result


def _zip(folder: Path, target: Path) -> None:
    """A zip with the same bytes for the same store."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                info = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", _DATE)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                archive.writestr(info, path.read_bytes())
