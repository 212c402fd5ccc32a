# SPDX-License-Identifier: Apache-2.0
"""Cells of a Liberty library as the simulator reads them: states, tables and energies in one set of units.

Units: ps, fF, V, fJ, and µW for leakage, so that µW x ns = fJ. Internal energy is in the library's
voltage_unit² x capacitive_load_unit (pF gives pJ, fF gives fJ).

The state of a cell is a number: bit i is input i in the library's order; a flip-flop's stored bit
follows the inputs. Functions and `when` conditions become strings of '0' and '1', one a state.
"""

import re

import liberty

PREFIXES = {"f": -15, "p": -12, "n": -9, "u": -6, "m": -3, "": 0, "k": 3}
LATCHES = ("latch", "latch_bank", "ff_bank", "statetable")
SLEW = ("input_net_transition", "input_transition_time")
LOAD = ("total_output_net_capacitance",)
EDGES = ("rise", "fall")


def quantity(text, unit, target=""):
    """'10ns' with unit 's' in ps, the target prefix p: 10000. Exact where the result is a whole number."""
    match = re.fullmatch(r"\s*([\d.eE+-]+?)\s*([fpnumk]?)" + unit + r"\s*", text, re.I)
    if not match:
        raise liberty.LibertyError(f"unit '{text}': expected a number, a prefix of f p n u m k, and {unit}")
    power = PREFIXES[match.group(2).lower()] - PREFIXES[target]
    return float(match.group(1)) * 10 ** power if power >= 0 else float(match.group(1)) / 10 ** -power


def numbers(group, name):
    """The numbers of a list; rows may be broken by a backslash inside their quotes."""
    return [float(text) for row in group.lists[name][-1] for text in row.replace(",", " ").replace("\\", " ").split()]


class Units:
    """Factors from a library's units to ours."""

    def __init__(self, library):
        text = library.attributes
        volt = quantity(text.get("voltage_unit", "1V"), "V")
        load = "".join(library.lists.get("capacitive_load_unit", [["1", "pf"]])[-1])
        self.time = quantity(text.get("time_unit", "1ns"), "s", "p")
        self.capacitance = quantity(load, "f", "f")
        self.energy = volt * volt * self.capacitance
        self.power = quantity(text.get("leakage_power_unit", "1nW"), "W", "u")
        if "nom_voltage" not in text:
            raise liberty.LibertyError("the library has no nom_voltage, so its energies have no supply")
        self.volts = library.number("nom_voltage") * volt


class Reader:
    """Cells of one library group (and of more of its kind, where a library comes in several files)."""

    def __init__(self, library):
        self.library = library
        self.units = Units(library)
        self.templates = {group.args[0]: group for group in library.groups
                          if group.name in ("lu_table_template", "power_lut_template")}

    def table(self, group, factor):
        """{slews, loads, values}: values[i][j] of slew i and load j; one entry where it does not depend on it."""
        template = self.templates.get(group.args[0] if group.args else "")
        axes = []
        for number in (1, 2, 3):
            kind = template.attributes.get(f"variable_{number}") if template else None
            if kind is None:
                break
            name = f"index_{number}"
            axes.append((kind, numbers(group if name in group.lists else template, name)))
        flat = [value * factor for value in numbers(group, "values")]
        slews, loads = [0.0], [0.0]
        for kind, points in axes:
            if kind in SLEW:
                slews = [point * self.units.time for point in points]
            elif kind in LOAD:
                loads = [point * self.units.capacitance for point in points]
            else:
                raise liberty.LibertyError(f"a table over {kind}: expected {', '.join(SLEW + LOAD)}")
        if len(flat) != len(slews) * len(loads):
            raise liberty.LibertyError(f"a table of {len(slews)} x {len(loads)} has {len(flat)} values")
        by_load = len(axes) == 2 and axes[0][0] in LOAD
        values = [[flat[j * len(slews) + i] if by_load else flat[i * len(loads) + j]
                   for j in range(len(loads))] for i in range(len(slews))]
        return {"slews": slews, "loads": loads, "values": values}

    def tables(self, group, names, factor):
        """{edge: table} of the groups called names[edge]; a missing edge is missing."""
        return {edge: self.table(inner, factor) for edge, name in zip(EDGES, names) for inner in group.all(name)}

    def cell(self, group):
        """The dump of one cell; refuses what the simulator does not simulate."""
        try:
            return self.dump(group)
        except (liberty.LibertyError, KeyError, ValueError, IndexError) as error:
            raise liberty.LibertyError(f"cell {group.args[0]}: {error}") from error

    def dump(self, group):
        pins = {pin.args[0]: pin for pin in group.all("pin")}
        inputs = [name for name, pin in pins.items() if pin.attributes.get("direction") == "input"]
        outputs = [name for name, pin in pins.items() if pin.attributes.get("direction") == "output"]
        store = group.all("ff")
        if group.all(*LATCHES) or len(store) > 1:
            raise liberty.LibertyError("latches, clock gates and banks are not simulated")
        functions, following, clock, resets = {}, None, None, []
        variables = list(inputs)
        if store:
            clock = store[0].attributes["clocked_on"].strip("() ")
            if clock not in inputs:
                raise liberty.LibertyError(f"clocked on '{clock}': only rising edges of a pin are simulated")
            variables.append("(stored)")
            true, false = store[0].args
            following = liberty.compile_function(store[0].attributes["next_state"])
            resets = [liberty.compile_function(text) for name, text in store[0].attributes.items()
                      if name in ("clear", "preset")]
        states = []
        for number in range(1 << len(variables)):
            state = {name: number >> bit & 1 for bit, name in enumerate(variables)}
            if store:
                state[true], state[false] = state["(stored)"], 1 - state["(stored)"]
            states.append(state)
        for name in outputs:
            functions[name] = liberty.compile_function(pins[name].attributes["function"])
        for state in states:  # conditions may name outputs
            state.update({name: function(state) for name, function in functions.items()})

        def over_states(function):
            return "".join(str(function(state)) for state in states)

        def condition(inner):
            text = inner.attributes.get("when")
            return over_states(liberty.compile_function(text)) if text else ""

        def rail_counts(inner):
            """Tables of a ground rail tell of the same charge at its other end."""
            return inner.attributes.get("related_pg_pin") not in grounds

        grounds = {pin.args[0] for pin in group.all("pg_pin") if "ground" in pin.attributes.get("pg_type", "")}
        cell = {
            "name": group.args[0],
            "inputs": [{"name": name, "capacitance": self.capacitance(pins[name])} for name in inputs],
            "outputs": [{"name": name, "function": over_states(functions[name])} for name in outputs],
            "clock": inputs.index(clock) if store else -1,
            "next": over_states(following) if store else "",
            # States with an active asynchronous set or reset: a netlist must exclude them by constants.
            "reset": over_states(lambda state: int(any(reset(state) for reset in resets))) if store else "",
            "leakage": self.leakage(group, states, rail_counts), "timing": [], "power": []}
        for name, pin in pins.items():
            for inner in pin.all("timing"):
                if name in outputs and not inner.attributes.get("timing_type", "combinational").startswith(
                        ("three_state", "min_", "clear", "preset")):
                    for related in sorted(set(inner.attributes["related_pin"].split()) & set(inputs)):
                        cell["timing"].append({
                            "output": outputs.index(name), "input": inputs.index(related), "when": condition(inner),
                            "sense": inner.attributes.get("timing_sense", "non_unate"),
                            "delay": self.tables(inner, ("cell_rise", "cell_fall"), self.units.time),
                            "slew": self.tables(inner, ("rise_transition", "fall_transition"), self.units.time)})
            for inner in filter(rail_counts, pin.all("internal_power")):
                energy = self.tables(inner, ("rise_power", "fall_power"), self.units.energy)
                for both in inner.all("power"):
                    energy = dict.fromkeys(EDGES, self.table(both, self.units.energy))
                # An output's table without a related pin holds whichever input caused the transition.
                related = inner.attributes.get("related_pin", " ".join(inputs)).split() if name in outputs else [name]
                for source in sorted(set(related) & set(inputs)):
                    cell["power"].append({
                        "output": outputs.index(name) if name in outputs else -1, "input": inputs.index(source),
                        "rail": inner.attributes.get("related_pg_pin", ""), "when": condition(inner), "energy": energy})
        return cell

    def capacitance(self, pin):
        edges = [pin.number("rise_capacitance", 0.0), pin.number("fall_capacitance", 0.0)]
        return pin.number("capacitance", sum(edges) / 2) * self.units.capacitance

    def leakage(self, group, states, rail_counts):
        """µW in each state: the rails' sum, conditions where they hold, else the value without condition, else
        the cell's average."""
        rails = {}
        for inner in filter(rail_counts, group.all("leakage_power")):
            text = inner.attributes.get("when")
            rails.setdefault(inner.attributes.get("related_pg_pin", ""), []).append(
                (liberty.compile_function(text) if text else None, inner.number("value")))
        average = group.number("cell_leakage_power", self.library.number("default_cell_leakage_power", 0.0))

        def in_state(state):
            total = 0.0 if rails else average
            for entries in rails.values():
                found = [value for when, value in entries if when and when(state)] or \
                        [value for when, value in entries if not when] or [average]
                total += sum(found) / len(found)
            return total * self.units.power

        return [in_state(state) for state in states]


def inverter(library):
    """The name of the smallest inverter: the unit of drive."""
    found = []
    for group in library.all("cell"):
        pins = group.all("pin")
        functions = [pin.attributes["function"] for pin in pins if "function" in pin.attributes]
        inputs = [pin.args[0] for pin in pins if pin.attributes.get("direction") == "input"]
        if len(inputs) == 1 and len(functions) == 1 and re.sub(r"[()\s]", "", functions[0]) in (f"!{inputs[0]}", f"{inputs[0]}'"):
            found.append((group.number("area", 0.0), group.args[0]))
    if not found:
        raise liberty.LibertyError("the library has no inverter")
    return min(found)[1]


def dump(library, names):
    """What the simulator needs of a library for a netlist of the named cells."""
    reader, reference = Reader(library), inverter(library)
    groups = {group.args[0]: group for group in library.all("cell")}
    missing = sorted(set(names) - groups.keys())
    if missing:
        raise liberty.LibertyError(f"the library has no cell {', '.join(missing)}")
    return {"volts": reader.units.volts, "inverter": reference,
            "cells": [reader.cell(groups[name]) for name in sorted({*names, reference})]}
