# SPDX-License-Identifier: Apache-2.0
"""The cell libraries: where each comes from, and the copies of it that the tools read.

Yosys 0.23 cannot be told to leave a cell alone (its abc has no -dont_use) and stops at unquoted
expressions such as gf180's `clear : !RN ;`. So the tools read a copy, written afresh from the parsed
library, that holds only cells the flow may use:

  cells.lib   functions, areas, timing: for Yosys, ABC and OpenSTA
  power.lib   the same cells with their power tables: for the energy program"""

import hashlib
import json
import os
import pathlib
import re

import liberty
from liberty import LibertyError

NO_FLOP = "not a plain rising-edge flip-flop"
COPY = 4  # raise it when what is copied changes

# name -> (files in the folder CUATRO_PDK, where they come from)
PDKS = {
    "osu018": (["osu018_stdcells.lib"], "apt-get install qflow-tech-osu018"),
    "sky130hd": (["sky130hd_tt.lib"],
                 "platforms/sky130hd/lib of github.com/The-OpenROAD-Project/OpenROAD-flow-scripts "
                 "(from github.com/google/skywater-pdk)"),
    "asap7": (["asap7_SIMPLE_RVT_TT_nldm_211120.lib", "asap7_AO_RVT_TT_nldm_211120.lib", "asap7_OA_RVT_TT_nldm_211120.lib",
               "asap7_INVBUF_RVT_TT_nldm_220122.lib", "asap7_SEQ_RVT_TT.lib"],
              "asap7sc7p5t_28/LIB/NLDM of github.com/The-OpenROAD-Project/asap7 "
              "(there asap7sc7p5t_SIMPLE_RVT_TT_nldm_211120.lib and so on)"),
    "gf180": (["gf180mcu_fd_sc_mcu7t5v0__tt_025C_5v00.lib"],
              "liberty/ of github.com/google/globalfoundries-pdk-libs-gf180mcu_fd_sc_mcu7t5v0"),
    "sg13g2": (["sg13g2_stdcell_typ_1p20V_25C.lib"],
               "ihp-sg13g2/libs.ref/sg13g2_stdcell/lib of github.com/IHP-GmbH/IHP-Open-PDK"),
}
OSU018 = pathlib.Path("/usr/share/qflow/tech/osu018")

# What no netlist of this flow may hold, though its function would do: delay and hold cells, cells for
# clock trees, cells for power domains and probes.
UNWANTED = re.compile(r"dly|delay|hold|(?:^|_)HB\dx|clk|CLKBUF|CKINV|CKBUF|lpflow|probe|isobuf|bufbuf|bufinv|antenna|diode|fill"
                      r"|spare", re.I)


def files(name, given):
    """Paths of the library's files: those given, else those of the PDK."""
    if given:
        return [pathlib.Path(part) for part in given.split(",") if part]
    if name not in PDKS:
        raise LibertyError(f"no cell library for PDK={name}: take one of {', '.join(PDKS)}, or give its path, LIBERTY=file.lib")
    names, origin = PDKS[name]
    folder = os.environ.get("CUATRO_PDK")
    if name == "osu018" and (not folder or not found(pathlib.Path(folder), names[0])):
        folder = OSU018
    if not folder:
        raise LibertyError(f"PDK={name} needs CUATRO_PDK=folder with {', '.join(names)} (.gz or not), from {origin}")
    paths = [found(pathlib.Path(folder), file) for file in names]
    missing = [file for file, path in zip(names, paths) if not path]
    if missing:
        raise LibertyError(f"cell library {folder}/{missing[0]} is missing (nor is it there as .gz): {origin}")
    return paths


def found(folder, name):
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.exists()), None)


def merge(parts):
    """One library of several: the first one's header, all templates, all cells. Units must agree."""
    (first_path, first), *rest = parts
    for path, library in rest:
        for unit in ("time_unit", "voltage_unit", "leakage_power_unit", "capacitive_load_unit"):
            ours, theirs = ((one.attributes.get(unit), one.lists.get(unit)) for one in (first, library))
            if ours != theirs:
                raise LibertyError(f"cell library {path}: its {unit} is not that of {first_path}: "
                                   "files of one library have the same")
        present = {(group.name, *group.args): group for group in first.groups}
        for group in library.groups:
            other = present.get((group.name, *group.args))
            if not other:
                first.groups.append(group)
            elif group.name == "cell" or group.name.endswith("_template") and group.text() != other.text():
                raise LibertyError(f"cell library {path}: {group.name} {', '.join(group.args)} is in {first_path} as well")
    return first


def reason_to_drop(cell):
    """Why the flow does not use a cell, or None."""
    attributes = cell.group.attributes
    if UNWANTED.search(cell.name) or attributes.get("dont_use") == "true" or attributes.get("is_level_shifter") == "true":
        return "not for logic"
    if "clock_gating_integrated_cell" in attributes or cell.three_state or not cell.area or not cell.functions:
        return "clock gate, tri-state, or without area or output"
    if any(group.name in ("test_cell", "latch", "latch_bank", "ff_bank", "statetable") for group in cell.group.groups):
        return "scan cell, latch or bank"
    if cell.flip_flop:
        return None if plain_flip_flop(cell) else NO_FLOP
    if not cell.inputs:
        return "a constant: inputs are tied without cells"
    tables = [cell.table(output) for output in cell.functions]
    if None in tables:
        return "a function of too many inputs, or none"
    if len(tables) > 1 and not liberty.adder_pins(cell):
        return "several outputs"
    return None


def plain_flip_flop(cell, resets=()):
    """A rising-edge flip-flop of one data input; `resets` are the asynchronous ones it may have."""
    values = cell.flip_flop.attributes
    others = {"clear", "preset", "clocked_on_also"} - set(resets)
    one_input = re.fullmatch(r"[(\s]*!?\s*\w+[)\s]*", values.get("next_state", ""))
    return one_input and not re.search("[!']", values.get("clocked_on", "!")) and not others & values.keys()


def without_power(group):
    """A copy of a library group without what neither mapping nor timing reads."""
    slim = liberty.Group(group.name, group.args)
    slim.attributes, slim.lists = group.attributes, group.lists
    slim.groups = [without_power(inner) for inner in group.groups if not POWER.search(inner.name)]
    return slim


POWER = re.compile(r"power|leakage|ccs|ecsm|receiver|output_current|dc_current|noise|sensitization|pg_pin|normalized_driver"
                   r"|minimum_period|min_pulse_width|ocv_|wire_load")


def prepare(paths, folder):
    """Writes cells.lib and power.lib into the folder, unless they are there already; returns the digest of the sources."""
    texts = [(path, liberty.read_text(path)) for path in paths]
    digest = hashlib.sha256("\n".join([str(COPY)] + [text for _, text in texts]).encode()).hexdigest()
    stamp = folder / "library.json"
    try:
        present = all((folder / name).exists() for name in ("cells.lib", "power.lib"))
        if present and json.loads(stamp.read_text())["sha256"] == digest:
            return digest
    except (OSError, ValueError, KeyError):
        pass
    library = merge([(path, liberty.tree(path, text)) for path, text in texts])
    cells = liberty.cells_of(paths[0], library)
    dropped = {name: reason for name, cell in cells.items() if (reason := reason_to_drop(cell))}
    if not any(cell.flip_flop and name not in dropped for name, cell in cells.items()):
        # sg13g2 has none without a reset; tied off, it will do.
        for name, cell in cells.items():
            if dropped.get(name) == NO_FLOP and plain_flip_flop(cell, resets=("clear",)):
                del dropped[name]
    # What they name is not in the copy: wire loads, for there are no wires.
    library.attributes = {name: text for name, text in library.attributes.items()
                          if not name.startswith(("default_wire_load", "default_operating_conditions"))}
    library.groups = [group for group in library.groups if group.name != "cell" or group.args and group.args[0] not in dropped]
    folder.mkdir(parents=True, exist_ok=True)
    for name, group in (("cells.lib", without_power(library)), ("power.lib", library)):
        part = folder / f"{name}.{os.getpid()}.part"
        part.write_text(group.text())
        part.replace(folder / name)
    stamp.write_text(json.dumps({"sha256": digest, "files": [str(path) for path in paths], "dropped": dropped}, indent=1) + "\n")
    return digest
