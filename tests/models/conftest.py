"""Keys for every test of models, so that none depends on the machine's own, and no certificates."""

import ssl
from collections.abc import Iterator

import pytest
from model_support import set_keys


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    set_keys(monkeypatch)


@pytest.fixture(scope="module", autouse=True)
def _no_certificates() -> Iterator[None]:
    """Every client reads all certificates, which takes longer than a test; no test here encrypts anything."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl.SSLContext, "load_verify_locations", lambda *args, **kwargs: None)
        yield
