# SPDX-License-Identifier: Apache-2.0
"""One module through the synthesis flow to a flat netlist of library cells, as Yosys's JSON."""

import json

import flow


def flat_netlist(top, parameters, sources, library, folder, allowed, best=False):
    """The path of the JSON of `top` and all under it; `best`: one flat unit mapped for the most Fmax per area."""
    modules = flow.elaborate(top, parameters, sources, folder / "elaborate", allowed, flat=best)
    period, results, waiting = round(flow.PERIOD_FO4 * library.fo4, 4), {}, dict(modules)
    while waiting:
        for module in [module for module in waiting.values() if all(child in results for child in module.children)]:
            del waiting[module.id]
            goal = flow.Goal(period, best=best or module.name in flow.UNITS)
            interfaces = {child: results[child]["interface"] for child in module.children}
            results[module.id] = flow.map_module(module, modules, library, folder, allowed, goal, interfaces)
    identity = next(name for name, module in modules.items() if module.name == top)
    script, target = folder / identity / "flat.ys", folder / identity / "flat.json"
    lines = [f"read_liberty -lib -ignore_miss_func {library.path}"]
    lines += [f"read_verilog {folder / name / 'netlist.v'}" for name in modules]
    lines += [f"hierarchy -check -top {identity}", "flatten", "opt_clean", f"write_json {target}"]
    flow.write_file(script, "\n".join(lines) + "\n")
    flow.yosys(script, folder / identity / "flat.log")
    return target


def cell_names(netlist):
    """The library cells in a flat netlist."""
    modules = json.loads(netlist.read_text())["modules"].values()
    return {cell["type"] for module in modules for cell in module["cells"].values()}
