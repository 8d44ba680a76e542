import json
import socket
import zipfile

import pytest
from synthetic_stores import make_store

from heurigym.board.collect import collect
from heurigym.board.entries import verify_entry
from heurigym.board.packing import pack_entry, unpacked
from heurigym.board.scores import score
from heurigym.campaigns.store import Store
from heurigym.errors import InputError

KEY = "sk-" + "abcd1234" * 4


def with_reply(**changes):
    def change(trajectory):
        first = trajectory.attempts[0]
        trajectory.attempts[0] = first.model_copy(update={"reply": first.reply.model_copy(update=changes)})
        return trajectory

    return change


def everything(folder):
    return "".join(path.read_text() for path in sorted(folder.rglob("*.json")))


def test_scores_survive_packing(tmp_path):
    make_store(tmp_path / "store")
    pack_entry(tmp_path / "store", tmp_path / "packed")
    before, after = (score(collect([tmp_path / name]), 50).results for name in ("store", "packed"))
    assert before == after


def test_keys_hosts_and_paths_are_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("EXAMPLE_API_KEY", "a-very-secret-value")
    host = socket.gethostname()
    note = (
        f"401 from https://api.internal.example/v1 key {KEY} a-very-secret-value "
        f"at /home/jane/run on {host} C:\\Users\\jane\\x"
    )
    make_store(
        tmp_path / "store",
        change=with_reply(
            note=note,
            request_id="req_123",
            provider_state={"signature": "opaque"},
            raw_usage={"id": "raw-id"},
            served_model="/models/llama.gguf",
        ),
    )
    path = tmp_path / "store/campaign.json"
    content = json.loads(path.read_text())
    content["spec"] |= {"base_urls": {"openai": "http://10.0.0.7:8000"}, "cache": "/home/jane/cache"}
    content["manifest"]["system"] = "Linux 6.1.0-jane-build-7"
    content["manifest"]["sandbox"]["details"] = {"image": "/var/lib/images/guest", "mode": "rootless"}
    path.write_text(json.dumps(content))
    packed = everything(pack_entry(tmp_path / "store", tmp_path / "packed"))
    for secret in (
        KEY, "a-very-secret-value", "internal.example", "jane", "req_123", "opaque", "raw-id", "10.0.0.7",
        "/var/lib", "llama.gguf", str(tmp_path),
    ):  # fmt: skip
        assert secret not in packed
    assert "401 from [address] key [key] [key] at [path]" in packed
    assert "rootless" in packed
    assert '"system": "Linux 6.1"' in packed


@pytest.mark.parametrize("secret", [KEY, "the file /home/jane/thesis"])
def test_evidence_with_a_secret_is_refused_rather_than_changed(tmp_path, secret):
    make_store(tmp_path / "store", change=with_reply(text=f"I found {secret}"))
    with pytest.raises(InputError, match="the reply of attempt 0 holds"):
        pack_entry(tmp_path / "store", tmp_path / "packed")
    assert not (tmp_path / "packed").exists()


def test_a_zip_is_the_same_for_the_same_store(tmp_path):
    make_store(tmp_path / "store")
    first = pack_entry(tmp_path / "store", tmp_path / "a/entry.zip")
    second = pack_entry(tmp_path / "store", tmp_path / "b/entry.zip")
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        archive.extractall(tmp_path / "out")
    assert Store.open(tmp_path / "out/entry").campaign.spec.name == "synthetic"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["entry.zip"]
    with pytest.raises(InputError, match="exists already"):
        pack_entry(tmp_path / "store", first)


def test_a_replayed_path_becomes_a_name(tmp_path):
    model = "replay/runs/of/jane"
    make_store(tmp_path / "store", models=[model])
    packed = Store.open(pack_entry(tmp_path / "store", tmp_path / "packed"))
    assert packed.campaign.spec.models == ("replay/jane",)
    assert len(list(packed.trajectories())) == 2


def test_a_packed_entry_verifies(entry, tmp_path, judge, find):
    assert verify_entry(pack_entry(entry, tmp_path / "packed"), judge, find=find).passed


def test_an_entry_may_be_given_as_its_zip(tmp_path):
    make_store(tmp_path / "store")
    packed = pack_entry(tmp_path / "store", tmp_path / "entry.zip")
    with unpacked(packed) as folder:
        assert Store.open(folder).campaign.spec.problems == ("packing", "routing")
    assert not folder.exists()
    with unpacked(tmp_path / "store") as folder:
        assert folder == tmp_path / "store"


@pytest.mark.parametrize("content", [b"", b"PK nothing", None])
def test_a_zip_that_is_no_entry_is_named(tmp_path, content):
    path = tmp_path / "entry.zip"
    if content is None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("../outside/campaign.json", "{}")
    else:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"entry\.zip|campaign\.json"), unpacked(path) as folder:
        Store.open(folder)
    assert not (tmp_path / "outside").exists()
