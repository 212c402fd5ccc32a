# SPDX-License-Identifier: Apache-2.0
"""The command line of scripts/accuracy and scripts/ablation."""

import argparse
import fnmatch
import os
import pathlib
import subprocess
import sys

from evidence import chart, matrix as matrices, results, run_state
from evidence.campaign import Campaign
from evidence.matrix import MatrixError
from evidence.progress import Progress
from tables import columns

ROOT = pathlib.Path(__file__).resolve().parents[2]


def parse(name, title, arguments):
    parser = argparse.ArgumentParser(prog=name, description=f"{title}: trains what sw/configs/{name}.toml names, in 4 bits and in float, and "
                                     f"writes build/{name}/results.json, results.md and plots. Finished runs are kept, interrupted ones continue.")
    parser.add_argument("rows", nargs="*", metavar="PATTERN", help="only runs whose RESULT.RECIPE.seedN fits, such as 'lenet-*' or '*.best.*'")
    parser.add_argument("--quick", action="store_true", default=os.environ.get("QUICK", "0") not in ("", "0"),
                        help="the [quick] part of the matrix: a look in minutes (QUICK=1); kept apart")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at once (default: a core each, %(default)s)")
    parser.add_argument("--list", action="store_true", help="only say what is done and what is missing")
    parser.add_argument("--report", action="store_true", help="train nothing: write the results of what is done")
    parser.add_argument("--fresh", action="store_true", help="do the chosen runs again, finished or not")
    parser.add_argument("--no-fetch", action="store_true", help="do not look for the data sets first")
    parser.add_argument("--matrix", type=pathlib.Path, default=ROOT / "sw/configs" / f"{name}.toml", help="default: %(default)s")
    parser.add_argument("--configs", type=pathlib.Path, default=ROOT / "sw/configs", help="folder of the settings (default: %(default)s)")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build" / name, help="default: %(default)s")
    parser.add_argument("--cuatro", type=pathlib.Path, default=ROOT / "build/cuatro", help="the trainer (default: %(default)s)")
    options = parser.parse_args(arguments)
    if options.jobs < 1:
        parser.error(f"--jobs {options.jobs}: expected 1 or more")
    if options.quick:
        options.out /= "quick"
    return options


def chosen_runs(matrix, patterns):
    """The runs that a pattern names: whole, or as the beginning of an id up to a dot."""
    def fits(run, pattern):
        return fnmatch.fnmatchcase(run.id, pattern) or fnmatch.fnmatchcase(run.id, pattern + ".*")
    for pattern in patterns:
        if not any(fits(run, pattern) for run in matrix.runs):
            raise MatrixError(f"{pattern}: fits no run; --list shows them")
    return [run for run in matrix.runs if not patterns or any(fits(run, pattern) for pattern in patterns)]


def fetch_data(matrix, runs):
    """Gets the data sets of the runs. Returns the runs whose data is there; the others' reason joins matrix.problems."""
    lacking = {}
    for data in sorted({result.settings["data"] for result in matrix.results if result.name in {run.result for run in runs}}):
        done = subprocess.run([ROOT / "scripts/get-data", data], capture_output=True, text=True)
        if done.returncode:
            lacking[data] = (done.stderr.strip().splitlines() or ["get-data failed"])[0]
    matrix.problems += [f"{data}: {why}" for data, why in lacking.items()]
    bad = {result.name for result in matrix.results if result.settings["data"] in lacking}
    return [run for run in runs if run.result not in bad]


def main(name, title, arguments=None):
    options = parse(name, title, arguments)
    say = lambda text: print(f"{name}: {text}", file=sys.stderr, flush=True)
    try:
        matrix = matrices.load(options.matrix, options.configs, options.quick)
        runs = chosen_runs(matrix, options.rows)
    except MatrixError as fault:
        say(fault)
        return 1
    if not (options.no_fetch or options.list or options.report):
        runs = fetch_data(matrix, runs)
    for problem in matrix.problems:
        say(problem)
    if options.list:
        for run in runs:
            print(f"{run_state.state_of(options.out / run.id, run).value:<12} {run.id}")
        return 1 if matrix.problems else 0

    campaign = None
    if not options.report:
        if not os.access(options.cuatro, os.X_OK):
            say(f"{options.cuatro}: no such program; `make build` makes it")
            return 1
        progress = Progress()
        progress.note(f"{len(runs)} runs, {options.jobs} at once" + (f" (QUICK: {matrix.quick})" if matrix.quick else ""))
        campaign = Campaign(runs, options.out, options.cuatro, options.jobs, progress, options.fresh)
        campaign.work()
    draw = lambda matrix, cells: {f"{name}.svg": chart.dot_plot(matrix, cells, title + (" (quick look)" if matrix.quick else ""))}
    rows, cells = results.write(matrix, options.out, title, draw)
    print("\n" + columns(results.table_of(matrix, cells)))
    print(f"\n{len(rows)} of {len(matrix.runs)} runs done; written to {os.path.relpath(options.out)}/results.md, results.json, {name}.svg")
    if campaign and campaign.stopping:
        say("interrupted; the same command continues")
        return 130
    for failure in campaign.failures if campaign else []:
        say(f"failed: {failure}")
    return 1 if matrix.problems or (campaign and campaign.failures) else 0
