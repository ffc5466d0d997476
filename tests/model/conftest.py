"""What all tests of the model share."""

from __future__ import annotations

import pytest

from callboard.model.model import Model


@pytest.fixture(scope="session")
def model() -> Model:
    return Model.builtin()
