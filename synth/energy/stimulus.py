# SPDX-License-Identifier: Apache-2.0
"""Operands of a training step as stimulus: for a corner of our tile, and for FP16 units with the same tensors.

A stimulus is a list of {port: value}, one a cycle; a value "=port" is what that output's registers hold in
the cycle. Beside it stands what outputs must be."""

import math
import struct

A_INT4, A_AFFINE = 0, 2
B_INT4, B_LOG4 = 0, 2
LATENCY = 5  # cycles from a slice's codes at the ports to its sums in the shadow


class Gemm:
    """One GEMM that cuatro_operands wrote: M x K codes of A, N x K of B, and what both were quantized from."""

    def __init__(self, record):
        self.m, self.n, self.k = record["m"], record["n"], record["k"]
        self.a_format, self.b_format = record["a_format"], record["b_format"]
        self.zero_point, self.term_shift = record["zero_point"], record["term_shift"]
        self.a = self.rows([int(code, 16) for code in record["a"]])
        self.terms = [self.rows([int(code, 16) for code in record[name]]) for name in ("b", "b2") if name in record]
        self.a_source, self.b_source = self.rows(record["a_source"]), self.rows(record["b_source"])

    def rows(self, flat):
        return [flat[start:start + self.k] for start in range(0, len(flat), self.k)]

    def a_value(self, code):
        if self.a_format == A_INT4:
            return (code ^ 8) - 8
        return code - (self.zero_point if self.a_format == A_AFFINE else 0)

    def b_value(self, code):
        if self.b_format == B_INT4:
            return (code ^ 8) - 8
        exponent = (code & 7) - 1
        magnitude = 0 if exponent < 0 else (4 if self.b_format == B_LOG4 else 2) ** exponent
        return -magnitude if code & 8 else magnitude

    def b_real(self, column, k):
        """The quantized operand, both terms together, in units of the last one."""
        value = 0
        for term in self.terms:
            value = (value << self.term_shift) + self.b_value(term[column][k])
        return value

    def row(self, row):
        return [self.a_value(code) for code in self.a[row]]

    def column(self, column):
        return [self.b_real(column, k) for k in range(self.k)]

    def result(self, row, column):
        return sum(a * b for a, b in zip(self.row(row), self.column(column)))


def places(gemm, rows, cols, count):
    """`count` corners (first row, first column) spread evenly over the result."""
    row_blocks, col_blocks = gemm.m // rows, gemm.n // cols
    step = row_blocks * col_blocks / count
    # A step coprime to the columns' number walks both directions.
    chosen = [int(index * step + step / 2) for index in range(count)]
    return [((index // col_blocks) * rows, (index * 7 % col_blocks) * cols) for index in chosen]


def tile(gemm, rows, cols, lanes, corners, rest=0):
    """(stimulus, window, {cycle: (row, column)} of what the shadow then holds) for tiles at `corners`, one after another,
    each with `rest` idle cycles behind it, in which the scratchpads hold their words.

    The window is (skipped, counted) cycles: all tiles but the first, which fills the pipeline."""
    cycles, results = [], {}
    slices = math.ceil(gemm.k / lanes)
    fixed = {"a_format_i": gemm.a_format, "zero_point_i": gemm.zero_point, "b_format_i": gemm.b_format}
    idle = {**fixed, "load_i": 0, "first_i": 0, "shift_i": 0, "capture_i": 0, "lane_valid_i": 0, "a_i": 0, "b_i": 0}

    def words(table, first, number, k):
        word = 0
        for line in range(number):
            for lane in range(min(lanes, gemm.k - k)):
                word |= table[first + line][k + lane] << 4 * (lanes * line + lane)
        return word

    cycles.append(idle)
    for row, column in corners:
        for number, term in enumerate(gemm.terms):
            for index in range(slices):
                last = index == slices - 1 and number == len(gemm.terms) - 1
                k = index * lanes
                cycles.append({**fixed, "load_i": 1, "first_i": int(index == 0 and number == 0),
                               "shift_i": gemm.term_shift if index == 0 and number == 1 else 0, "capture_i": int(last),
                               "lane_valid_i": (1 << min(lanes, gemm.k - k)) - 1,
                               "a_i": words(gemm.a, row, rows, k), "b_i": words(term, column, cols, k)})
        results[len(cycles) - 1 + LATENCY] = (row, column)
        cycles += [{**cycles[-1], "load_i": 0}] * rest
    loads = (len(cycles) - 1) // len(corners)
    return cycles + [idle] * LATENCY, (loads, len(cycles) - 1 - loads), results


def half(value):
    """The binary16 nearest to a value, as bits."""
    return struct.unpack("<H", struct.pack("<e", value))[0]


def binary16(table, top):
    """A tensor as binary16, scaled by a power of two so that its largest magnitude is below `top`."""
    largest = max(abs(value) for row in table for value in row) or 1
    scale = 2.0 ** (math.log2(top) - math.ceil(math.log2(largest + 0.5)))
    return [[half(value * scale) for value in row] for row in table]


def real(bits):
    return struct.unpack("<e", struct.pack("<H", bits))[0]


def unit(gemm, lanes, stages, count, quantized):
    """(stimulus, window, {cycle: (exact sum, sum of magnitudes)}) of an FP16 unit that computes count x stages outputs.

    Its pipeline holds `stages` outputs of one row in neighbouring columns, which take turns; so an operand of A
    stays for `stages` cycles. Operands are the trainer's unquantized values, or with `quantized` those that our
    tile sees."""
    if quantized:
        a = [[gemm.a_value(code) for code in row] for row in gemm.a]
        b = [[gemm.b_real(column, k) for k in range(gemm.k)] for column in range(gemm.n)]
    else:
        a, b = gemm.a_source, gemm.b_source
    a, b = binary16(a, 8.0), binary16(b, 8.0)
    cycles, results = [{"a_i": 0, "b_i": 0, "c_i": 0}], {}
    pack = lambda words: sum(bits << 16 * lane for lane, bits in enumerate(words))
    for row, column in places(gemm, 1, 1, count):
        for k in range(0, gemm.k, lanes):
            for turn in range(stages):
                other = b[(column + turn) % gemm.n]
                cycles.append({"a_i": pack(a[row][k:k + lanes]), "b_i": pack(other[k:k + lanes]),
                               "c_i": 0 if k == 0 else "=result_o"})
        for turn in range(stages):
            products = [real(x) * real(y) for x, y in zip(a[row], b[(column + turn) % gemm.n])]
            results[len(cycles) + turn] = (math.fsum(products), math.fsum(map(abs, products)))
    first = (len(cycles) - 1) // count
    return cycles + [{"a_i": 0, "b_i": 0, "c_i": 0}] * stages, (first, len(cycles) - 1 - first), results
