# SPDX-License-Identifier: Apache-2.0
"""Mapped netlists for the checks: made by the flow, one gate changed where a check must fail, written as one file."""

import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import flow
import liberty
from flow import RAM, ROOT, Failure


def add_arguments(parser):
    parser.add_argument("module")
    parser.add_argument("params", nargs="*", metavar="NAME=VALUE", help="parameters; the others keep their defaults")
    parser.add_argument("--rtl", type=pathlib.Path, default=ROOT / "rtl", help="folder of the sources")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/synth/osu018", help="folder of the flow's results")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--yosys", metavar="COMMAND", help="another Yosys that maps; needs an --out of its own")


class Mapped:
    """A module and all under it, mapped: modules {id: Module}, top (its id), cells of the library, folder of the results."""

    def __init__(self, chosen):
        for text in chosen.params:
            if not re.fullmatch(r"\w+=\d+", text):
                raise Failure(f"{text}: parameters are NAME=VALUE")
        packages = sorted(chosen.rtl.glob("*_pkg.sv"))
        self.sources = [path.resolve() for path in
                        packages + [path for path in sorted(chosen.rtl.glob("*.sv")) if path not in packages]]
        if chosen.module not in [path.stem for path in self.sources]:
            raise Failure(f"no module {chosen.module} in {chosen.rtl}")
        self.folder = chosen.out.resolve()
        command = [ROOT / "synth/run", "--quiet", "--jobs", str(chosen.jobs), "--rtl", chosen.rtl, "--out", self.folder,
                   "--module", chosen.module, "--netlist", self.folder / f"{chosen.module}.v"]
        for text in chosen.params:
            command += ["--param", text]
        if chosen.yosys:
            command += ["--yosys", chosen.yosys]
        done = subprocess.run(command, capture_output=True, text=True)
        # A netlist with RAM is mapped all the same, and only not written by the flow.
        if done.returncode != 0 and "holds RAM" not in done.stderr:
            raise Failure(done.stderr.strip())
        self.wanted = chosen.module, dict(text.split("=", 1) for text in chosen.params), self.sources
        self.modules = flow.elaborate(*self.wanted, self.folder / "elaborate", flow.allow_list())
        self.top = next(identity for identity, module in self.modules.items() if module.name == chosen.module)
        self.cells = liberty.parse(self.folder / "cells.lib", liberty.read_text(self.folder / "cells.lib"))

    def netlist(self, identity):
        return (self.folder / identity / "netlist.v").read_text()

    def path_to(self, name):
        """Ids from the top to the first module of that name, nearest first."""
        paths = [[self.top]]
        for path in paths:
            if self.modules[path[-1]].name == name:
                return path
            paths += [path + [child] for child in sorted(self.modules[path[-1]].children)]
        raise Failure(f"{self.modules[self.top].name} holds no {name}")


def changed(text, cells, number):
    """A netlist whose gate `number` has become one with the same pins and another function."""
    gates = {name: cell for name, cell in cells.items() if not cell.sequential and cell.functions}
    tables = {name: {pin: cell.table(pin) for pin in cell.functions} for name, cell in gates.items()}
    others = {name: next((other for other in sorted(gates) if gates[other].inputs == cell.inputs
                          and tables[other].keys() == tables[name].keys() and tables[other] != tables[name]), None)
              for name, cell in gates.items()}
    places = [match for match in re.finditer(r"^  (\w+)(?= \w+ \()", text, re.M) if others.get(match.group(1))]
    if number >= len(places):
        raise Failure(f"fault {number}: only {len(places)} gates can be changed")
    place = places[number]
    return text[:place.start(1)] + others[place.group(1)] + text[place.end(1):]


def write_file(mapped, target, fault=None, faulty=None, blocks=()):
    """One file that simulates: netlists of single-bit nets and cells, the cells' functions, RAM as its RTL.

    With `fault` that gate is another, in one instance of the module `faulty`, the top by default. Modules of the names
    in `blocks` are marked for Verilator to compile once, however often they stand in the netlist."""
    texts = {}
    for identity in flow.descendants(mapped.top, mapped.modules):
        if mapped.modules[identity].name not in (RAM, flow.ADDER) or identity == mapped.top:
            texts[identity] = mapped.netlist(identity)
    if fault is not None:
        path = mapped.path_to(faulty or mapped.modules[mapped.top].name)
        texts[path[-1]], right = changed(texts[path[-1]], mapped.cells, fault), texts[path[-1]]
        # The one instance gets modules of its own, from it up to the top.
        for parent, child in reversed(list(zip(path, path[1:]))):
            wrong = re.sub(rf"^module {child}\b", f"module {child}_fault", texts[child])
            texts[f"{child}_fault"], texts[child] = wrong, right
            right = texts[parent]
            texts[parent] = re.sub(rf"^  {child} ", f"  {child}_fault ", texts[parent], count=1, flags=re.M)
    name = mapped.modules[mapped.top].name
    texts[mapped.top] = re.sub(rf"^module {mapped.top}\b", f"module {name}", texts[mapped.top])
    rams = [module for module in mapped.modules.values() if module.name == RAM]
    cells, script = mapped.folder / "cells.v", mapped.folder / "cells.ys"
    with flow.locked(mapped.folder / "cells"):
        flow.write_file(script, f"read_liberty -ignore_miss_func {mapped.folder}/cells.lib\nproc\nwrite_verilog -noattr {cells}\n")
        flow.yosys(script, mapped.folder / "cells.log")
        functions = cells.read_text()
    for identity in texts:
        if mapped.modules[identity.removesuffix("_fault")].name in blocks and identity != mapped.top:
            texts[identity] = re.sub(r"^(module .*;)$", r"\1 /*verilator hier_block*/", texts[identity], count=1, flags=re.M)
    parts = [*texts.values(), functions, *map(ram_shell, rams)]
    if rams:
        parts.append(next(path for path in mapped.sources if path.stem == RAM).read_text())
    target.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(parts)
    for identity in texts:  # Verilator would spell "__" another way in the names of its files
        text = re.sub(rf"\b{identity}\b", identity.replace("__", "_"), text)
    target.write_text(text)


def ram_shell(module):
    """The black box's name and ports around the RTL of the RAM."""
    ports = re.findall(r"^  wire (?:width (\d+) )?.*?\b(input|output) \d+ \\(\S+)", module.stub(), re.M)
    lines = [f"module {module.id} ({', '.join(name for _, _, name in ports)});"]
    lines += [f"  {way} [{int(width or 1) - 1}:0] {name};" for width, way, name in ports]
    settings = ", ".join(f".{key}({value})" for key, value in module.parameters.items())
    return "\n".join([*lines, f"  {RAM} #({settings}) u_ram ({', '.join(f'.{name}({name})' for _, _, name in ports)});", "endmodule", ""])
