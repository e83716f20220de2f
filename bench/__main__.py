"""`python -m bench [NAME …]`: each of NAMES, or all of them without a name."""

from __future__ import annotations

import argparse
import os
import platform
import time
from importlib import import_module

import uvloop

from bench.turns import ROUNDS, Figure

NAMES = (
    "quotes",
    "neighbours",
    "webhooks",
    "deliveries",
    "deliveries_cpu",
    "backlog",
    "hanging",
    "relay",
    "orders",
    "availability",
    "footprint",
)


def main() -> None:
    """Run the benchmarks one after the other, then show the table."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME")
    names = parser.parse_args().names or NAMES
    began = time.monotonic()
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, load {_load()}")
    figures: list[Figure] = []
    for name in names:
        print(f"\n{name}", flush=True)
        figures += uvloop.run(import_module(f"bench.{name}").measure())
    print(f"\n{table(figures)}\n")
    print(f"{time.monotonic() - began:.0f} s, load {_load()} at the end")


def table(figures: list[Figure]) -> str:
    """Show each figure's ratio to its baseline, and how far the rounds were apart."""
    lines = [
        f"Ratios are ours / the baseline's, the median of {ROUNDS} rounds that took turns.",
        "",
        "| figure | unit | ours | baseline | ratio | rounds | baseline is |",
        "|---|---|---:|---:|---:|---|---|",
    ]
    lines += [
        f"| {each.what} | {each.unit} | {each.median_of_ours:,.5g} | {each.median_of_baseline:,.5g}"
        f" | **{each.ratio:.2f}** | {min(each.ratios):.2f} to {max(each.ratios):.2f}"
        f" | {each.against} |"
        for each in figures
    ]
    return "\n".join(lines)


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()
