"""Fleets of different sizes on an appliance without latency, each step of ours beside the same step of the floor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bench.samples import Sample
from bench.site import Site
from bench.stack import Stack

CHEAP = ("up", "preview", "refresh --run-program", "add one")
EVERY = ("up", "preview", "no-change up", "refresh", "refresh --run-program", "add one", "forget all")


def in_turns(stacks: Sequence[Stack], steps: Sequence[str], tenants: int, pair: int) -> Iterator[Sample]:
    """Each step on each stack, close together; who goes first changes from pair to pair."""
    for step in steps:
        for stack in stacks if pair % 2 else reversed(stacks):
            yield stack.run(step, tenants, pair)


def thousand(site: Site) -> Iterator[Sample]:
    """The dear steps in the first pair alone."""
    for pair in site.pair_numbers(5):
        with site.ours() as ours:
            yield from in_turns([ours, site.floor()], EVERY if pair == 1 else CHEAP, site.size(1000), pair)
        if pair == 1:
            yield from in_turns([site.floor(lean=True)], ("up", "preview"), site.size(1000), pair)


def sizes(site: Site) -> Iterator[Sample]:
    """All steps once, up of the larger ones twice: the bounds are of larger fleets still."""
    for tenants, pairs in ((1, 1), (10, 1), (100, 2), (300, 2)):
        for pair in site.pair_numbers(pairs):
            with site.ours() as ours:
                yield from in_turns([ours, site.floor()], EVERY if pair == 1 else ("up",), site.size(tenants), pair)


def growth(site: Site) -> Iterator[Sample]:
    """Ten times the tenants in the same pair; the floor of 3,000 once."""
    for pair in site.pair_numbers(2):
        for tenants in (300, 3000):
            with site.ours() as ours:
                yield ours.run("up", site.size(tenants), pair)
                if tenants == 3000 and pair == 1:
                    yield from in_turns([ours], ("preview",), site.size(tenants), pair)
                    yield from in_turns([site.floor()], ("up", "preview"), site.size(tenants), pair)


def checkpoints(site: Site) -> Iterator[Sample]:
    """The engine's own default: the whole state is written anew with each resource."""
    for tenants, pairs in ((100, 2), (300, 1)):
        for pair in site.pair_numbers(pairs):
            with site.ours() as ours:
                both = [replace(stack, checkpoints=True) for stack in (ours, site.floor())]
                yield from in_turns(both, ("up",), site.size(tenants), pair)


def naive(site: Site) -> Iterator[Sample]:
    for tenants, pairs in ((100, 2), (500, 1)):
        for pair in site.pair_numbers(pairs):
            with site.ours() as ours, site.naive() as other:
                yield from in_turns([ours, other], ("up",), site.size(tenants), pair)
