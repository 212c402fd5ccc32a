# SPDX-License-Identifier: Apache-2.0
"""Figures of the synthesis run: sums over the hierarchy, ratios against the FP16 baselines, and the report's three forms."""

import json
import math
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "scripts"))
from tables import columns, markdown_table

# MACs a cycle: the product of these parameters of a module.
MACS = {"mac_dot": ("Lanes",), "mac_tile": ("Rows", "Cols", "Lanes"), "mac_array": ("Rows", "Cols", "Lanes"),
        "cuatro_core": ("Rows", "Cols", "Lanes")}
BASELINE_MACS = {"fp16_fma": 1, "fp16_fp32_fma": 1, "fp16_dot8": 8}

# What is compared. A part is a module with all under it, or only some of its children: then those children, the buffers that
# bring them their operands, and nothing else of the module. RAM is never in an area.
#   name   module         children counted (None: everything)
PARTS = {
    "tile":  ("mac_tile",    ("mac_dot",)),   # dots with their accumulators; no operand registers, decoders, shadow, drain
    "array": ("mac_array",   None),
    "core":  ("cuatro_core", None),
}
RATIOS = [(part, baseline) for part, baseline in
          (("tile", "fp16_fma"), ("tile", "fp16_fp32_fma"), ("tile", "fp16_dot8"), ("array", "fp16_fma"), ("core", "fp16_fma"))]


# ---------------------------------------------------------------- figures

def macs_of(module):
    names = MACS.get(module.name, ())
    return math.prod(int(module.parameters[name]) for name in names) if names and all(n in module.parameters for n in names) else None


def timing_figures(times):
    """critical_path_ns: between registers, or through a module without any. clock_ns: the longest of all kinds, with registers
    at the other ends; Fmax is of that."""
    present = {kind: value for kind, value in times.items() if value is not None}
    critical = next((present[kind] for kind in ("reg_reg", "in_out", "in_reg", "reg_out") if kind in present), None)
    clock = max(present.values(), default=None)
    return {"paths_ns": times, "critical_path_ns": critical, "clock_ns": clock, "fmax_mhz": 1000 / clock if clock else None}


def per_mac(area, macs, fmax):
    """Area per MAC (µm²) and throughput per area (GMAC/s a mm²)."""
    return {"macs_per_cycle": macs, "area_per_mac": area / macs if macs else None,
            "throughput_per_area": macs * fmax * 1000 / area if macs and fmax and area else None}


def summarise(modules, results, times, library):
    """{id: own and total figures} of each module."""
    summary = {}

    def own(identity):
        counts = {name: count for name, count in results[identity]["counts"].items() if name in library.cells}
        area = library.area(counts)
        return {"cells": sum(counts.values()), "area_um2": area, "nand2": area / library.nand2.area,
                "flip_flops": sum(count for name, count in counts.items() if library.cells[name].sequential),
                "ram_bits": results[identity]["ram_bits"], "buffer_area_um2": library.area(results[identity]["buffers"])}

    def total(identity):
        if identity in summary:
            return summary[identity]["total"]
        module, result = modules[identity], results[identity]
        summed = dict(own(identity))
        for child, count in module.children.items():
            for name, value in total(child).items():
                summed[name] += count * value
        entry = {"id": identity, "module": module.name, "parameters": module.parameters, "own": own(identity), "total": summed,
                 "children": module.children, "library_cells": result["counts"], "buffers": result["buffers"],
                 "mapping": result.get("name"), "tried": result.get("tried", []), **timing_figures(times.get(identity, {}))}
        entry.update(per_mac(summed["area_um2"], macs_of(module), entry["fmax_mhz"]))
        summary[identity] = entry
        return summed

    for identity in modules:
        total(identity)
    return summary


def instances_in(core, modules):
    """How many of each module stand in the core."""
    counts = {}

    def walk(identity, times):
        counts[identity] = counts.get(identity, 0) + times
        for child, count in modules[identity].children.items():
            walk(child, times * count)

    if core in modules:
        walk(core, 1)
    return counts


def part_figures(name, summary):
    """Area, clock and per-MAC figures of a part of PARTS, or None where its module is not in the report."""
    module, children = PARTS[name]
    entry = max((entry for entry in summary.values() if entry["module"] == module),
                key=lambda entry: entry["total"]["area_um2"], default=None)
    if not entry or not entry["macs_per_cycle"]:
        return None
    area = entry["total"]["area_um2"]
    if children is not None:
        counted = {child: count for child, count in entry["children"].items() if summary[child]["module"] in children}
        area = entry["own"]["buffer_area_um2"] + sum(count * summary[child]["total"]["area_um2"] for child, count in counted.items())
    return {"module": entry["id"], "area_um2": area, "clock_ns": entry["clock_ns"], "fmax_mhz": entry["fmax_mhz"],
            **per_mac(area, entry["macs_per_cycle"], entry["fmax_mhz"])}


def baseline_figures(depths):
    """Of {stages: entry of a module}: all depths, the one of the best throughput per area (the baseline) and the smallest."""
    rows = [{"stages": stages, "area_um2": entry["total"]["area_um2"], "cells": entry["total"]["cells"],
             "nand2": entry["total"]["nand2"], "flip_flops": entry["total"]["flip_flops"],
             **{key: entry[key] for key in ("id", "mapping", "clock_ns", "fmax_mhz", "paths_ns")},
             **per_mac(entry["total"]["area_um2"], BASELINE_MACS[entry["module"]], entry["fmax_mhz"])}
            for stages, entry in sorted(depths.items())]
    return {"depths": rows, "best": max(rows, key=lambda row: row["throughput_per_area"] or 0),
            "smallest": min(rows, key=lambda row: row["area_um2"])}


def energy_ratio(energy, part, baseline):
    """Baseline's energy per MAC over the part's, for each GEMM that both have; None before `make energy`."""
    ours, theirs = energy.get(part), energy.get(baseline)
    if not ours or not theirs:
        return None
    return {gemm: theirs[gemm] / ours[gemm] for gemm in ours if gemm in theirs and ours[gemm]}


def ratios_of(parts, baselines, energy):
    """{part_vs_baseline: how many times better the part is}. `energy` is {part or baseline: {GEMM: energy per MAC}}."""
    found = {}
    for part, baseline in RATIOS:
        ours, theirs = parts.get(part), baselines.get(baseline)
        if not ours or not theirs:
            continue
        best, smallest = theirs["best"], theirs["smallest"]
        throughput = ours["throughput_per_area"] and best["throughput_per_area"] and \
            ours["throughput_per_area"] / best["throughput_per_area"]
        found[f"{part}_vs_{baseline}"] = {
            "area_per_mac": best["area_per_mac"] / ours["area_per_mac"],
            "area_per_mac_vs_smallest": smallest["area_per_mac"] / ours["area_per_mac"],
            "throughput_per_area": throughput, "energy_per_mac": energy_ratio(energy, part, baseline),
            # Where `make energy` found another depth to be the thriftiest, or did not look.
            "energy_per_mac_vs_least_energy": energy_ratio(energy, part, f"{baseline}_least_energy") or
                                              energy_ratio(energy, part, baseline),
            "by_depth": {str(row["stages"]): {
                "area_per_mac": row["area_per_mac"] / ours["area_per_mac"],
                "throughput_per_area": ours["throughput_per_area"] and row["throughput_per_area"] and
                                       ours["throughput_per_area"] / row["throughput_per_area"]} for row in theirs["depths"]}}
    return found


def effective(ratios, steps, energy, idle):
    """What is left of the ratios over a whole training step: FP16 does three passes at full utilisation, a recipe here does
    `passes` = {GEMM: passes} at its measured `utilisation`, and pays for its idle cycles. `macs` = {GEMM: multiply-accumulates of
    a pass over the whole net} weigh them: the first layer, most of a perceptron, has no dX.
    `steps` is {recipe: {"passes", "macs", "utilisation", "accuracy"}}, `energy` {part or baseline: {"GEMM … (recipe)": energy per MAC}},
    (the recipe's own, or that of `energy_of`), `idle` the same of an idle cycle, a MAC it could have done; without it such a
    cycle costs as much as a busy one."""
    found = {}
    for recipe, step in steps.items():
        passes, macs = step["passes"], step["macs"]
        done = {gemm: passes[gemm] * macs[gemm] for gemm in passes}
        useful = sum(macs[gemm] for gemm in passes)
        entry = {key: step[key] for key in ("config", "passes", "macs", "utilisation", "accuracy") if key in step}
        entry["passes_per_useful_mac"] = sum(done.values()) / useful
        for name, ratio in ratios.items():
            ours, theirs = (energy.get(side, {}) for side in name.split("_vs_"))
            gemms = [gemm for gemm in ours if gemm in theirs and gemm.endswith(f"({step.get('energy_of', recipe)})")]
            resting, idle_cycles = idle.get(name.split("_vs_")[0], {}), 1 / step["utilisation"] - 1   # of those for each busy one
            spent = sum((ours[gemm] + idle_cycles * resting.get(gemm, ours[gemm])) * done[gemm.split()[0]] for gemm in gemms)
            throughput = ratio["throughput_per_area"]
            entry[name] = {
                "throughput_per_area": throughput and throughput * useful / sum(done.values()) * step["utilisation"],
                "energy": sum(theirs[gemm] * macs[gemm.split()[0]] for gemm in gemms) / spent if spent else None}
        found[recipe] = entry
    return found


# ---------------------------------------------------------------- text and Markdown

def number(value, digits=0):
    return "-" if value is None else f"{value:,.{digits}f}"


def significant(value):
    """Three digits that mean something, for figures from 0.05 to a million."""
    return "-" if value is None else f"{value:,.{max(0, 2 - math.floor(math.log10(abs(value) or 1)))}f}"


def module_rows(modules, summary, counts):
    rows = [("module (total: children included)", "in core", "cells", "area um2", "NAND2 eq.", "flip-flops", "RAM bits",
             "crit. path ns", "clock ns", "Fmax MHz", "MACs/cycle", "um2/MAC", "GMAC/s/mm2")]
    for identity in sorted(summary, key=lambda identity: (-summary[identity]["total"]["area_um2"], identity)):
        entry = summary[identity]
        figures = entry["total"]
        rows.append((modules[identity].label, str(counts.get(identity, 0) or "-"), number(figures["cells"]),
                     significant_area(figures["area_um2"]), number(figures["nand2"]), number(figures["flip_flops"]),
                     number(figures["ram_bits"]), significant(entry["critical_path_ns"]), significant(entry["clock_ns"]),
                     significant(entry["fmax_mhz"]), number(entry["macs_per_cycle"]), significant(entry["area_per_mac"]),
                     significant(entry["throughput_per_area"])))
    # Long parameter lists would push the figures off the screen.
    return [(row[0] if len(row[0]) <= 48 else row[0][:45] + "...",) + row[1:] for row in rows]


def significant_area(area):
    return number(area) if area >= 1000 or area == int(area) else significant(area)


def part_rows(parts):
    return [("part", "area um2", "Fmax MHz", "MACs/cycle", "um2/MAC", "GMAC/s/mm2")] + [
        (name, significant_area(part["area_um2"]), significant(part["fmax_mhz"]), number(part["macs_per_cycle"]),
         significant(part["area_per_mac"]), significant(part["throughput_per_area"])) for name, part in parts.items() if part]


def baseline_rows(baselines):
    rows = [("baseline", "stages", "mapping", "cells", "area um2", "NAND2 eq.", "clock ns", "Fmax MHz", "um2/MAC", "GMAC/s/mm2", "")]
    for name, baseline in baselines.items():
        for row in baseline["depths"]:
            marks = [mark for mark, chosen in (("the baseline", baseline["best"]), ("smallest", baseline["smallest"]))
                     if chosen["stages"] == row["stages"]]
            rows.append((name, str(row["stages"]), row["mapping"], number(row["cells"]), significant_area(row["area_um2"]), number(row["nand2"]),
                         significant(row["clock_ns"]), significant(row["fmax_mhz"]), significant(row["area_per_mac"]),
                         significant(row["throughput_per_area"]), ", ".join(marks)))
    return rows


def energies(energy):
    """The range over the GEMMs; report.json has each."""
    return "-" if not energy else f"{min(energy.values()):.1f} to {max(energy.values()):.1f}"


def ratio_rows(ratios):
    return [("ratio", "area per MAC", "against the smallest depth", "throughput per area", "energy per MAC",
             "against the depth of least energy")] + [
        (name, number(ratio["area_per_mac"], 1), number(ratio["area_per_mac_vs_smallest"], 1),
         number(ratio["throughput_per_area"], 1), energies(ratio["energy_per_mac"]),
         energies(ratio["energy_per_mac_vs_least_energy"])) for name, ratio in ratios.items()]


def depth_rows(ratios):
    """Each ratio against each depth: what a baseline of another depth would make of the same design."""
    return [("ratio", "stages", "area per MAC", "throughput per area")] + [
        (name, stages, number(entry["area_per_mac"], 1), number(entry["throughput_per_area"], 1))
        for name, ratio in ratios.items() for stages, entry in ratio["by_depth"].items()]


def effective_rows(steps, names):
    rows = [("whole training step", "passes a useful MAC", "utilisation", "accuracy", "ratio", "throughput per area", "energy")]
    for recipe, step in steps.items():
        for name in names:
            rows.append((recipe, f"{step['passes_per_useful_mac']:.2f}", f"{100 * step['utilisation']:.1f} %", str(step.get("accuracy", "-")), name,
                         number(step[name]["throughput_per_area"], 1), number(step[name]["energy"], 1)))
    return rows


def sections(report, modules, counts):
    """(title, rows) of what the report has."""
    found = [("Modules", module_rows(modules, report["modules"], counts))]
    if any(report["parts"].values()):
        found.append(("Parts", part_rows(report["parts"])))
    if report["baselines"]:
        found.append(("Baselines", baseline_rows(report["baselines"])))
    if report["ratios"]:
        found.append(("How many times better", ratio_rows(report["ratios"])))
        found.append(("The same against each depth of the baseline", depth_rows(report["ratios"])))
    if report["effective"]:
        found.append(("How many times better, whole training step", effective_rows(report["effective"], report["ratios"])))
    return found


def headline(report, core_label):
    entry = report["modules"].get(report["core"])
    if not entry:
        return ""
    figures = entry["total"]
    title = "whole core" if entry["module"] == "cuatro_core" else "all of it"
    clock = f", {entry['fmax_mhz']:,.4g} MHz" if entry["fmax_mhz"] else ""
    return (f"{title}, {core_label}:\n  {figures['cells']:,} cells, {figures['area_um2'] / 1e6:,.4g} mm2, "
            f"{figures['nand2']:,.0f} NAND2 equivalents, {figures['flip_flops']:,} flip-flops{clock},\n"
            f"  and {figures['ram_bits']:,} bits of RAM, which are not in the area\n")


def footer(report):
    return (f"library {report['library']} (NAND2 {report['nand2']} = {report['nand2_um2']:g} um2, "
            f"FO4 {1000 * report['fo4_ns']:.1f} ps)\n{report['tools']['yosys']}; {report['tools']['sta']}; "
            f"mapped for a period of {report['period_ns']:.3g} ns; no wires, ideal clock\n")


def text(report, modules, counts, core_label):
    blocks = [columns(rows) for _, rows in sections(report, modules, counts)]
    return "\n\n".join(blocks + [headline(report, core_label) + "\n" + footer(report)])


def markdown(report, modules, counts, core_label, name):
    blocks = [f"# Synthesis: {name}"]
    blocks += [f"## {title}\n{markdown_table(rows)}" for title, rows in sections(report, modules, counts)]
    return "\n\n".join(blocks + [headline(report, core_label) + "\n" + footer(report)])


# ---------------------------------------------------------------- chart

def chart(report, name):
    """SVG: area per MAC of the parts and the baselines, logarithmic."""
    bars = [(part, figures["area_per_mac"], "#2a7f62") for part, figures in report["parts"].items() if figures]
    bars += [(f"{baseline}, {figures['best']['stages']} stages", figures["best"]["area_per_mac"], "#8a8d91")
             for baseline, figures in report["baselines"].items()]
    if not bars:
        return None
    low = 10 ** math.floor(math.log10(min(value for _, value, _ in bars)) - 0.3)
    high = 10 ** math.ceil(math.log10(max(value for _, value, _ in bars)))
    left, width, step = 190, 420, 30
    place = lambda value: left + width * math.log10(value / low) / math.log10(high / low)
    height = 64 + step * len(bars) + 24
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 90} {height}" font-family="sans-serif" font-size="13">',
             '<rect width="100%" height="100%" fill="white"/>',
             f'<text x="16" y="26" font-size="15">Area per MAC in {name}, um² (shorter is better)</text>']
    tick = low
    while tick <= high * 1.001:
        lines += [f'<line x1="{place(tick):.1f}" y1="44" x2="{place(tick):.1f}" y2="{height - 28}" stroke="#dddddd"/>',
                  f'<text x="{place(tick):.1f}" y="{height - 10}" text-anchor="middle" fill="#555555">{tick:g}</text>']
        tick *= 10
    for row, (label, value, colour) in enumerate(bars):
        y = 50 + step * row
        lines += [f'<text x="{left - 8}" y="{y + 15}" text-anchor="end">{label}</text>',
                  f'<rect x="{left}" y="{y}" width="{place(value) - left:.1f}" height="20" fill="{colour}"/>',
                  f'<text x="{place(value) + 6:.1f}" y="{y + 15}">{significant(value)}</text>']
    return "\n".join(lines + ["</svg>"]) + "\n"


def read_json(path, meaning, error):
    """A JSON file that another program wrote, or {} without one."""
    if not path or not pathlib.Path(path).exists():
        return {}
    try:
        return json.loads(pathlib.Path(path).read_text())
    except ValueError as fault:
        raise error(f"{path}: not JSON ({fault}); it should hold {meaning}") from fault
