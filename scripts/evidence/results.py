# SPDX-License-Identifier: Apache-2.0
"""Rows of a campaign's results, their means and gaps, and results.json and results.md of them."""

import dataclasses
import datetime
import json
import os
import pathlib
import shlex
import statistics

from evidence import run_state
from evidence.campaign import value_of
from evidence.run_state import State
from tables import markdown_table

GAP_DIGITS, BITS_DIGITS = 2, 3


def row_of(run, folder, stepwise):
    """A finished run as a row of results.json, or None. `stepwise`: its length is set in steps, not in epochs."""
    if run_state.state_of(folder, run) is not State.DONE:
        return None
    summary = run_state.summary_of(folder)
    job = run_state.read_json(folder / "job.json")
    value, unit = value_of(summary)
    if value is None:
        return None
    seconds = summary.get("seconds", {})
    command = ["build/cuatro", "train", "--config", os.path.relpath(run.config), *run.flags, "--seed", str(run.seed)]
    return {"result": run.result, "recipe": run.recipe, "seed": run.seed, "model": summary["model"], "net": summary.get("net"),
            "data": summary["data"], "engine": summary["engine"], "unit": unit,
            "accuracy": summary.get("test_accuracy"), "bits_per_character": summary.get("bits_per_character"),
            "value": value, "epochs": None if stepwise else summary.get("epochs"), "steps": summary.get("steps"),
            "seconds": seconds.get("train", 0) + seconds.get("evaluate", 0), "digest": summary["weights_digest"],
            "build": job.get("build"), "command": " ".join(shlex.quote(part) for part in command), "folder": str(folder)}


@dataclasses.dataclass
class Cell:
    """The seeds of one recipe on one result."""
    rows: list
    wanted: int            # seeds

    @property
    def values(self):
        return [row["value"] for row in self.rows]

    @property
    def mean(self):
        return statistics.fmean(self.values)

    @property
    def spread(self):
        """Standard deviation of a sample; None for one seed."""
        return statistics.stdev(self.values) if len(self.rows) > 1 else None


def cells_of(matrix, rows):
    """{(result, recipe): Cell} of those that have a row."""
    found = {}
    for result in matrix.results:
        for recipe in result.recipes:
            own = [row for row in rows if (row["result"], row["recipe"]) == (result.name, recipe)]
            if own:
                found[result.name, recipe] = Cell(own, len(matrix.seeds))
    return found


def behind(cell, baseline):
    """How much worse than the baseline's mean: points of accuracy, or bits a character. Negative = better."""
    gap = baseline.mean - cell.mean
    return gap if cell.rows[0]["unit"] == "%" else -gap


def goals_of(matrix, result, recipe, cells):
    """[(text, reached)] of what the matrix wants of this cell; reached is None while the baseline is missing."""
    cell, baseline = cells.get((result.name, recipe)), cells.get((result.name, matrix.baseline))
    if recipe != matrix.goal_recipe or cell is None:
        return []
    accuracy = cell.rows[0]["unit"] == "%"
    unit = "pt" if accuracy else "bits"
    goals = []
    if result.goal_gap is not None:
        goals.append((f"gap ≤ {result.goal_gap:g} {unit}", None if baseline is None else behind(cell, baseline) <= result.goal_gap))
    if result.goal_value is not None:
        goals.append((f"≥ {result.goal_value:g} %", cell.mean >= result.goal_value) if accuracy else
                     (f"≤ {result.goal_value:g} bits", cell.mean <= result.goal_value))
    return goals


def verdict(reached):
    return "not known" if reached is None else "reached" if reached else "**missed**"


def table_of(matrix, cells):
    lines = [("model × data", "recipe", "mean ± spread", "seeds", "gap to " + matrix.recipes[matrix.baseline]["label"], "goal", "",
              "epochs", "wall time a run")]
    for result in matrix.results:
        for recipe in result.recipes:
            cell = cells.get((result.name, recipe))
            head = (result.name, matrix.recipes[recipe]["label"])
            if cell is None:
                lines.append(head + ("not run",) + ("",) * 6)
                continue
            accuracy = cell.rows[0]["unit"] == "%"
            digits, unit = (GAP_DIGITS, "%") if accuracy else (BITS_DIGITS, "bits")
            spread = f" ± {cell.spread:.{digits}f}" if cell.spread is not None else ""
            baseline = cells.get((result.name, matrix.baseline))
            gap = "" if baseline is None or recipe == matrix.baseline else f"{behind(cell, baseline):+.{digits}f}"
            goals = goals_of(matrix, result, recipe, cells)
            seeds = str(len(cell.rows)) if len(cell.rows) == cell.wanted else f"{len(cell.rows)} of {cell.wanted}"
            lines.append(head + (f"{cell.mean:.{digits}f}{spread} {unit}", seeds, gap, ", ".join(text for text, _ in goals),
                                 ", ".join(verdict(reached) for _, reached in goals), str(cell.rows[0]["epochs"] or f"{cell.rows[0]['steps']} steps"),
                                 f"{statistics.fmean(row['seconds'] for row in cell.rows):.0f} s"))
    return lines


def processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {os.cpu_count()} cores" if names else f"{os.cpu_count()} cores"


def markdown(matrix, title, rows, cells, plots, when):
    total = len(matrix.runs)
    builds = {row["build"] for row in rows}
    text = ["<!-- SPDX-License-Identifier: Apache-2.0 -->", f"# {title}" + (" (quick look, not the evidence)" if matrix.quick else ""), ""]
    if matrix.quick:
        text += [f"**QUICK=1: {matrix.quick}.** Such short runs show that the machinery works, not what the nets can reach.", ""]
    text += [f"{when}, {processor()}. {len(rows)} of {total} runs done. Mean ± standard deviation over the seeds; a positive gap is worse than "
             f"{matrix.recipes[matrix.baseline]['label']}. Hyper-parameters: `sw/configs/*.toml`.", ""]
    if len(builds) > 1:
        text += [f"The rows come from {len(builds)} builds of `build/cuatro` (`build` in results.json).", ""]
    text += [markdown_table(table_of(matrix, cells)), ""]
    text += [f"![{title}]({plot})\n" for plot in plots]
    used = [name for name in matrix.recipes if any(recipe == name for _, recipe in cells)]
    text += ["| recipe | flags of `cuatro train` |", "|---|---|"]
    text += [f"| {matrix.recipes[name]['label']} | `{shlex.join(matrix.recipes[name]['flags'])}` |" for name in used]
    text += ["", "A run again: the `command` of its row in results.json."]
    return "\n".join(text) + "\n"


def write(matrix, out, title, draw):
    """Everything that is done so far, whoever ran it, into results.json, results.md and the plots of draw(matrix, cells):
    {file name: SVG}. Returns (rows, cells)."""
    stepwise = {result.name for result in matrix.results if result.settings.get("steps")}
    rows = [row for row in (row_of(run, out / run.id, run.result in stepwise) for run in matrix.runs) if row]
    cells = cells_of(matrix, rows)
    when = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    out.mkdir(parents=True, exist_ok=True)
    plots = draw(matrix, cells) if cells else {}
    for name, svg in plots.items():
        run_state.write_atomically(out / name, svg)
    summary = [{"result": name, "recipe": recipe, "mean": cell.mean, "spread": cell.spread, "seeds": len(cell.rows), "unit": cell.rows[0]["unit"],
                "gap": behind(cell, cells[name, matrix.baseline]) if (name, matrix.baseline) in cells else None,
                "goals": [{"goal": text, "reached": reached}
                          for result in matrix.results if result.name == name
                          for text, reached in goals_of(matrix, result, recipe, cells)]}
               for (name, recipe), cell in cells.items()]
    report = {"date": when, "machine": processor(), "quick": matrix.quick or None, "runs": len(matrix.runs), "done": len(rows),
              "summary": summary, "rows": rows}
    run_state.write_atomically(out / "results.json", json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    run_state.write_atomically(out / "results.md", markdown(matrix, title, rows, cells, list(plots), when))
    return rows, cells
