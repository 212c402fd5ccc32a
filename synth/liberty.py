# SPDX-License-Identifier: Apache-2.0
"""Reads and writes Liberty files: the tree of groups, and from it cells, areas, functions, pins and limits."""

import gzip
import itertools
import re

SKIPPED = re.compile(r'("(?:\\.|[^"\\])*")|/\*.*?\*/|//[^\n]*|\\[ \t\r]*\n', re.S)
# One match a statement: `name (arguments) {` or `;`, `name : value ;`, or a closing brace.
STATEMENT = re.compile(r'[\s;]*(?:([\w\[\]]+)\s*(?:\(((?:[^()"]|"(?:\\.|[^"\\])*"|\([^()]*\))*)\)\s*(\{?)'
                       r'|:\s*("(?:\\.|[^"\\])*"|[^;\n{}]*))|(\})|($))', re.S)
ARGUMENT = re.compile(r'"((?:\\.|[^"\\])*)"|([^\s,"]+)', re.S)
# Always in quotes: bare `0` or `!R` as an expression is what readers stumble over.
EXPRESSIONS = ("function", "three_state", "next_state", "clocked_on", "clear", "preset", "data_in", "enable")
PLAIN = re.compile(r"[A-Za-z_]\w*|[-+]?[\d.]+(?:[eE][-+]?\d+)?")
STORED = ("ff", "latch", "ff_bank", "latch_bank", "statetable")


class LibertyError(Exception):
    """One line that names the file and what is wrong with it."""


class Group:
    """`name (args) { ... }`. All values are texts without their quotes.

    attributes  {name: text} of `name : value ;`, the last one of a name
    lists       {name: [[argument, ...], ...]} of `name (arguments) ;`, an entry for each occurrence
    groups      the groups inside, in order"""

    __slots__ = ("name", "args", "attributes", "lists", "groups")

    def __init__(self, name, args):
        self.name, self.args, self.attributes, self.lists, self.groups = name, args, {}, {}, []

    def all(self, *names):
        """The groups inside that have one of these names."""
        return [group for group in self.groups if group.name in names]

    def number(self, name, default=None):
        """An attribute as a number."""
        text = self.attributes.get(name)
        return default if text is None else float(text)

    def numbers(self, name):
        """The rows of a list of numbers: [[1.0, 2.0], ...] of index_1 ("1, 2") or values ("1, 2", ...)."""
        return [[float(number) for number in row.replace(",", " ").split()] for row in self.lists.get(name, [[]])[-1]]

    def write(self, out, indent=""):
        """Appends the group's text to the list `out`, in the plain form that every reader takes."""
        out.append(f"{indent}{self.name} ({', '.join(map(quoted, self.args))}) {{\n")
        inner = indent + "  "
        for name, text in self.attributes.items():
            out.append(f'{inner}{name} : "{text}";\n' if name in EXPRESSIONS else f"{inner}{name} : {quoted(text)};\n")
        for name, entries in self.lists.items():
            out += [f"{inner}{name} ({', '.join(map(quoted, entry))});\n" for entry in entries]
        for group in self.groups:
            group.write(out, inner)
        out.append(f"{indent}}}\n")

    def text(self):
        out = []
        self.write(out)
        return "".join(out)


def quoted(text):
    return text if PLAIN.fullmatch(text) else f'"{text}"'


def arguments(text):
    return [first or second for first, second in ARGUMENT.findall(text)]


def read_text(path):
    """The library's text, unpacked if it is gzipped."""
    try:
        with open(path, "rb") as file:
            data = file.read()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except EOFError as error:
        raise LibertyError(f"cell library {path}: the gzip file is cut off") from error
    except (OSError, gzip.zlib.error) as error:
        raise LibertyError(f"cell library {path}: {getattr(error, 'strerror', None) or error}") from error
    if not data.strip():
        raise LibertyError(f"cell library {path}: the file is empty")
    return data.decode("utf-8", "replace")


def tree(path, text):
    """The library group of a text; `path` is for messages."""
    text = SKIPPED.sub(lambda match: match.group(1) or " ", text)
    top, stack, position = None, [], 0
    while True:
        match = STATEMENT.match(text, position)
        if not match:
            if not top:
                raise LibertyError(f"cell library {path}: it does not begin with 'library (', so it is no Liberty file")
            where = " / ".join(group.name for group in stack)
            rest = " ".join(text[position:position + 60].split())
            raise LibertyError(f"cell library {path}: cut off inside '{where}', or no Liberty from here on: {rest}")
        position = match.end()
        name, args, brace, value, closing, _ = match.groups()
        if closing:
            if not stack:
                raise LibertyError(f"cell library {path}: a closing brace too many")
            stack.pop()
        elif name is None:
            break
        elif not stack and (top or name != "library" or not brace):
            raise LibertyError(f"cell library {path}: something follows the library: {name}" if top else
                               f"cell library {path}: it does not begin with 'library (', so it is no Liberty file")
        elif brace:
            group = Group(name, arguments(args))
            if stack:
                stack[-1].groups.append(group)
            else:
                top = group
            stack.append(group)
        elif value is not None:
            value = value.strip()
            stack[-1].attributes[name] = value[1:-1] if value[:1] == '"' else value
        else:
            stack[-1].lists.setdefault(name, []).append(arguments(args))
    if not top:
        raise LibertyError(f"cell library {path}: it does not begin with 'library (', so it is no Liberty file")
    if stack:
        raise LibertyError(f"cell library {path}: cut off inside '{' / '.join(group.name for group in stack)}'")
    return top


def read(path):
    """The library group of a Liberty file, plain or gzipped."""
    return tree(path, read_text(path))


class Cell:
    """A library cell: area in the library's unit (µm²), pins by direction, functions by output.

    Capacitances are in the library's unit."""

    def __init__(self, group):
        self.name = group.args[0]
        self.group = group
        self.area = group.number("area")
        self.inputs = []
        self.functions = {}        # output pin -> function text, None without one
        self.capacitance = {}      # input pin -> its load
        self.max_capacitance = {}  # output pin -> the most it may drive, where the library says so
        self.clocks = set()        # input pins that are clocks
        self.three_state = False
        self.flip_flop = next(iter(group.all("ff")), None)
        self.sequential = any(inner.name in STORED for inner in group.groups)
        for pin in group.all("pin"):
            self.add_pin(pin)

    def add_pin(self, pin):
        direction = pin.attributes.get("direction")
        for name in pin.args:
            if direction == "input":
                self.inputs.append(name)
                both = [pin.number("rise_capacitance", 0.0), pin.number("fall_capacitance", 0.0)]
                self.capacitance[name] = pin.number("capacitance", max(both))
                if pin.attributes.get("clock") == "true":
                    self.clocks.add(name)
            elif direction == "output":
                self.functions[name] = pin.attributes.get("function")
                if "max_capacitance" in pin.attributes:
                    self.max_capacitance[name] = pin.number("max_capacitance")
            self.three_state |= "three_state" in pin.attributes or direction == "inout"

    def table(self, output):
        """Truth table of an output over the inputs in order, first input lowest; None if unknown."""
        text = self.functions.get(output)
        if text is None or self.sequential or not 0 < len(self.inputs) <= 6:
            return None
        evaluate = compile_function(text)
        rows = itertools.product((0, 1), repeat=len(self.inputs))
        try:
            return tuple(evaluate(dict(zip(self.inputs, row[::-1]))) for row in rows)
        except KeyError:
            return None


def compile_function(text):
    """Liberty's boolean expression as a function of {pin: 0 or 1}."""
    tokens = re.findall(r"[A-Za-z_]\w*(?:\[\d+\])?|[01]|[!'&*|+^()]", text)
    position = 0

    def peek():
        return tokens[position] if position < len(tokens) else None

    def take():
        nonlocal position
        position += 1
        return tokens[position - 1]

    def primary():
        token = take()
        if token == "!":
            inner = primary()
            return lambda pins: 1 - inner(pins)
        if token == "(":
            value = either()
            take()
        elif token in ("0", "1"):
            value = lambda pins, constant=int(token): constant
        else:
            value = lambda pins, name=token: pins[name]
        while peek() == "'":
            take()
            value = lambda pins, inner=value: 1 - inner(pins)
        return value

    def chain(part, operators, combine):
        value = part()
        while peek() in operators or ("&" in operators and peek() not in (None, ")", "|", "+", "^")):
            if peek() in operators:
                take()
            right = part()
            value = lambda pins, a=value, b=right: combine(a(pins), b(pins))
        return value

    # ^ binds tighter than &, & (or juxtaposition) tighter than |.
    def exclusive():
        return chain(primary, ("^",), lambda a, b: a ^ b)

    def both():
        return chain(exclusive, ("&", "*"), lambda a, b: a & b)

    def either():
        return chain(both, ("|", "+"), lambda a, b: a | b)

    return either()


def cells_of(path, library):
    """{name: Cell} of a library group."""
    try:
        cells = {group.args[0]: Cell(group) for group in library.all("cell") if group.args}
    except ValueError as error:
        raise LibertyError(f"cell library {path}: {error}") from error
    if not cells:
        raise LibertyError(f"cell library {path}: it holds no cells")
    return cells


def parse(path, text):
    """{name: Cell} of a library's text."""
    return cells_of(path, tree(path, text))


def nand2(cells):
    """The smallest two-input NAND: the unit of gate equivalents."""
    found = [cell for cell in cells.values() if cell.area and len(cell.inputs) == 2 and len(cell.functions) == 1
             and cell.table(next(iter(cell.functions))) == (1, 1, 1, 0)]
    return min(found, key=lambda cell: (cell.area, cell.name), default=None)


def adder_pins(cell):
    """(sum pin, carry pin, inverted) of a full or half adder whose outputs are both true or both inverted, or None."""
    if len(cell.functions) != 2 or len(cell.inputs) not in (2, 3):
        return None
    rows = [bin(row).count("1") for row in range(1 << len(cell.inputs))]
    tables = {cell.table(pin): pin for pin in cell.functions}
    for inverted in (0, 1):
        total = tables.get(tuple(ones % 2 ^ inverted for ones in rows))
        carry = tables.get(tuple(int(ones > 1) ^ inverted for ones in rows))
        if total and carry:
            return total, carry, bool(inverted)
    return None


def full_adder(cells):
    """(cell, sum pin, carry pin, whether both outputs are inverted) of the smallest full adder, or None."""
    found = [(cell, *adder_pins(cell)) for cell in cells.values() if cell.area and len(cell.inputs) == 3 and adder_pins(cell)]
    return min(found, key=lambda item: (item[0].area, item[0].name), default=None)


# ---------------------------------------------------------------- tables

def templates(library):
    """{name: (variable_1, variable_2)} of the library's tables."""
    return {group.args[0]: tuple(group.attributes.get(f"variable_{n}", "") for n in (1, 2))
            for group in library.groups if group.name.endswith("_template") and group.args}


def between(axis, value):
    """(index, fraction) of a value on a rising axis; beyond its ends the last step goes on."""
    index = 0
    while index < len(axis) - 2 and value > axis[index + 1]:
        index += 1
    return (index, (value - axis[index]) / (axis[index + 1] - axis[index])) if len(axis) > 1 else (0, 0.0)


def lookup(table, variables, slew, load):
    """A table's value at an input transition and an output load, bilinear."""
    values = table.numbers("values")
    axes = [(table.numbers(f"index_{n}") or [[]])[0] for n in (1, 2)]
    if len(values) == 1 and not axes[1]:
        (i, f), row = between(axes[0], load if "capacitance" in variables[0] else slew), values[0]
        return row[i] + f * (row[i + 1] - row[i]) if len(row) > 1 else row[0]
    points = [between(axis, load if "capacitance" in variable else slew) for axis, variable in zip(axes, variables)]
    (i, f), (j, g) = points
    corner = lambda down, right: values[min(i + down, len(values) - 1)][min(j + right, len(values[0]) - 1)]
    return (corner(0, 0) * (1 - f) + corner(1, 0) * f) * (1 - g) + (corner(0, 1) * (1 - f) + corner(1, 1) * f) * g


def worst(cell, output, variables, slew, load, names):
    """The largest value of these tables over the timing arcs of an output, or None without tables."""
    largest = None
    for pin in cell.group.all("pin"):
        if output not in pin.args:
            continue
        for arc in pin.all("timing"):
            for table in arc.all(*names):
                # Without axes of its own a table has those of its template: rare, and then no bound is drawn from it.
                if table.lists.get("index_1") and table.args and table.args[0] in variables:
                    value = lookup(table, variables[table.args[0]], slew, load)
                    largest = value if largest is None else max(largest, value)
    return largest


def transition(cell, output, variables, slew, load):
    """The slowest output transition, in the library's unit."""
    return worst(cell, output, variables, slew, load, ("rise_transition", "fall_transition"))


def delay(cell, output, variables, slew, load):
    """The longest delay to an output, in the library's unit."""
    return worst(cell, output, variables, slew, load, ("cell_rise", "cell_fall"))


def unit(library, name, scale):
    """A unit of the library, such as time_unit : "1ps", in units of `scale` ({"ps": 1e-3, ...})."""
    text = library.attributes.get(name) or "".join(library.lists.get(name, [["1", "ns"]])[0])
    match = re.fullmatch(r"([\d.eE+]+?)\s*([a-z]+)", text.strip().lower())
    if not match or match.group(2) not in scale:
        raise LibertyError(f"cell library {library.args[0]}: {name} is {text}; it should end in one of {', '.join(scale)}")
    return float(match.group(1)) * scale[match.group(2)]


def nanoseconds(library):
    return unit(library, "time_unit", {"ps": 1e-3, "ns": 1.0, "us": 1e3})


def picofarads(library):
    return unit(library, "capacitive_load_unit", {"ff": 1e-3, "pf": 1.0})
