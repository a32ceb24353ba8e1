"""The engine that the story runs on."""

from tests.engine.conftest import engine_bin  # noqa: F401
