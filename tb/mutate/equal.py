# SPDX-License-Identifier: Apache-2.0
"""Whether a mutation changes anything that the module's contract lets one see: a proof for all time from reset.

Good and mutated module side by side on the same inputs; registers that no reset sets begin at 0, as in a model. What
the lines of `contracts` say about inputs is assumed, what they say about outputs limits when they are compared."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "synth"))
import flow
from flow import Failure

SIDES = """\
read_rtlil {good}
rename {top} mutate_good
design -stash good
read_rtlil {good}
{mutation}
rename {top} mutate_bad
design -stash bad
design -copy-from good -as mutate_good mutate_good
design -copy-from bad -as mutate_bad mutate_bad
read_verilog -sv -formal {folder}/pair.sv
hierarchy -check -top mutate_pair
proc
flatten
opt_clean
opt -fast -nodffe -nosdff
check -assert
techmap
opt -fast -nodffe -nosdff
dffunmap
setundef -zero -init
abc -g AND -fast
opt_clean
write_aiger -zinit {folder}/pair.aig
"""
# Equal registers of the two sides are merged by induction, after which most pairs are nothing.
SOLVE = "read_aiger {folder}/pair.aig; fold; orpos; strash; &get; &scorr; &put; scorr; dc2; print_stats; bmc3 -F 40 -T {third}; pdr -T {limit}"


def contracts(path):
    """{module: [(kind, text, condition, reason)]} of the file."""
    rules = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split(" | ")]
        if len(parts) != 4 or not all(parts) or parts[1].split()[0] not in ("assume", "see", "model", "equal"):
            raise Failure(f"{path.name}:{number}: a line is MODULE | assume, see OUTPUT, model or equal | WHAT | REASON")
        kind, _, what = parts[1].partition(" ")
        rules.setdefault(parts[0], []).append((kind, what, parts[2], parts[3]))
    return rules


def ports(text):
    """[(name, highest index, lowest, "input" or "output")] of the module of an RTLIL file."""
    return [(name, int(width or 1) - 1 + int(low or 0), int(low or 0), way) for width, low, way, name in
            re.findall(r"^  wire (?:width (\d+) )?(?:offset (\d+) )?(input|output) \d+ (?:signed )?\\(\S+)$", text, re.M)]


def pair(found, rules):
    """A module of both sides. In the first cycle reset is active."""
    inputs = ", ".join(f"input [{high}:{low}] {'free_' if name == 'rst_ni' else ''}{name}" for name, high, low, way in found if way == "input")
    lines = [f"module mutate_pair ({inputs});"]
    if any(name == "rst_ni" for name, *_ in found):
        lines += ["  reg begun = 0;", "  always @(posedge clk_i) begun <= 1;", "  wire rst_ni = free_rst_ni && begun;"]
    # What an input is always is no assumption to a solver but a constant.
    tied = {match.group(1): match.group(2) for kind, _, text, _ in rules if kind == "assume" and (match := re.fullmatch(r"(\w+_i) == (\d+)", text))}
    for side in ("good", "bad"):
        pins = []
        for name, high, low, way in found:
            net = name if way == "input" else f"{'' if side == 'good' else 'bad_'}{name}"
            if way == "output":
                lines.append(f"  wire [{high}:{low}] {net};")
            pins.append(f".{name}({tied.get(net, net)})")
        lines.append(f"  mutate_{side} u_{side} ({', '.join(pins)});")
    seen = {}
    for kind, what, text, _ in rules:
        if kind == "assume":
            lines.append(f"  always @* assume ({text});")
        elif kind == "model":
            lines.append(f"  {text}")
        elif kind == "see":
            seen.setdefault(what.split("[")[0], []).append((what, text))
    for name, high, low, way in found:
        if way == "output":
            for what, condition in seen.pop(name, [(name, "1")]):
                lines.append(f"  always @* assert (!({condition}) || {what} == bad_{what});")
    if seen:
        raise Failure(f"contracts: there is no output {sorted(seen)[0]}")
    return "\n".join([*lines, "endmodule", ""])


def proof_text(good, command, rules):
    """All that a proof depends on, but for the code of pair()."""
    return "\n".join([good.read_text(), command, *[" ".join(rule[:3]) for rule in rules if rule[0] != "equal"], SIDES, SOLVE])


def prove(top, good, command, rules, folder, limit):
    """("equal" | "differs" | "undecided", detail)"""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pair.sv").write_text(pair(ports(good.read_text()), rules))
    (folder / "pair.ys").write_text(SIDES.format(good=good, top=top, folder=folder, mutation=command))
    flow.yosys(folder / "pair.ys", folder / "pair.log")
    try:
        done = subprocess.run(["yosys-abc", "-c", SOLVE.format(folder=folder, limit=limit, third=max(1, limit // 3))],
                              capture_output=True, text=True, timeout=3 * limit + 30)
    except subprocess.TimeoutExpired:
        return "undecided", f"after {limit} s"
    text = done.stdout + done.stderr
    (folder / "solver.log").write_text(text)
    if found := re.search(r"was asserted in frame (\d+)", text):
        return "differs", f"in cycle {found.group(1)}"
    if "Property proved" in text:
        return "equal", ""
    if re.search(r"SATISFIABLE", text.replace("UNSATISFIABLE", "")):
        return "differs", ""
    return "undecided", f"after {limit} s"
