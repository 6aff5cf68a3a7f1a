"""Blocks of silhouettes, drawn once in a process: most tests train on the first ones, and a block takes 30 ms."""

from __future__ import annotations

from functools import lru_cache

from engine.data import silhouettes


def draw_each_block_once() -> None:
    """From here on; `tests.data.test_silhouettes` draws anew."""
    silhouettes._block = lru_cache(64)(silhouettes._block)


def draw_the_first_ones() -> None:
    """For a process that others are forked from."""
    for part, blocks in (("train", 6), ("validation", 1)):
        for number in range(blocks):
            silhouettes._block(0, part, number, silhouettes.Knobs())
