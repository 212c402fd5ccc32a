# SPDX-License-Identifier: Apache-2.0
"""Reads what the flow needs from a Liberty file: cells, their areas and their functions."""

import gzip
import itertools
import re

TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[A-Za-z0-9_.+\-\[\]!\'*/&|^$%<>=@?#~]+|[(){}:;,]', re.S)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|\\\s*\n", re.S)


class LibertyError(Exception):
    """One line that names the file and what is wrong with it."""


class Cell:
    """A library cell: area in the library's unit (µm²), pins by direction, functions by output."""

    def __init__(self, name):
        self.name = name
        self.area = None
        self.inputs = []
        self.functions = {}  # output pin -> function text, None without one
        self.sequential = False

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


def read_text(path):
    """The library's text, unpacked if it is gzipped."""
    try:
        with open(path, "rb") as file:
            data = file.read()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except OSError as error:
        raise LibertyError(f"cell library {path}: {error.strerror or error}") from error
    except EOFError as error:
        raise LibertyError(f"cell library {path}: the gzip file is cut off") from error
    if not data.strip():
        raise LibertyError(f"cell library {path}: the file is empty")
    return data.decode("utf-8", "replace")


def parse(path, text):
    """{name: Cell} of a library's text."""
    tokens = TOKEN.findall(COMMENT.sub(" ", text))
    cells, stack, cell, pin, index = {}, [], None, None, 0
    if tokens[:1] != ["library"]:
        raise LibertyError(f"cell library {path}: it does not begin with 'library (', so it is no Liberty file")
    while index < len(tokens):
        token = tokens[index]
        if token == "}":
            if not stack:
                raise LibertyError(f"cell library {path}: a closing brace too many")
            group = stack.pop()
            if group == "cell":
                cell = None
            elif group == "pin":
                pin = None
            index += 1
            continue
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if following == "(":
            try:
                end = tokens.index(")", index)
            except ValueError:
                break
            argument = tokens[index + 2].strip('"') if end > index + 2 else ""
            index = end + 1
            if index < len(tokens) and tokens[index] == "{":
                stack.append(token)
                index += 1
                if token == "cell":
                    cell = cells[argument] = Cell(argument)
                elif token == "pin" and cell and stack[-2] == "cell":
                    pin = argument
                elif token in ("ff", "latch", "ff_bank", "latch_bank", "statetable") and cell:
                    cell.sequential = True
            continue
        if following == ":" and index + 2 < len(tokens):
            value = tokens[index + 2].strip('"')
            if cell and stack[-1] == "cell" and token == "area":
                cell.area = float(value)
            elif pin and stack[-1] == "pin" and token == "direction":
                if value == "input":
                    cell.inputs.append(pin)
                elif value == "output":
                    cell.functions.setdefault(pin, None)
            elif pin and stack[-1] == "pin" and token == "function":
                cell.functions[pin] = value
            index += 3
            continue
        index += 1
    if stack:
        raise LibertyError(f"cell library {path}: cut off inside '{' / '.join(stack)}'")
    if not cells:
        raise LibertyError(f"cell library {path}: it holds no cells")
    return cells


def nand2(cells):
    """The smallest two-input NAND: the unit of gate equivalents."""
    found = [cell for cell in cells.values() if cell.area and len(cell.inputs) == 2 and len(cell.functions) == 1
             and cell.table(next(iter(cell.functions))) == (1, 1, 1, 0)]
    return min(found, key=lambda cell: (cell.area, cell.name), default=None)


def full_adder(cells):
    """(cell, sum pin, carry pin) of the smallest full adder, or None."""
    total, carry = (0, 1, 1, 0, 1, 0, 0, 1), (0, 0, 0, 1, 0, 1, 1, 1)
    found = []
    for cell in cells.values():
        if cell.area and len(cell.inputs) == 3 and len(cell.functions) == 2:
            tables = {cell.table(pin): pin for pin in cell.functions}
            if total in tables and carry in tables:
                found.append((cell, tables[total], tables[carry]))
    return min(found, key=lambda item: (item[0].area, item[0].name), default=None)
