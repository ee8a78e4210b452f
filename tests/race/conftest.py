"""Worlds, fronts and processes that races are run in."""

from tests.flows.conftest import migrated, world

__all__ = ["migrated", "world"]
