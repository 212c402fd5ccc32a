# SPDX-License-Identifier: Apache-2.0
"""The output path (output_sample) at work on a training step: stimulus, what it must read and write, and its share a MAC.

A command is a column of tiles, as the driver cuts them; tiles are finished at the array's own pace, so a GEMM with few
results leaves the path idle in between. The C scratchpad's output stays until the next read."""

import dataclasses
import functools
import re

import flow
from flow import Failure

EDGE, DRAIN = 16, 32            # the tile's edge, that of a block; results a cycle
GROUPS = EDGE * EDGE // DRAIN   # cycles of a block
WORD_BITS = 1024                # of C and R
RESET = 24                      # cycles: every register that a reset does not reach has forgotten
WARM_UP = 3                     # blocks before the window: the pipeline is full then
# Cycles from the load of a tile's last slice (MAC_LATENCY); from a group's choice to its read of C.
TO_PUSH, TO_CHOICE, TO_SHADOW, TO_READ = 2, 3, 5, 3
FLUSH = 40                      # after the last choice: the last response is out
OUT_UINT4, OUT_RAW = 1, 4
SOURCE_S16 = 1
OP_GEMM, OP_QUANTIZE, ADD_BIAS = 1, 2, 1


@functools.cache
def layout(name):
    """[(member, bits)] of a packed struct of the package, lowest first."""
    text = flow.without_comments((flow.ROOT / "rtl/cuatro_pkg.sv").read_text())
    body = re.search(r"struct packed \{([^}]*)\} " + name, text).group(1)
    return [(member, int(top or 0) + 1) for top, member in reversed(re.findall(r"logic\s+(?:\[(\d+):0\])?\s*(\w+);", body))]


def pack(name, fields):
    members, word, place = layout(name), 0, 0
    if unknown := fields.keys() - {member for member, _ in members}:
        raise Failure(f"{name} has no {', '.join(sorted(unknown))}")
    for member, bits in members:
        word |= (fields.get(member, 0) & (1 << bits) - 1) << place
        place += bits
    return word


def unpack(name, word):
    fields = {}
    for member, bits in layout(name):
        fields[member] = word & (1 << bits) - 1
        word >>= bits
    return fields


def join(values, bits):
    """One word of values, the first lowest."""
    word, mask = 0, (1 << bits) - 1
    for place, value in enumerate(values):
        word |= (value & mask) << bits * place
    return word


def words_of(values, bits):
    """The C or R words of an image's elements."""
    step = WORD_BITS // bits
    return [join(values[start:start + step], bits) for start in range(0, len(values), step)]


class Stored:
    """A matrix as it is stored, by blocks."""

    def __init__(self, values, cols):
        self.values, self.cols = values, cols

    def block(self, row, col):
        """The elements of a block, by its number of rows and columns."""
        first = EDGE * (row * self.cols + col)
        return [value for line in range(EDGE) for value in self.values[first + line * self.cols:first + line * self.cols + EDGE]]


@dataclasses.dataclass
class Block:
    """One block of S of a command, with what the path reads for it and must write."""
    shadow: int = 0                  # of the whole tile
    zero: int = 0
    reads: dict = dataclasses.field(default_factory=dict)    # group -> address in C
    writes: dict = dataclasses.field(default_factory=dict)   # address in R -> word


@dataclasses.dataclass
class Command:
    descriptor: int
    tag: int
    blocks: list
    answer: tuple                    # largest magnitude, sum of magnitudes


class Memory:
    """Where the images of commands lie in C, and R; C's words."""

    def __init__(self):
        self.c, self.c_next, self.r_next, self.tags = {}, 0, 0, 0

    def place(self, words):
        base = self.c_next
        self.c.update(enumerate(words, base))
        self.c_next += len(words)
        return base

    def result(self, count):
        self.r_next += count
        return self.r_next - count

    def tag(self):
        self.tags += 1
        return self.tags & 0x7fff


def range_of(words, out):
    """What a response says of words: UINT4 takes negative ones for 0."""
    magnitudes = [max(word, 0) if out["format"] == OUT_UINT4 else abs(word) for word in words]
    return max(magnitudes), sum(magnitudes)


def output_fields(out):
    return {"out_format": out["format"], "rounding": out["rounding"], "shift": out["shift"], "mult": out["mult"],
            "transpose": int(out["transpose"]), "mask_out": int("mask" in out), "key": out["key"]}


def digits(text):
    return [int(digit, 16) for digit in text]


def result_images(out, cols):
    """[(descriptor's base, matrix as stored, bits of an element)] of what a command leaves in R."""
    if "raw" in out:
        return [("r_base", Stored(out["raw"], cols), 32)]
    names = (("codes", "r_base", 4), ("codes2", "r2_base", 4), ("mask", "mask_out_base", 1))
    return [(base, Stored(digits(out[name]), cols), bits) for name, base, bits in names if name in out]


def add_results(fields, blocks, places, images, memory):
    """Bases in R, and each block's words there."""
    for base, stored, bits in images:
        count = max(1, EDGE * EDGE * bits // WORD_BITS)
        fields[base] = memory.result(count * len(blocks))
        for number, (block, place) in enumerate(zip(blocks, places)):
            block.writes.update(enumerate(words_of(stored.block(*place), bits), fields[base] + number * count))


def column_of_tiles(gemm, record, column, zeros, memory):
    """A command: all tiles of one column. `zeros`: what the row of zeros holds of its EDGE columns."""
    out, turned = record["out"], record["out"]["transpose"]
    if gemm.m % EDGE or gemm.n % EDGE or ("bias" in record and "mask" in record):
        raise Failure(f"{record['label']}: {gemm.m} x {gemm.n} results, expected multiples of {EDGE}, and not both bias and mask")
    first = column * EDGE
    fields = {"op": OP_GEMM, "a_format": gemm.a_format, "b_format": gemm.b_format, "zero_point": gemm.zero_point,
              "two_terms": int(len(gemm.terms) > 1), "term_shift": gemm.term_shift, "m": gemm.m, "n": EDGE, "k": gemm.k,
              "tag": memory.tag(), "row0": first if turned else 0, "col0": 0 if turned else first, **output_fields(out)}
    tiles = range(gemm.m // EDGE)
    blocks, places = [Block() for _ in tiles], [(column, tile) if turned else (tile, column) for tile in tiles]
    bias = [0] * EDGE
    if "bias" in record:
        bias = record["bias"][first:first + EDGE]
        fields.update(addend=ADD_BIAS, c_base=memory.place(words_of(bias, 32)))
        for block in blocks:
            block.reads = dict.fromkeys(range(GROUPS), fields["c_base"])
    keep = None
    if "mask" in record:
        keep = Stored(digits(record["mask"]), gemm.m if turned else gemm.n)
        fields.update(mask_in=1, mask_in_base=memory.place([join(keep.block(*place), 1) for place in places]))
        for number, block in enumerate(blocks):
            block.reads = {0: fields["mask_in_base"] + number}
    add_results(fields, blocks, places, result_images(out, gemm.m if turned else gemm.n), memory)

    leaving, columns = [], [gemm.column(first + c) for c in range(EDGE)]
    for tile, block, place in zip(tiles, blocks, places):
        rows = [gemm.row(tile * EDGE + r) for r in range(EDGE)]
        sums = [sum(a * b for a, b in zip(row, other)) for row in rows for other in columns]
        block.shadow = join([word + zeros[index % EDGE] for index, word in enumerate(sums)], 32)
        block.zero = join(zeros, 32)
        words = [word + bias[index % EDGE] for index, word in enumerate(sums)]
        kept = keep.block(*place) if keep else [1] * len(words)
        if turned and keep:
            kept = [kept[c * EDGE + r] for r in range(EDGE) for c in range(EDGE)]
        leaving += [word * bit for word, bit in zip(words, kept)]
    return Command(pack("descriptor_t", fields), fields["tag"], blocks, range_of(leaving, out))


def column_of_blocks(record, column, memory):
    """A quantize command of one column of blocks of a 16-bit source."""
    if record["type"] != SOURCE_S16 or record["rows"] % EDGE or record["cols"] % EDGE:
        raise Failure(f"{record['label']}: expected 16-bit words and sizes in multiples of {EDGE}")
    out, source = record["out"], Stored(record["words"], record["cols"])
    places = [(row, column) for row in range(record["rows"] // EDGE)]
    words = [word for place in places for word in source.block(*place)]
    fields = {"op": OP_QUANTIZE, "source": SOURCE_S16, "m": record["rows"], "n": EDGE, "k": 1, "tag": memory.tag(), "row0": 0,
              "col0": column * EDGE, "c_base": memory.place(words_of(words, 16)), **output_fields(out)}
    blocks = [Block(reads={group: fields["c_base"] + (number * GROUPS + group) * DRAIN * 16 // WORD_BITS for group in range(GROUPS)})
              for number in range(len(places))]
    add_results(fields, blocks, places, result_images(out, record["cols"]), memory)
    return Command(pack("descriptor_t", fields), fields["tag"], blocks, range_of(words, out))


@dataclasses.dataclass
class Plan:
    """Stimulus, the cycles that count as (skipped, counted), and what the netlist must do."""
    cycles: list
    window: tuple
    blocks: int                      # in the window
    reads: dict                      # cycle -> address in C
    writes: dict                     # address in R -> word
    answers: dict                    # tag -> (largest magnitude, sum of magnitudes)
    takes: set                       # cycles in which a quantize command is taken


IDLE = {"rst_ni": 1, "tile_load_i": 0, "tile_push_i": 0, "gemm_desc_i": 0, "shadow_i": 0, "zero_i": 0, "quant_valid_i": 0,
        "quant_desc_i": 0, "c_word_i": 0}


def play(changes, reads, memory, length):
    """The inputs of each cycle, from their changes; C answers a cycle after a read."""
    now, cycles = dict(IDLE), []
    for cycle in range(length):
        now.update(rst_ni=int(cycle >= RESET), **changes.get(cycle, {}))
        if cycle - 1 in reads:
            now["c_word_i"] = memory.c[reads[cycle - 1]]
        cycles.append(dict(now))
    return cycles


def plan_of(changes, choices, commands, memory, window, takes=()):
    """`choices`: (cycle, block) of the first group of each."""
    reads = {cycle + group + TO_READ: address for cycle, block in choices for group, address in block.reads.items()}
    length = max(cycle for cycle, _ in choices) + GROUPS + FLUSH
    writes = {address: word for command in commands for block in command.blocks for address, word in block.writes.items()}
    first, end = window
    return Plan(play(changes, reads, memory, length), (first - 1, end - first), len(choices) - WARM_UP, reads, writes,
                {command.tag: command.answer for command in commands}, set(takes))


def gemm_plan(commands, period, memory):
    """Tiles of commands, one every `period` cycles."""
    changes, choices = {}, []
    at = lambda cycle: changes.setdefault(cycle, {})
    load = RESET + period
    for command in commands:
        at(load - period + 1)["gemm_desc_i"] = command.descriptor
        for block in command.blocks:
            at(load)["tile_load_i"], at(load + 1)["tile_load_i"] = 1, 0
            at(load + TO_PUSH)["tile_push_i"], at(load + TO_PUSH + 1)["tile_push_i"] = 1, 0
            at(load + TO_SHADOW).update(shadow_i=block.shadow, zero_i=block.zero)
            choices.append((load + TO_CHOICE, block))
            load += period
    first = RESET + period * (1 + WARM_UP)
    return plan_of(changes, choices, commands, memory, (first, load))


def quantize_plan(commands, memory):
    """Blocks of commands without a gap."""
    changes, choices, takes = {}, [], []
    take = RESET + 2
    for command in commands:
        changes.setdefault(take, {}).update(quant_valid_i=1, quant_desc_i=command.descriptor)
        changes[take + 1] = {"quant_valid_i": 0}
        takes.append(take)
        choices += [(take + 1 + GROUPS * number, block) for number, block in enumerate(command.blocks)]
        take += GROUPS * len(command.blocks)  # with the last group of the command before
    return plan_of(changes, choices, commands, memory, (choices[WARM_UP][0], choices[-1][0] + GROUPS), takes)


def idle_plan(plan, cycles):
    """After the same work, cycles without any: what they hold they hold."""
    rest = [plan.cycles[-1]] * (cycles + 1)
    return dataclasses.replace(plan, cycles=plan.cycles + rest, window=(len(plan.cycles), cycles), blocks=0)


def check(plan, rows):
    """Every word read and written and every response is what it must be, and nothing else."""
    written, answered = {}, {}
    for cycle, row in enumerate(rows):
        if cycle < RESET:
            continue
        read = row["c_addr_o"] if row["c_re_o"] else None
        if read != plan.reads.get(cycle):
            raise Failure(f"output path, cycle {cycle}: reads word {read} of C, expected {plan.reads.get(cycle)}")
        if (cycle in plan.takes) != bool(plan.cycles[cycle]["quant_valid_i"] and row["quant_ready_o"]):
            raise Failure(f"output path, cycle {cycle}: a quantize command is {'not ' * (cycle in plan.takes)}taken")
        if row["we_o"]:
            address = row["waddr_o"]
            if address in written or address not in plan.writes:
                raise Failure(f"output path, cycle {cycle}: writes word {address} of R {'again' if address in written else 'unasked'}")
            written[address] = row["wdata_o"]
            if written[address] != plan.writes[address] or not row["wstrb_o"]:
                raise Failure(f"output path, cycle {cycle}: word {address} of R is {written[address]:#x}, "
                              f"expected {plan.writes[address]:#x}")
        if row["done_valid_o"]:
            response = unpack("response_t", row["done_o"])
            tag, found = response["tag"], (response["absmax"], response["sumabs"])
            if tag in answered or plan.answers.get(tag) != found:
                raise Failure(f"output path, cycle {cycle}: command {tag} answers {found}, expected {plan.answers.get(tag)} once")
            answered[tag] = found
    if len(written) != len(plan.writes) or len(answered) != len(plan.answers):
        raise Failure(f"output path: {len(written)} words and {len(answered)} responses, "
                      f"expected {len(plan.writes)} and {len(plan.answers)}")


def spread(count, chosen):
    """`chosen` of `count` places, evenly spread."""
    chosen = min(chosen, count)
    return [int((index + 0.5) * count / chosen) for index in range(chosen)]


def pace(gemm):
    """Cycles between two tiles: the array's slices, but no fewer than the drain needs."""
    return max(GROUPS, -(-gemm.k // EDGE) * len(gemm.terms))


# ---------------------------------------------------------------- shares

def macs_per_result(gemm):
    return gemm.k * len(gemm.terms)


def quantize_per_mac(busy, idle, words, gemm):
    """What quantizing the weights of a GEMM adds to each of its MACs. `busy` is the energy of a cycle that quantizes DRAIN words;
    of it the `idle` cycle that stands there anyway is counted elsewhere."""
    return (busy - idle) * words / DRAIN / (gemm.m * gemm.n * gemm.k)


def idle_difference(with_idle, without, cycles):
    """Energy of an idle cycle, from the same work with and without `cycles` of them in between."""
    return (with_idle - without) / cycles
