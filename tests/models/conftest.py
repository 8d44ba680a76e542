"""Keys for every test of models, so that none depends on the machine's own."""

import pytest
from model_support import set_keys


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    set_keys(monkeypatch)
