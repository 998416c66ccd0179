"""Shared by the tests of the whole: the story, the oracle, the repository itself."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def repository():
    """The checkout's folder."""
    return Path(__file__).resolve().parent.parent
