# SPDX-License-Identifier: Apache-2.0
"""The synthesis flow: elaborate, check, map one module at a time, write netlists. Method: synth/README.md."""

import contextlib
import fcntl
import functools
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import time

import liberty

ROOT = pathlib.Path(__file__).resolve().parent.parent
RAM = "ram_1r1w"  # a black box counted in bits
FLOW = 1          # raise it when the flow changes, so that kept results are redone
# Sources say which form is for silicon; parameters not listed keep their defaults.
SILICON = {"Structural": "1"}
# First cell type of each `select -assert-none` below.
REFUSED_CELLS = {"$dlatch": "a latch", "$adff": "an asynchronous set or reset", "$tribuf": "a tri-state driver"}


class Failure(Exception):
    """One line for the user; the log holds the rest."""


# ---------------------------------------------------------------- files

def write_file(path, text):
    """Whole or not at all, and untouched if it already says so: runs may share a folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_text() == text:
        return
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(text)
    part.replace(path)


@contextlib.contextmanager
def locked(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# ---------------------------------------------------------------- Yosys

@functools.cache
def yosys_version():
    return subprocess.run(["yosys", "-V"], capture_output=True, text=True).stdout.strip()


def yosys(script, log, allowed=None):
    """Runs a script; its log goes to `log`. Raises with Yosys's own error line, or with the first
    warning that the allow-list does not explain."""
    done = subprocess.run(["yosys", "-q", "-q", "-l", str(log), "-s", str(script)], cwd=ROOT,
                          capture_output=True, text=True)
    if done.returncode != 0:
        text = (log.read_text() if log.exists() else "") + done.stdout + done.stderr
        errors = [line for line in text.split("\n") if "ERROR" in line]
        detail = errors[-1].strip() if errors else f"yosys exit code {done.returncode}"
        for cell, meaning in REFUSED_CELLS.items():
            if "selection is not empty" in detail and f"t:{cell} " in detail + " ":
                detail = f"{meaning} is not allowed"
        if "problems" in detail:
            found = [line for line in warnings_of(log) if not line.startswith("ABC:")]
            detail += "".join("; " + line for line in found[:3])
        raise Failure(f"{detail} (log: {log})")
    if allowed is not None:
        refuse_warnings(log, allowed)


def refuse_warnings(log, allowed):
    refused = [line for line in warnings_of(log) if not any(pattern.search(line) for pattern in allowed)]
    if refused:
        raise Failure(f"{len(refused)} warnings that synth/warnings.allow does not explain: {refused[0]} (log: {log})")


def warnings_of(log):
    """Warnings of a Yosys or ABC log, each once, in order; multi-line ones joined."""
    found = []
    lines = log.read_text().split("\n") if log.exists() else []
    for number, line in enumerate(lines):
        if re.search(r"\bwarning\b\s*:", line, re.I) and not line.startswith("Warnings:"):
            text = line.strip()
            while number + 1 < len(lines) and lines[number + 1].startswith("    ") and "check" in text.lower():
                number += 1
                text += " " + lines[number].strip()
            found.append(text)
    return list(dict.fromkeys(found))


def allow_list():
    """Patterns of synth/warnings.allow; a line without a reason is an error."""
    patterns = []
    for number, line in enumerate((ROOT / "synth/warnings.allow").read_text().split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        pattern, mark, reason = line.partition("  # ")
        if not mark or len(reason.split()) < 3:
            raise Failure(f"synth/warnings.allow:{number}: no reason given after two spaces and '# '")
        patterns.append(re.compile(pattern.strip()))
    return patterns


# ---------------------------------------------------------------- elaboration

class Module:
    """A module at one parameter set."""

    def __init__(self, name, parameters, sources):
        self.name = name
        self.parameters = parameters
        self.sources = sources
        self.text = ""       # RTLIL, its children under their own ids
        self.children = {}   # id -> instances
        self.memory_bits = 0

    @property
    def id(self):
        full = "__".join([self.name, "_".join(f"{key}{value}" for key, value in self.parameters.items())]).rstrip("_")
        return full if len(full) <= 100 else f"{full[:80]}_{hashlib.sha256(full.encode()).hexdigest()[:8]}"

    @property
    def label(self):
        inner = ", ".join(f"{key}={value}" for key, value in self.parameters.items() if key not in SILICON)
        return f"{self.name}({inner})" if inner else self.name

    def stub(self):
        """The module's ports alone, as a black box."""
        kept = []
        for line in self.text.split("\n"):
            if line.startswith("module "):
                kept += ["attribute \\blackbox 1", line]
            elif re.match(r"  wire .*\b(?:input|output|inout) \d+ ", line) or line == "end":
                kept.append(line)
        return "\n".join(kept) + "\n"

    def fingerprint(self, stubs):
        """Of what is mapped: the code (comments and spacing do not count), the parameters, the children's ports.

        RTLIL will not do: the names and the order in it depend on the other modules."""
        texts = [re.sub(r"\s+", " ", without_comments(path.read_text())) for path in self.sources]
        stubs = re.sub(r"^ *attribute \\src.*\n", "", stubs, flags=re.M)
        return hashlib.sha256("\n".join(texts + [self.id, stubs]).encode()).hexdigest()


def parameter_value(text):
    if text.startswith('"'):
        return text.strip('"')
    match = re.fullmatch(r"(\d+)'([01]+)", text)
    return str(int(match.group(2), 2)) if match else text


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def source_parameters(path):
    """Names of the parameters that the module of a file takes."""
    return re.findall(r"\bparameter\s+[\w\s]*?\b(\w+)\s*=", without_comments(path.read_text()).split(");", 1)[0])


def elaborate(top, overrides, sources, folder, allowed):
    """{id: Module} of all that stands under `top`."""
    taken = source_parameters(next(path for path in sources if path.stem == top))
    chosen = {**{key: value for key, value in SILICON.items() if key in taken}, **overrides}
    for name in overrides:
        if name not in taken:
            raise Failure(f"{top} has no parameter {name}; it has: {', '.join(taken) or 'none'}")
    folder = folder / "_".join([top] + [f"{key}{value}" for key, value in overrides.items()])
    script, log, output = folder / "elaborate.ys", folder / "elaborate.log", folder / "elaborate.il"
    names = " ".join(str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path) for path in sources)
    settings = "".join(f" -chparam {key} {value}" for key, value in chosen.items())
    with locked(folder):
        write_file(script, f"read_verilog -defer -sv -DSYNTHESIS -noassert -noassume {names}\n"
                           f"hierarchy -check -top {top}{settings}\nwrite_rtlil {output}\n")
        yosys(script, log, allowed)
        text = output.read_text()
    modules, raw_ids = [], {}
    for block in re.findall(r"^module .*?^end$", text, re.M | re.S):
        raw = block.split("\n", 1)[0].split(" ", 1)[1]
        name = raw.rsplit("\\", 1)[1] if raw.startswith("\\") else raw.split("\\")[1]
        parameters = {key: parameter_value(value)
                      for key, value in re.findall(r"^  parameter \\(\S+) (.+)$", block, re.M)}
        module = Module(name, parameters, [path for path in sources if path.stem == name or path.stem.endswith("_pkg")])
        module.text = block + "\n"
        module.memory_bits = sum(int(width) * int(size) for width, size in
                                 re.findall(r"^  memory width (\d+) size (\d+)", block, re.M))
        modules.append(module)
        raw_ids[raw] = module.id
    for module in modules:
        def rename(match):
            word, raw, rest = match.groups()
            if raw not in raw_ids:
                return match.group(0)
            if word == "  cell":
                module.children[raw_ids[raw]] = module.children.get(raw_ids[raw], 0) + 1
            return f"{word} \\{raw_ids[raw]}{rest}"
        module.text = re.sub(r"^(module|  cell) (\S+)(.*)$", rename, module.text, flags=re.M)
    return {module.id: module for module in modules}


# ---------------------------------------------------------------- mapping

CHECK = """\
read_rtlil {stubs}
read_rtlil {source}
hierarchy -check -top {top}
proc
select -assert-none t:$dlatch t:$adlatch t:$dlatchsr t:$sr
select -assert-none t:$adff t:$adffe t:$aldff t:$aldffe t:$dffsr t:$dffsre
select -assert-none t:$tribuf
check -noinit -assert
chformal -remove
"""

PREPARE = """\
opt_expr
opt_clean
opt -nodffe -nosdff
wreduce
peepopt
opt_clean
alumacc
opt
memory -nomap
memory_map
opt -fast
write_rtlil {prepared}
tee -q -o {operators} stat
"""

MAP = """\
read_liberty -lib -ignore_miss_func {library}
read_rtlil {stubs}
read_rtlil {source}
hierarchy -check -top {top}
{adders}techmap
opt_expr
opt_clean
dfflibmap -liberty {library}
opt_clean
abc -liberty {library}
setundef -zero
opt_clean -purge
check -mapped -assert
rename -top {top}
write_verilog -noattr -noexpr {netlist}
tee -q -o {cells} stat {top}
"""

CHECK_RAM = """\
read_rtlil {source}
hierarchy -check -top {top}
proc
check -noinit -assert
"""


def cell_counts(path):
    """{cell type: count} of a `stat` text."""
    text = path.read_text()
    counts = {}
    for name, count in re.findall(r"^     (\S+) +(\d+)$", text, re.M):
        counts[name] = int(count)
    return counts


class Library:
    def __init__(self, path, folder):
        text = liberty.read_text(path)
        self.cells = liberty.parse(path, text)
        self.source = str(path)
        self.digest = hashlib.sha256(text.encode()).hexdigest()
        unit = liberty.nand2(self.cells)
        if not unit:
            raise Failure(f"cell library {path}: no two-input NAND found, so gates cannot be counted")
        if not any(cell.sequential for cell in self.cells.values()):
            raise Failure(f"cell library {path}: no flip-flop in it")
        self.nand2 = unit
        self.adder = liberty.full_adder(self.cells)
        self.path = folder / "cells.lib"  # unpacked, where Yosys reads it
        write_file(self.path, text)
        self.adder_map = folder / "full_adder.v"
        if self.adder:
            cell, total, carry = self.adder
            a, b, c = cell.inputs
            write_file(self.adder_map,
                "// $fa is a row of full adders: X = carries, Y = sums.\n"
                "module \\$fa (A, B, C, X, Y);\n  parameter WIDTH = 1;\n"
                "  (* force_downto *) input [WIDTH-1:0] A, B, C;\n  (* force_downto *) output [WIDTH-1:0] X, Y;\n"
                "  genvar i;\n  generate for (i = 0; i < WIDTH; i = i + 1) begin : g\n"
                f"    {cell.name} u (.{a}(A[i]), .{b}(B[i]), .{c}(C[i]), .{total}(Y[i]), .{carry}(X[i]));\n"
                "  end endgenerate\nendmodule\n")

    def area(self, counts):
        return sum(self.cells[name].area * count for name, count in counts.items() if name in self.cells)


def map_module(module, modules, library, folder, allowed, check_only=False):
    """Maps one module, or only checks it; returns its result, kept or new."""
    with locked(folder / module.id):
        return map_in(folder / module.id, module, modules, library, allowed, check_only)


def map_in(folder, module, modules, library, allowed, check_only):
    stubs = "".join(modules[child].stub() for child in sorted(module.children))
    scripts = [yosys_version(), CHECK, PREPARE, MAP, CHECK_RAM, str(FLOW)]
    key = hashlib.sha256("\n".join([module.fingerprint(stubs), library.digest] + scripts).encode()).hexdigest()
    result_file = folder / "result.json"
    try:
        result = json.loads(result_file.read_text())
        if result["key"] == key and (module.name == RAM or (folder / "netlist.v").exists()):
            for name in result["logs"]:
                refuse_warnings(folder / f"{name}.log", allowed)
            result["kept"] = True
            return result
    except (OSError, ValueError, KeyError):
        pass
    begin = time.monotonic()
    result_file.unlink(missing_ok=True)
    (folder / "source.il").write_text(module.text)
    (folder / "stubs.il").write_text(stubs)
    paths = {"source": folder / "source.il", "stubs": folder / "stubs.il", "prepared": folder / "prepared.il",
             "operators": folder / "operators.txt", "library": library.path, "top": module.id}

    logs = []

    def run(name, text):
        logs.append(name)
        script = folder / f"{name}.ys"
        script.write_text(text)
        yosys(script, folder / f"{name}.log", allowed)

    if module.name == RAM:
        run("check", CHECK_RAM.format(**paths))
        result = {"counts": {}, "adders": False, "ram_bits": module.memory_bits}
    elif check_only:
        run("check", CHECK.format(**paths))
        return {"counts": {}, "adders": False, "ram_bits": 0, "kept": False}
    else:
        run("prepare", (CHECK + PREPARE).format(**paths))
        operators = cell_counts(paths["operators"])
        forms = ["gates"]
        # Sums of many operands: whichever is smaller, gates or the library's full adders.
        if library.adder and ("$macc" in operators or "$mul" in operators):
            forms.append("adders")
        best = None
        for form in forms:
            adders = f"maccmap\nopt -fast\ntechmap -map {library.adder_map}\n" if form == "adders" else ""
            netlist, cells = folder / f"{form}.v", folder / f"{form}.txt"
            run(form, MAP.format(**{**paths, "source": paths["prepared"]}, adders=adders, netlist=netlist, cells=cells))
            counts = cell_counts(cells)
            strange = [name for name in counts if name not in library.cells and name not in modules]
            if strange:
                raise Failure(f"cells that the library does not have: {', '.join(strange)}")
            if best is None or library.area(counts) < library.area(best["counts"]):
                best = {"counts": counts, "adders": form == "adders", "ram_bits": 0}
                shutil.copyfile(netlist, folder / "netlist.v")
        result = best
    result.update(key=key, logs=logs, seconds=round(time.monotonic() - begin, 1))
    write_file(result_file, json.dumps(result, indent=1))
    result["kept"] = False
    return result


# ---------------------------------------------------------------- netlists

def nor2_like(cell, library):
    """A NOR with the pins of that NAND."""
    output = next(iter(cell.functions))
    for other in library.cells.values():
        if other.inputs == cell.inputs and other.functions.keys() == cell.functions.keys() and \
                other.table(output) == (1, 0, 0, 0):
            return other
    raise Failure(f"cell library {library.source}: no NOR with the pins of {cell.name}")


def write_netlist(top, modules, library, folder, target, fault):
    """One Verilog file: the netlist under `top`, its children and the cells' functions."""
    needed, stack = [], [top]
    while stack:
        identity = stack.pop()
        if identity not in needed:
            needed.append(identity)
            stack += modules[identity].children
    if any(modules[identity].name == RAM for identity in needed):
        raise Failure(f"{modules[top].name} holds RAM: its netlist needs a model of {RAM} beside it")
    with locked(folder / top):
        script, whole = folder / top / "whole.ys", folder / top / "whole.v"
        lines = [f"read_liberty -ignore_miss_func {library.path}"]
        lines += [f"read_verilog {folder / identity / 'netlist.v'}" for identity in needed]
        lines += [f"hierarchy -check -top {top}", f"rename {top} {modules[top].name}", "proc", "opt_clean",
                  f"write_verilog -noattr {whole}"]
        write_file(script, "\n".join(lines) + "\n")
        yosys(script, folder / top / "whole.log")
        text = whole.read_text()
    if fault is not None:
        nand = library.nand2
        nor = nor2_like(nand, library)
        body = re.search(rf"^module {modules[top].name}\b.*?^endmodule", text, re.M | re.S)
        places = [match.start() + body.start()
                  for match in re.finditer(rf"^  {nand.name} (?=\S+ \()", body.group(0), re.M)]
        if fault >= len(places):
            raise Failure(f"--fault {fault}: {modules[top].name} has {len(places)} of {nand.name}")
        text = text[:places[fault]] + text[places[fault]:].replace(nand.name, nor.name, 1)
        if not re.search(rf"^module {nor.name}\b", text, re.M):
            a, b = nor.inputs
            y = next(iter(nor.functions))
            text += (f"module {nor.name}({a}, {b}, {y});\n  input {a}, {b};\n  output {y};\n"
                     f"  assign {y} = ~({a} | {b});\nendmodule\n")
    write_file(target, text)
