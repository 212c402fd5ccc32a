# SPDX-License-Identifier: Apache-2.0
"""Static timing with OpenSTA: the critical path of a mapped module, ideal clock, no wires.

Four figures in ns, each None where there is no such path: register to register (launching clock edge to
the end of set-up), input to register, register to output, input to output; inputs come from registers
outside, `launch` after the edge. A RAM macro is a flip-flop at
each of its pins: its addresses and data have to be there a set-up time before the edge, its outputs come
a clock-to-output time after it."""

import re
import shutil
import subprocess

import liberty

KINDS = ("reg_reg", "in_reg", "reg_out", "in_out")
PERIOD = 1000  # ns: so long that no path fails; a path is the period less its slack. Longer, and single precision shows

SCRIPT = """\
read_liberty {library}
{reads}
link_design {top}
set_cmd_units -time ns -capacitance pF
set clocks {{{clocks}}}
set inputs {{}}
foreach port [all_inputs] {{
  if {{[lsearch -exact $clocks [get_property $port full_name]] < 0}} {{ lappend inputs $port }}
}}
foreach clock $clocks {{ create_clock -name $clock -period {period} [get_ports $clock] }}
set_load {load} [all_outputs]
if {{[llength $inputs]}} {{ set_input_transition {slew} $inputs }}
puts "== reg_reg"
if {{[llength $clocks]}} {{ report_checks -digits 6 -format full -fields {{slew capacitance}} }}
create_clock -name outside -period {period}
set_output_delay 0 -clock outside [all_outputs]
puts "== reg_out"
if {{[llength $clocks]}} {{ report_checks -digits 6 -format full -to [all_outputs] }}
if {{[llength $inputs]}} {{
  set_input_delay {launch} -clock outside $inputs
  puts "== in_out"
  report_checks -digits 6 -format full -from $inputs -to [all_outputs]
  puts "== in_reg"
  if {{[llength $clocks]}} {{ report_checks -digits 6 -format full -from $inputs -to $clocks }}
}}
puts "== end"
exit
"""


class TimingError(Exception):
    """One line for the user."""


def version():
    if not shutil.which("sta"):
        raise TimingError("sta (OpenSTA) is not in PATH: scripts/setup installs it (package opensta)")
    done = subprocess.run(["sta", "-version"], capture_output=True, text=True)
    return f"OpenSTA {done.stdout.strip()}"


def analyse(top, files, library, clocks, load, slew, launch, base, limit=900):
    """{kind: ns or None}. `load` of each output in pF, `slew` of each input and its delay after the clock edge, `launch`, in ns.
    Keeps base.tcl, base.sta and base.path, the critical path."""
    script, log = base.with_name(base.name + ".tcl"), base.with_name(base.name + ".sta")
    script.write_text(SCRIPT.format(library=library, reads="\n".join(f"read_verilog {file}" for file in files), top=top,
                                    clocks=" ".join(clocks), load=f"{load:.6g}", slew=f"{slew:.6g}", launch=f"{launch:.6g}",
                                    period=f"{PERIOD:.0f}"))
    try:
        done = subprocess.run(["sta", "-no_splash", "-exit", str(script)], capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired as expired:
        raise TimingError(f"OpenSTA took more than {limit} s (script: {script})") from expired
    text = done.stderr + done.stdout  # the first error is in the former
    log.write_text(text)
    errors = [line for line in text.split("\n") if re.match(r"(Error|.*syntax error)", line)]
    if errors or done.returncode or "== end" not in text:
        raise TimingError(f"OpenSTA: {errors[0] if errors else f'exit code {done.returncode}'} (log: {log})")
    return paths(done.stdout, base.with_name(base.name + ".path"))


def paths(text, target):
    """{kind: ns or None} of the reports; the longest path that counts goes to `target`."""
    reports = {kind: body for kind, body in re.findall(r"^== (\w+)\n(.*?)(?=^== )", text, re.M | re.S)}
    figures = {}
    for kind in KINDS:
        slack = re.search(r"(-?[\d.]+)\s+slack", reports.get(kind, ""))
        figures[kind] = round(PERIOD - float(slack.group(1)), 5) if slack else None
    kind = critical(figures)
    target.write_text(f"{kind}\n{reports[kind].strip()}\n" if kind else "no path\n")
    return figures


def critical(figures):
    """The kind of path that sets a module's clock: between registers; without those, through it; else to or from one."""
    return next((kind for kind in ("reg_reg", "in_out", "in_reg", "reg_out") if figures.get(kind) is not None), None)
