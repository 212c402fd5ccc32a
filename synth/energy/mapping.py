# SPDX-License-Identifier: Apache-2.0
"""One module through the synthesis flow to a flat netlist of library cells, in the form of Yosys's JSON."""

import json
import re

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
    target = folder / identity / "flat.json"
    texts = {name: (folder / name / "netlist.v").read_text() for name in modules}
    flow.write_file(target, json.dumps({"modules": {identity: Flattening(texts).module(identity)}}) + "\n")
    return target


class Body:
    """A module as the flow writes it: single-bit nets, no expressions."""

    def __init__(self, text):
        self.ports = {name: (direction, int(top or 0) + 1) for direction, top, name in
                      re.findall(r"^  (input|output) (?:\[(\d+):0\] )?(\w+);", text, re.M)}
        self.wires = re.findall(r"^  wire (\w+);", text, re.M)
        self.aliases = re.findall(r"^  assign (\S+) = (\S+);", text, re.M)
        self.instances = [(kind, name, [(pin, bits.strip("{}").split(", ")) for pin, bits in re.findall(r"\.(\w+)\(([^()]*)\)", pins)])
                          for kind, name, pins in re.findall(r"^  (\w+) (\w+) \((\..*)\);$", text, re.M)]
        # Nothing but this is understood.
        lines = sum(line.startswith("  ") for line in text.split("\n"))
        if lines != len(self.ports) + len(self.wires) + len(self.aliases) + len(self.instances):
            raise flow.Failure(f"a netlist in another form than the flow's: {text[:80]!r}")

    def bits(self, port):
        width = self.ports[port][1]
        return [port] if width == 1 else [f"{port}[{place}]" for place in range(width)]


class Flattening:
    """Modules of one hierarchy to one. Yosys's `flatten` would take gigabytes for all the names."""

    def __init__(self, texts):
        self.bodies = {name: Body(text) for name, text in texts.items()}
        self.same = []   # of each net one that is the same, or itself
        self.cells = {}

    def net(self):
        self.same.append(len(self.same))
        return len(self.same) - 1

    def find(self, net):
        while isinstance(net, int) and self.same[net] != net:
            net = self.same[net]
        return net

    def place(self, name, nets, path):
        """Adds what stands in a module, `nets` being {its port's bit: net}."""
        body = self.bodies[name]
        nets = {"1'b0": "0", "1'b1": "1", **nets}
        for wire in body.wires:
            nets[wire] = self.net()
        for left, right in body.aliases:  # an output that is another port or constant
            self.same[self.find(nets[left])] = self.find(nets[right])
        for kind, instance, pins in body.instances:
            if kind not in self.bodies:
                self.cells[path + instance] = {"type": kind, "connections": {pin: [nets[bits[0]]] for pin, bits in pins}}
                continue
            # Ports count from the left in a concatenation.
            inner = {bit: nets[outer] for pin, bits in pins for bit, outer in zip(self.bodies[kind].bits(pin), reversed(bits))}
            for port in self.bodies[kind].ports:
                for bit in self.bodies[kind].bits(port):
                    if bit not in inner:
                        inner[bit] = self.net()
            self.place(kind, inner, f"{path}{instance}.")

    def module(self, top):
        body = self.bodies[top]
        ports = {port: {"direction": direction, "bits": [self.net() for _ in body.bits(port)]}
                 for port, (direction, _) in body.ports.items()}
        self.place(top, {bit: net for port, entry in ports.items() for bit, net in zip(body.bits(port), entry["bits"])}, "")
        for entry in ports.values():
            entry["bits"] = [self.find(net) for net in entry["bits"]]
        for cell in self.cells.values():
            cell["connections"] = {pin: [self.find(net) for net in nets] for pin, nets in cell["connections"].items()}
        return {"attributes": {}, "ports": ports, "cells": self.cells}


def cell_names(netlist):
    """The library cells in a flat netlist."""
    modules = json.loads(netlist.read_text())["modules"].values()
    return {cell["type"] for module in modules for cell in module["cells"].values()}
