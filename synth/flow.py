# SPDX-License-Identifier: Apache-2.0
"""The synthesis flow: elaborate, check, map one module at a time, write netlists. Method: synth/README.md."""

import contextlib
import dataclasses
import fcntl
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import time

import liberty
import pdk
import timing
from netlist import FANOUT, Drive, Netlist

ROOT = pathlib.Path(__file__).resolve().parent.parent
RAM = "ram_1r1w"  # a black box counted in bits
FLOW = 2          # raise it when the flow changes, so that kept results are redone
FLAT = ("mac_dot",)    # mapped as one with all under them: the units that are compared, like the baselines
ADDER = "full_adder"  # a module that becomes the library's cell or gates, whichever is smaller in what holds it
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

YOSYS = ["yosys"]  # the command


@functools.cache
def yosys_version():
    return subprocess.run([*YOSYS, "-V"], capture_output=True, text=True).stdout.strip()


def yosys(script, log, allowed=None, command=None):
    """Runs a script; its log goes to `log`. Raises with Yosys's own error line, or with the first
    warning that the allow-list does not explain. `command`: of another Yosys."""
    done = subprocess.run([*(command or YOSYS), "-q", "-q", "-l", str(log), "-s", str(script)], cwd=ROOT,
                          capture_output=True, text=True)
    if done.returncode != 0:
        text = (log.read_text() if log.exists() else "") + done.stdout + done.stderr
        errors = [line for line in text.split("\n") if "ERROR" in line]
        if errors and "ABC: execution" in errors[-1]:
            errors += [line for line in text.split("\n") if line.startswith("ABC: Error")]
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
        self.adders = 0      # instances of ADDER

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
        """Of what is mapped: the code (comments and spacing do not count) and what it takes from the packages, the parameters,
        the children's ports.

        RTLIL will not do: the names and the order in it depend on the other modules."""
        texts = [re.sub(r"\s+", " ", without_comments(path.read_text())) for path in self.sources]
        packages = [text for text, path in zip(texts, self.sources) if path.stem.endswith("_pkg")]
        texts = [text for text in texts if text not in packages]
        stubs = re.sub(r"^ *attribute \\src.*\n", "", stubs, flags=re.M)
        return hashlib.sha256("\n".join(texts + declarations(packages, texts) + [self.id, stubs]).encode()).hexdigest()


def declarations(packages, texts):
    """What the texts use of the packages, directly or through other declarations; all that is not understood counts as used."""
    waiting, used = [], []
    for package in packages:
        def take(match):
            text = match.group(0).strip()
            if text.startswith("function"):
                names = re.findall(r"(\w+)\s*[(;]", text)[:1]
            elif text.startswith("typedef"):
                names = re.findall(r"(\w+)\s*;$", text) + re.findall(r"[{,]\s*(\w+)\s*(?:=|,|\})", text)
            else:
                names = re.findall(r"(\w+)\s*(?:\[[^\]=]*\]\s*)*=", text)
            waiting.append((set(names), text))
            return ""
        rest = re.sub(r"\bfunction\b.*?\bendfunction\b|\btypedef [^;{]*(?:\{[^{}]*\})?[^;{}]*;|\blocalparam [^;]*;", take, package)
        used.append(re.sub(r"\s+", " ", rest))
    words = {word for text in texts + used for word in re.findall(r"\w+", text)}
    while more := [entry for entry in waiting if not entry[0] or entry[0] & words]:
        waiting = [entry for entry in waiting if entry not in more]
        used += [text for _, text in more]
        words |= {word for _, text in more for word in re.findall(r"\w+", text)}
    return sorted(used)


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


def closure(name, sources):
    """The files of the modules under a module, by the names in its text."""
    texts = {path: without_comments(path.read_text()) for path in sources}
    found, stack = [], [path for path in sources if path.stem == name]
    while stack:
        words = set(re.findall(r"\w+", texts[stack.pop()]))
        more = [path for path in sources if path.stem in words and path.stem != name and path not in found
                and not path.stem.endswith("_pkg")]
        found, stack = found + more, stack + more
    return found


def elaborate(top, overrides, sources, folder, allowed, flat=False, command=None):
    """{id: Module} of all that stands under `top`; flat: of one module that holds it all; `command`: of another Yosys."""
    taken = source_parameters(next(path for path in sources if path.stem == top))
    chosen = {**{key: value for key, value in SILICON.items() if key in taken}, **overrides}
    for name in overrides:
        if name not in taken:
            raise Failure(f"{top} has no parameter {name}; it has: {', '.join(taken) or 'none'}")
    folder = folder / "_".join([top] + [f"{key}{value}" for key, value in overrides.items()])
    script, log, output = folder / "elaborate.ys", folder / "elaborate.log", folder / "elaborate.il"
    names = " ".join(str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path) for path in sources)
    settings = "".join(f" -chparam {key} {value}" for key, value in chosen.items())
    below = closure(top, sources)
    flats = [top] if flat else [name for name in FLAT if name == top or any(path.stem == name for path in below)]
    lines = [f"read_verilog -defer -sv -DSYNTHESIS -noassert -noassume {names}", f"hierarchy -check -top {top}{settings}"]
    if flats:
        lines += ["proc", f"setattr -mod -set keep_hierarchy 1 *{ADDER}*", *[f"flatten *{name}*" for name in flats]]
    with locked(folder):
        write_file(script, "\n".join([*lines, f"hierarchy -check -top {top}", f"write_rtlil {output}", ""]))
        yosys(script, log, allowed, command)
        text = output.read_text()
    modules, raw_ids = [], {}
    for block in re.findall(r"^module .*?^end$", text, re.M | re.S):
        raw = block.split("\n", 1)[0].split(" ", 1)[1]
        name = raw.rsplit("\\", 1)[1] if raw.startswith("\\") else raw.split("\\")[1]
        parameters = {key: parameter_value(value)
                      for key, value in re.findall(r"^  parameter \\(\S+) (.+)$", block, re.M)}
        inside = closure(name, sources) if name in flats else []
        module = Module(name, parameters, [path for path in sources if path.stem == name or path in inside or path.stem.endswith("_pkg")])
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
            if word == "  cell" and raw == f"\\{ADDER}":
                module.adders += 1
            elif word == "  cell":
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
{sums}techmap -map {adders}
techmap
opt_expr
opt_clean
dfflibmap -liberty {library}
opt_clean
abc -liberty {library} -constr {constraints} -script {recipe}
setundef -zero
opt_clean -purge
check -mapped -assert
rename -top {top}
write_json {netlist}
"""

# The unit that the tile repeats: like the baselines it is mapped for the most Fmax per area.
UNITS = ("mac_dot",)
FORM_MARGIN = 1.1  # full adders as gates and as cells are both tried to the end when they begin so near each other
PERIOD_FO4 = 22  # the period all other modules are mapped for, in delays of an inverter with a fan-out of four

# ABC scripts, sized towards a delay in ps ({D}; without it as fast as can be), in the order of the area they usually give.
# `dc2` and `dch` share and restructure logic, which makes it small and undoes what was written to be fast, prefix adders
# among it: so there are forms with and without them.
TIDY = "strash; &get -n; &fraig -x; &put; scorr; "
SIZE = "topo; buffer -N 16; topo; stime -p; upsize {D}; dnsize {D}; stime -p\n"
RECIPES = {
    "small": TIDY + "dc2; strash; dch -f; amap -m; " + SIZE,         # restructured, mapped by area
    "lean": TIDY + "strash; dch -f; amap -m; " + SIZE,               # mapped by area
    "brisk": TIDY + "dc2; strash; dch -f; map -B 0.9 {D}; " + SIZE,  # restructured, mapped by delay
    "flow": TIDY + "strash; &get -n; &nf {D}; &put; " + SIZE,        # as written, area flow under a delay
    "quick": TIDY + "strash; map -B 0.9 {D}; " + SIZE,               # as written, mapped by delay
    # the same, then each gate's neighbourhood rebuilt smaller where nobody can tell
    "spare": TIDY + "strash; &get -n; &nf {D}; &put; topo; mfs3 -a -I 6 -O 8 -C 1000; " + SIZE,
    # with choices of structure
    "choice": TIDY + "strash; &get -n; &st; &dch -f; &nf -R 10 -F 10 -A 10 {D}; &put; " + SIZE,
}

# ABC's mfs3 aborts on some netlists; a mapping that is not there does not compete. Any other failure is one.
MAY_ABORT, ABORTED = ("spare",), "return code 134"

ADDER_STUB = f"""\
attribute \\blackbox 1
module \\{ADDER}
  wire input 1 \\a_i
  wire input 2 \\b_i
  wire input 3 \\c_i
  wire output 4 \\sum_o
  wire output 5 \\carry_o
end
"""

# {{body}}: a full adder of a, b, c to sum and carry.
ADDER_MAP = f"""\
(* techmap_celltype = "{ADDER}" *)
module one_adder (input a_i, b_i, c_i, output sum_o, carry_o);
  one u (.a(a_i), .b(b_i), .c(c_i), .sum(sum_o), .carry(carry_o));
endmodule
(* techmap_celltype = "$fa" *)
module row_of_adders (A, B, C, X, Y);
  parameter WIDTH = 1;
  (* force_downto *) input [WIDTH-1:0] A, B, C;
  (* force_downto *) output [WIDTH-1:0] X, Y;
  genvar i;
  generate for (i = 0; i < WIDTH; i = i + 1) begin : g
    one u (.a(A[i]), .b(B[i]), .c(C[i]), .sum(Y[i]), .carry(X[i]));
  end endgenerate
endmodule
(* techmap_celltype = "one" *)
module one_body (input a, b, c, output sum, carry);
  {{body}}
endmodule
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
    """A cell library as the flow uses it; times in ns, loads in pF."""

    def __init__(self, paths, folder):
        self.source = ", ".join(map(str, paths))
        self.digest = pdk.prepare(paths, folder)
        self.path = folder / "cells.lib"  # the copy that the tools read
        tree = liberty.read(self.path)
        self.cells = {group.args[0]: liberty.Cell(group) for group in tree.all("cell")}
        self.nand2 = liberty.nand2(self.cells)
        if not self.nand2:
            raise Failure(f"cell library {self.source}: no two-input NAND found, so gates cannot be counted")
        flops = [cell for cell in self.cells.values() if cell.flip_flop]
        if not flops:
            raise Failure(f"cell library {self.source}: no flip-flop in it")
        self.flop = min(flops, key=lambda cell: (cell.area, cell.name))
        self.adder = liberty.full_adder(self.cells)
        self.drive = Drive(self.cells, tree)
        self.ns, self.pf = liberty.nanoseconds(tree), liberty.picofarads(tree)
        self.fo4 = self.drive.fo4 * self.ns
        self.launch = self.ns * liberty.delay(self.flop, next(iter(self.flop.functions)), liberty.templates(tree),
                                              self.drive.typical_slew, self.drive.typical_load)
        self.constraints = folder / "abc.constr"
        write_file(self.constraints, f"set_driving_cell {self.drive.smallest.name}\n"
                                     f"set_load {1000 * self.pf * self.drive.typical_load:.5g}\n")
        # How a full adder is built: {form: file}
        self.adders = {"gates": folder / "gates.v"}
        write_file(self.adders["gates"], ADDER_MAP.replace(
            "{body}", "assign sum = a ^ b ^ c;\n  assign carry = (a & b) | (c & (a ^ b));"))
        if self.adder:
            cell, total, carry, inverted = self.adder
            pins = ", ".join(f".{pin}({net})" for pin, net in zip(cell.inputs, "abc"))
            invert = "~" if inverted else ""
            self.adders["adders"] = folder / "adders.v"
            write_file(self.adders["adders"], ADDER_MAP.replace(
                "{body}", f"wire s, k;\n  {cell.name} u ({pins}, .{total}(s), .{carry}(k));\n"
                          f"  assign sum = {invert}s;\n  assign carry = {invert}k;"))

    def area(self, counts):
        return sum(self.cells[name].area * count for name, count in counts.items() if name in self.cells)


@dataclasses.dataclass(frozen=True)
class Goal:
    """What a module is mapped for: the least area at `period` (ns), or with `best` the most Fmax per area; with `once` whatever
    the first script gives."""
    period: float
    best: bool = False
    once: bool = False


# ---------------------------------------------------------------- one module

def map_module(module, modules, library, folder, allowed, goal=None, interfaces=None):
    """Maps one module whose children are mapped, or without a goal only checks it; returns its result, kept or new."""
    with locked(folder / module.id):
        job = Job(module, modules, library, folder, allowed)
        if goal is None:
            job.run("check", CHECK_RAM if module.name == RAM else CHECK)
            return {"counts": {}, "ram_bits": module.memory_bits, "kept": False}
        return job.result(goal, {child: interfaces[child] for child in module.children})


class Job:
    """The mapping of one module in its folder. What is there already, made from the same, is kept."""

    def __init__(self, module, modules, library, folder, allowed):
        self.module, self.modules, self.library, self.allowed = module, modules, library, allowed
        self.top, self.folder = folder, folder / module.id
        self.stubs = "".join(modules[child].stub() for child in sorted(module.children)) + (ADDER_STUB if module.adders else "")
        self.key = digest(module.fingerprint(self.stubs), library.digest, yosys_version(), CHECK, PREPARE, MAP, ADDER_MAP, CHECK_RAM,
                          str(FLOW))
        self.paths = {"source": self.folder / "source.il", "stubs": self.folder / "stubs.il", "library": library.path,
                      "prepared": self.folder / "prepared.il", "operators": self.folder / "operators.txt", "top": module.id,
                      "constraints": library.constraints}
        write_file(self.paths["source"], module.text)
        write_file(self.paths["stubs"], self.stubs)

    def run(self, name, text, **more):
        """Runs a script, its name.ys and name.log in the folder."""
        script = self.folder / f"{name}.ys"
        write_file(script, text.format(**{**self.paths, **more}))
        yosys(script, self.folder / f"{name}.log", self.allowed)

    def kept(self, name, key):
        """The JSON file `name` if it was made from `key`."""
        try:
            found = json.loads((self.folder / f"{name}.json").read_text())
            return found if found["key"] == key else None
        except (OSError, ValueError, KeyError):
            return None

    def keep(self, name, key, found):
        write_file(self.folder / f"{name}.json", json.dumps({**found, "key": key}, indent=1) + "\n")
        return found

    def result(self, goal, children):
        key = digest(self.key, json.dumps(RECIPES), str(FORM_MARGIN), json.dumps(dataclasses.asdict(goal)), json.dumps(children, sort_keys=True), str(FANOUT))
        found = self.kept("result", key)
        if found and (self.folder / "netlist.v").exists():
            for name in found["logs"]:
                refuse_warnings(self.folder / f"{name}.log", self.allowed)
            return {**found, "kept": True}
        begin = time.monotonic()
        (self.folder / "result.json").unlink(missing_ok=True)
        if self.module.name == RAM:
            self.run("check", CHECK_RAM)
            found = self.ram()
        else:
            found = self.choose(goal, children)
        found["seconds"] = round(time.monotonic() - begin, 1)
        return {**self.keep("result", key, found), "kept": False}

    def ram(self):
        """A macro: bits, no area; for timing a flip-flop at each pin."""
        ports = {name: (direction, int(width or 1)) for width, direction, name in
                 re.findall(r"^  wire (?:width (\d+) )?.*?\b(input|output) \d+ \\(\S+)", self.stub_text(), re.M)}
        flop, drive = self.library.flop, self.library.drive
        output, data = next(iter(flop.functions)), re.findall(r"\w+", flop.flip_flop.attributes["next_state"])[0]
        clock = re.findall(r"\w+", flop.flip_flop.attributes["clocked_on"])[0]
        tied = "".join(f", .{pin}(1'b1)" for pin in flop.inputs if pin not in (data, clock))
        lines = [f"module {self.module.id} ({', '.join(ports)});\n"]
        lines += [f"  {direction} [{width - 1}:0] {name};\n" if width > 1 else f"  {direction} {name};\n"
                  for name, (direction, width) in ports.items()]
        for name, (direction, width) in ports.items():
            for place in range(width) if name != "clk_i" else ():
                bit = f"{name}[{place}]" if width > 1 else name
                pins = f".{data}({bit})" if direction == "input" else f".{output}({bit})"
                lines.append(f"  {flop.name} {name}_{place}_macro (.{clock}(clk_i), {pins}{tied});\n")
        write_file(self.folder / "netlist.v", "".join(lines) + "endmodule\n")
        return {"counts": {}, "ram_bits": self.module.memory_bits, "logs": ["check"], "form": "macro", "buffers": {},
                "times": {}, "interface": {
                    "load": {name: [flop.capacitance[data]] * width for name, (direction, width) in ports.items()
                             if direction == "input"},
                    "limit": {name: [drive.limits[flop.name, output]] * width for name, (direction, width) in ports.items()
                              if direction == "output"}, "clocks": ["clk_i"]}}

    def stub_text(self):
        return self.module.stub()

    def choose(self, goal, children):
        """The mapping that serves the goal best, of those tried; its netlist becomes netlist.v."""
        self.prepare()
        operators = cell_counts(self.paths["operators"])
        # Full adders and sums of many operands: as gates, or as the library's full-adder cells.
        forms = list(self.library.adders if {"$macc", "$mul", ADDER} & operators.keys() else ["gates"])
        tried = []

        def attempt(form, recipe, target):
            try:
                tried.append(self.candidate(form, recipe, target, children))
            except Failure as failure:
                if recipe not in MAY_ABORT or ABORTED not in str(failure):
                    raise
        if goal.best:
            merit = lambda one: one["clock_ns"] * one["area"]
            for form in forms:
                attempt(form, "quick", None)
            least = min(merit(one) for one in tried)
            forms = [one["form"] for one in tried if merit(one) <= FORM_MARGIN * least]
            for recipe in RECIPES:
                for form in forms if recipe != "quick" else ():
                    attempt(form, recipe, None)
            best = min(tried, key=merit)
        elif goal.once:
            attempt(forms[0], "small", goal.period)
            best = tried[0]
        else:
            meeting = []
            for recipes in (("small",), ("lean",), ("choice", "flow", "spare", "quick")):
                for form in forms:
                    for recipe in recipes:
                        attempt(form, recipe, goal.period)
                forms = [min(tried, key=lambda one: one["area"])["form"]]
                meeting = [one for one in tried if one["clock_ns"] <= goal.period]
                if meeting:
                    break
            best = min(meeting, key=lambda one: one["area"]) if meeting else min(tried, key=lambda one: one["clock_ns"])
        (self.folder / "netlist.v").write_text((self.folder / f"{best['name']}.v").read_text())
        (self.folder / "critical_path.txt").write_text((self.folder / f"{best['name']}.path").read_text())
        return {**best, "ram_bits": 0, "logs": ["prepare"] + [one["name"] for one in tried],
                "tried": [{key: one[key] for key in ("name", "area", "clock_ns")} for one in tried]}

    def prepare(self):
        if not self.kept("prepared", self.key) or not self.paths["prepared"].exists():
            self.run("prepare", CHECK + PREPARE)
            self.keep("prepared", self.key, {})

    def candidate(self, form, recipe, target, children):
        """One mapping: ABC's, then buffers, then timing with the children as black boxes."""
        name = f"{form}_{recipe}" + (f"_{target:g}ns" if target else "")
        mapped = self.folder / f"{name}.mapped"
        key = digest(self.key, RECIPES[recipe])
        if not self.kept(f"{name}_mapped", key) or not mapped.exists():
            sums = "maccmap\nopt -fast\n" if form == "adders" else ""
            # What a flip-flop takes of the period is not ABC's.
            delay = f"-D {max(1000 * (target - 1.5 * self.library.launch), 1):.0f}" if target else ""
            script = self.folder / f"{name}.abc"
            write_file(script, RECIPES[recipe].replace("{D}", delay))
            self.run(name, MAP, source=self.paths["prepared"], sums=sums, adders=self.library.adders[form], recipe=script, netlist=mapped)
            self.keep(f"{name}_mapped", key, {})
        netlist, drive = Netlist.of_json(mapped), self.library.drive
        strange = [kind for kind in netlist.counts() if kind not in self.library.cells and kind not in self.modules]
        if strange:
            raise Failure(f"cells that the library does not have: {', '.join(strange)}")
        netlist.buffer(drive, children)
        interface = netlist.interface(drive, children)
        target_file = self.folder / f"{name}.v"
        write_file(target_file, netlist.verilog())
        counts = netlist.counts()
        times = self.times([target_file], interface["clocks"], name)
        return {"name": name, "form": form, "recipe": recipe, "counts": counts, "area": self.library.area(counts), "times": times,
                "clock_ns": clock_of(times), "buffers": netlist.added, "interface": interface}

    def times(self, files, clocks, name):
        drive, library = self.library.drive, self.library
        return timing.analyse(self.module.id, files, library.path, clocks, load=library.pf * drive.typical_load,
                              slew=library.ns * drive.typical_slew, launch=library.launch, base=self.folder / name)


def clock_of(times):
    """The shortest period: the longest path of any kind, inputs coming from registers."""
    return max((value for value in times.values() if value is not None), default=0.0)


def whole_times(module, modules, library, folder, clocks):
    """Timing of a module with all that stands under it."""
    with locked(folder / module.id):
        job = Job(module, modules, library, folder, [])
        below = sorted(descendants(module.id, modules))
        files = [folder / identity / "netlist.v" for identity in below]
        # Any change of any netlist below counts.
        key = digest(job.key, *(file.read_text() for file in files), timing.SCRIPT)
        found = job.kept("times", key)
        if not found or not (job.folder / "critical_path.txt").exists():
            found = job.keep("times", key, {"times": job.times(files, clocks, "whole")})
            (job.folder / "critical_path.txt").write_text((job.folder / "whole.path").read_text())
        return found["times"]


def descendants(identity, modules):
    """The module itself and all under it."""
    found, stack = set(), [identity]
    while stack:
        identity = stack.pop()
        if identity not in found:
            found.add(identity)
            stack += modules[identity].children
    return found


def digest(*texts):
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


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
    needed = sorted(descendants(top, modules))
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
