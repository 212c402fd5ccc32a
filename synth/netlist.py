# SPDX-License-Identifier: Apache-2.0
"""The mapped netlist of one module: read from Yosys's JSON, given buffers where a net is too heavy, written as Verilog.

ABC sees the logic between flip-flops of one module at a time. What it does not see are nets that leave
flip-flops, enter children or cross black boxes. Here every net is held to what its driver can drive: the
library's max_capacitance and a bound on the output's transition. Children come first, so that the load of a
child's port is known: the pins behind it. Clock nets are ideal and stay as they are."""

import json
import math
import re

import liberty

FANOUT = 10  # an output may slow down to the transition of the smallest inverter that drives this many like itself


class Drive:
    """What the cells of a library may drive, its buffers, and its pace. In the library's units."""

    def __init__(self, cells, library):
        self.cells = cells
        inverters = [cell for cell in cells.values() if not cell.sequential and single_table(cell) == (1, 0)]
        self.buffers = sorted((cell for cell in cells.values() if not cell.sequential and single_table(cell) == (0, 1)),
                              key=lambda cell: (cell.area, cell.name))
        if not inverters or not self.buffers:
            raise liberty.LibertyError("cell library: no inverter or no buffer in it, so no net can be buffered")
        templates = liberty.templates(library)
        self.smallest = smallest = min(inverters, key=lambda cell: (cell.area, -load_of(cell), cell.name))
        self.unit = load_of(smallest)
        self.reserve = 4 * self.unit  # of an output port's driver: what the parent can always attach
        # The transition is measured with an input as slow as itself: three rounds settle.
        output, transition = next(iter(smallest.functions)), 0.0
        for _ in range(3):
            transition = liberty.transition(smallest, output, templates, transition, FANOUT * self.unit)
        self.transition = transition
        # What a module alone is timed and mapped with: its inputs arrive as steep, its outputs carry as much, as behind
        # and before the smallest inverter with a fan-out of four.
        self.typical_load = 4 * self.unit
        self.typical_slew = liberty.transition(smallest, output, templates, transition / 4, self.typical_load)
        self.fo4 = liberty.delay(smallest, output, templates, self.typical_slew, self.typical_load)
        self.limits = {(cell.name, pin): self.limit(cell, pin, templates) for cell in cells.values() for pin in cell.functions}
        self.usable = [cell for cell in self.buffers if self.limits[cell.name, output_of(cell)] >= 2 * load_of(cell)]
        self.port_limit = self.limits[self.buffers[0].name, output_of(self.buffers[0])]

    def limit(self, cell, pin, templates):
        """The heaviest load of an output: bisection on its transition, up to max_capacitance."""
        low, high = 0.0, cell.max_capacitance.get(pin, 64 * FANOUT * self.unit)
        slowest = lambda load: liberty.transition(cell, pin, templates, self.transition, load)
        if slowest(high) is None or slowest(high) <= self.transition:
            return high
        for _ in range(20):
            middle = (low + high) / 2
            low, high = (middle, high) if slowest(middle) <= self.transition else (low, middle)
        return max(low, 2 * self.unit)


def single_table(cell):
    return cell.table(next(iter(cell.functions))) if len(cell.functions) == 1 and len(cell.inputs) == 1 else None


def output_of(cell):
    return next(iter(cell.functions))


def load_of(cell):
    return cell.capacitance[cell.inputs[0]]


class Netlist:
    """ports {name: (direction, bits)}, instances {name: (type, {pin: bits})}; a bit is a number or '0', '1', 'x'."""

    def __init__(self, name, ports, instances, names=None):
        self.name, self.ports, self.instances, self.names = name, ports, instances, names or {}
        self.next_bit = 1 + max([bit for bits in self.all_bits() for bit in bits if isinstance(bit, int)], default=1)
        self.added = {}  # buffer cell -> count

    def all_bits(self):
        yield from (bits for _, bits in self.ports.values())
        for _, pins in self.instances.values():
            yield from pins.values()

    @staticmethod
    def of_json(path):
        """The one module with content of Yosys's write_json."""
        modules = json.loads(path.read_text())["modules"]
        name, module = next((name, module) for name, module in modules.items()
                            if not {"blackbox", "whitebox"} & module.get("attributes", {}).keys())
        ports = {port: (entry["direction"], entry["bits"]) for port, entry in module["ports"].items()}
        names = {}
        for net, entry in module["netnames"].items():
            if not entry["hide_name"]:
                for place, bit in enumerate(entry["bits"]):
                    names.setdefault(bit, net if len(entry["bits"]) == 1 else f"{net}_{place}")
        instances, taken = {}, set(ports)
        for instance, entry in module["cells"].items():
            given = instance
            if entry["hide_name"]:  # a register is named after what it holds
                outputs = [bits[0] for pin, bits in entry["connections"].items()
                           if entry["port_directions"].get(pin) == "output" and bits]
                given = f"{names[outputs[0]]}_{'reg' if 'ff' in instance else 'gate'}" if outputs and outputs[0] in names else "u"
            given = re.sub(r"\W+", "_", given).strip("_")
            given = given if re.match("[A-Za-z]", given) and not re.fullmatch(r"n\d+|buffer_\d+", given) else f"u_{given}"
            unique = f"u_{len(taken)}" if given == "u" else given
            while unique in taken:
                unique = f"{given}_{len(taken)}"
            taken.add(unique)
            instances[unique] = (entry["type"], entry["connections"])
        return Netlist(name, ports, instances, names)

    def nets(self, drive, children):
        """{bit: (limit of the driver, [(load, where)])}, and the bits that are clocks.

        `where` is (instance, pin, place), or None for an output port, whose load is the parent's business."""
        limits, sinks, clocks = {}, {}, set()
        for port, (direction, bits) in self.ports.items():
            for place, bit in enumerate(bits):
                if direction == "input":
                    limits[bit] = drive.port_limit
                else:
                    sinks.setdefault(bit, []).append((drive.reserve, (None, port, place)))
        for name, (kind, pins) in self.instances.items():
            cell, child = drive.cells.get(kind), children.get(kind)
            for pin, bits in pins.items():
                for place, bit in enumerate(bits):
                    if cell:
                        if pin in cell.functions:
                            limits[bit] = drive.limits[kind, pin]
                        else:
                            sinks.setdefault(bit, []).append((cell.capacitance[pin], (name, pin, place)))
                            if is_clock(cell, pin):
                                clocks.add(bit)
                    elif pin in child["load"]:
                        sinks.setdefault(bit, []).append((child["load"][pin][place], (name, pin, place)))
                        if pin in child["clocks"]:
                            clocks.add(bit)
                    else:
                        limits[bit] = child["limit"][pin][place]
        return {bit: (limit, sinks.get(bit, [])) for bit, limit in limits.items() if isinstance(bit, int)}, clocks

    def buffer(self, drive, children):
        """Splits every net that is too heavy for its driver into a tree of buffers."""
        nets, clocks = self.nets(drive, children)
        for bit, (limit, sinks) in nets.items():
            if bit in clocks:
                continue
            movable = [sink for sink in sinks if sink[1][0] is not None]
            spare = sum(load for load, where in sinks if where[0] is None)
            while movable and spare + sum(load for load, _ in movable) > limit * 1.0001:
                cell = self.best_buffer(drive, limit - spare, movable)
                room = drive.limits[cell.name, output_of(cell)]
                groups = split(movable, room)
                if len(groups) >= len(movable):
                    break  # every sink is alone already: more buffers would not help
                movable = [(load_of(cell), self.insert(bit, group, cell)) for group in groups]

    @staticmethod
    def best_buffer(drive, limit, sinks):
        """The buffer that needs the fewest levels, then the least area, to serve the sinks."""
        total = sum(load for load, _ in sinks)

        def cost(cell):
            levels = area = 0
            load, room = total, drive.limits[cell.name, output_of(cell)]
            while load > limit and levels < 8:
                count = math.ceil(load / room)
                levels, area, load = levels + 1, area + count * cell.area, count * load_of(cell)
            return levels, area
        return min(drive.usable or drive.buffers, key=cost)

    def insert(self, bit, sinks, cell):
        """A buffer from `bit` to the sinks; returns its input as (instance, pin, place)."""
        new, self.next_bit = self.next_bit, self.next_bit + 1
        for _, (instance, pin, place) in sinks:
            self.instances[instance][1][pin][place] = new
        name = f"buffer_{new}"
        self.instances[name] = (cell.name, {cell.inputs[0]: [bit], output_of(cell): [new]})
        self.added[cell.name] = self.added.get(cell.name, 0) + 1
        return name, cell.inputs[0], 0

    def interface(self, drive, children):
        """What a parent needs: the load of each input bit, what each output bit can still drive, which inputs are clocks."""
        nets, clocks = self.nets(drive, children)
        inputs = {bit for direction, bits in self.ports.values() if direction == "input" for bit in bits}
        load, limit = {}, {}

        def left(bit):
            if bit not in nets or bit in inputs:
                return drive.reserve
            return max(nets[bit][0] - sum(value for value, where in nets[bit][1] if where[0]), drive.reserve)
        for port, (direction, bits) in self.ports.items():
            if direction == "input":
                load[port] = [sum(value for value, _ in nets[bit][1]) for bit in bits]
            else:
                limit[port] = [left(bit) for bit in bits]
        return {"load": load, "limit": limit,
                "clocks": sorted(port for port, (direction, bits) in self.ports.items()
                                 if direction == "input" and clocks & set(bits))}

    def counts(self):
        """{cell or child: instances}"""
        found = {}
        for kind, _ in self.instances.values():
            found[kind] = found.get(kind, 0) + 1
        return found

    def verilog(self):
        """Plain structural text: single-bit nets, no expressions, no concatenation on the left of anything."""
        names, lines, assigns = {"0": "1'b0", "1": "1'b1", "x": "1'b0", "z": "1'b0"}, [], []
        widths = {}
        for port, (direction, bits) in self.ports.items():
            lines.append(f"  {direction} {'' if len(bits) == 1 else f'[{len(bits) - 1}:0] '}{port};\n")
            widths[port] = len(bits)
        for wanted in ("input", "output"):
            for port, (direction, bits) in self.ports.items():
                if direction == wanted:
                    for place, bit in enumerate(bits):
                        text = port if len(bits) == 1 else f"{port}[{place}]"
                        if bit in names:
                            assigns.append(f"  assign {text} = {names[bit]};\n")
                        else:
                            names[bit] = text
        wires = set()
        body = []
        for name, (kind, pins) in self.instances.items():
            texts = []
            for pin, bits in pins.items():
                if not bits:  # left open
                    continue
                for bit in bits:
                    if bit not in names:
                        names[bit] = f"n{bit}"
                        wires.add(names[bit])
                inner = ", ".join(names[bit] for bit in reversed(bits))
                texts.append(f".{pin}({inner})" if len(bits) == 1 else f".{pin}({{{inner}}})")
            body.append(f"  {kind} {name} ({', '.join(texts)});\n")
        wire_lines = [f"  wire {wire};\n" for wire in sorted(wires)]
        return "".join([f"module {self.name} ({', '.join(self.ports)});\n", *lines, *wire_lines, *assigns, *body, "endmodule\n"])


def is_clock(cell, pin):
    return pin in cell.clocks or (cell.flip_flop is not None and
                                  pin in re.findall(r"\w+", cell.flip_flop.attributes.get("clocked_on", "")))


def split(sinks, room):
    """The sinks in groups of about equal load, none above `room` unless one sink alone is."""
    count = max(1, math.ceil(sum(load for load, _ in sinks) / room))
    while True:
        share, groups, group, weight = sum(load for load, _ in sinks) / count, [], [], 0.0
        for sink in sinks:
            if group and (weight + sink[0] > room or weight + sink[0] / 2 > share):
                groups, group, weight = groups + [group], [], 0.0
            group.append(sink)
            weight += sink[0]
        groups.append(group)
        if len(groups) <= count + 1 or count >= len(sinks):
            return groups
        count = len(groups)
