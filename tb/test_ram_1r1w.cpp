// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Width=32 Depth=64; Width=1024 Depth=16 Granule=128; Width=64 Depth=32 Granule=16; Width=16 Depth=2 Granule=1
#include DUT_HEADER

#include "catch.h"
#include "harness.h"

#ifndef DUT_WIDTH
#define DUT_WIDTH 32
#endif
#ifndef DUT_DEPTH
#define DUT_DEPTH 64
#endif
#ifndef DUT_GRANULE
#define DUT_GRANULE DUT_WIDTH
#endif

using namespace cuatro;
using tb::Dut;

namespace {

constexpr unsigned strobes = DUT_WIDTH / DUT_GRANULE;
// Words are compared in chunks that a port function can move.
constexpr unsigned chunk = DUT_WIDTH < 16 ? DUT_WIDTH : 16, chunks = DUT_WIDTH / chunk;
using Word = std::vector<std::uint64_t>;

Word random_word(tb::Random& random) {
  Word word(chunks);
  for (auto& part : word) part = random.bits(chunk);
  return word;
}

bool get_bit(const Word& word, unsigned bit) { return (word[bit / chunk] >> (bit % chunk) & 1) != 0; }

// The granules of `data` whose strobe is set, the others of `old`.
Word merged(const Word& old, const Word& data, std::uint64_t strobe) {
  Word result = old;
  for (unsigned bit = 0; bit < DUT_WIDTH; ++bit) {
    if ((strobe >> (bit / DUT_GRANULE) & 1) == 0) continue;
    const std::uint64_t mask = std::uint64_t{1} << (bit % chunk);
    result[bit / chunk] = (result[bit / chunk] & ~mask) | (get_bit(data, bit) ? mask : 0);
  }
  return result;
}

class Bench {
 public:
  void write(unsigned address, const Word& data, std::uint64_t strobe) {
    dut->we_i = 1;
    dut->waddr_i = static_cast<CData>(address);
    tb::set_bits(dut->wstrb_i, 0, strobes, strobe);
    for (unsigned i = 0; i < chunks; ++i) tb::set_lane(dut->wdata_i, i, chunk, data[i]);
  }
  void read(unsigned address) {
    dut->re_i = 1;
    dut->raddr_i = static_cast<CData>(address);
  }
  void cycle() {
    dut.cycle();
    dut->we_i = 0;
    dut->re_i = 0;
  }
  Word word() { return tb::get_lanes(dut->rdata_o, chunks, chunk); }
  Dut<DUT> dut;
};

constexpr std::uint64_t all_granules = (std::uint64_t{1} << strobes) - 1;

}  // namespace

TEST_CASE("ram_1r1w: a read takes one cycle, and the word then stays until the next read") {
  Bench bench;
  tb::Random random("hold");
  std::vector<Word> memory;
  for (unsigned address = 0; address < DUT_DEPTH; ++address) {
    memory.push_back(random_word(random));
    bench.write(address, memory.back(), all_granules);
    bench.cycle();
  }
  for (unsigned address = 0; address < DUT_DEPTH; ++address) {
    bench.read(address);
    bench.cycle();
    CHECK(bench.word() == memory[address]);
    bench.dut->raddr_i = static_cast<CData>((address + 1) % DUT_DEPTH);
    bench.write(address, random_word(random), all_granules);
    bench.cycle();
    CHECK(bench.word() == memory[address]);
  }
}

TEST_CASE("ram_1r1w: a write takes the granules whose strobe is set") {
  Bench bench;
  tb::Random random("strobes");
  for (unsigned granule = 0; granule < strobes; ++granule) {
    const Word old = random_word(random), data = random_word(random);
    for (const std::uint64_t strobe : {std::uint64_t{0}, std::uint64_t{1} << granule, all_granules ^ std::uint64_t{1} << granule}) {
      bench.write(1, old, all_granules);
      bench.cycle();
      bench.write(1, data, strobe);
      bench.cycle();
      bench.read(1);
      bench.cycle();
      CHECK(bench.word() == merged(old, data, strobe));
    }
  }
}

TEST_CASE("ram_1r1w: reading the address that is being written returns the old word") {
  Bench bench;
  tb::Random random("collision");
  Word old = random_word(random);
  bench.write(0, old, all_granules);
  bench.cycle();
  for (int i = 0; i < 100; ++i) {
    const Word data = random_word(random);
    bench.write(0, data, all_granules);
    bench.read(0);
    bench.cycle();
    CHECK(bench.word() == old);
    old = data;
  }
}

#ifndef NETLIST
// Of the benches, rather: that they would notice what depends on how registers and RAMs wake up.
TEST_CASE("ram_1r1w: words never written are anything: the same after the same power-up, others after another") {
  const char* const before = std::getenv("CUATRO_POWER_UP");
  const std::string restore = before == nullptr ? "" : before;
  const auto contents = [](const char* seed) {
    setenv("CUATRO_POWER_UP", seed, 1);
    Bench bench;
    std::vector<Word> words;
    for (unsigned address = 0; address < DUT_DEPTH; ++address) {
      bench.read(address);
      bench.cycle();
      words.push_back(bench.word());
    }
    return words;
  };
  CHECK(contents("5") == contents("5"));
  CHECK(contents("5") != contents("6"));
  CHECK(contents("0") == std::vector<Word>(DUT_DEPTH, Word(chunks)));
  if (before == nullptr) unsetenv("CUATRO_POWER_UP");
  else setenv("CUATRO_POWER_UP", restore.c_str(), 1);
}
#endif

TEST_CASE("ram_1r1w: random reads and writes against a plain array") {
  Bench bench;
  tb::Random random("mixture");
  std::vector<Word> memory(DUT_DEPTH);
  for (unsigned address = 0; address < DUT_DEPTH; ++address) {
    memory[address] = random_word(random);
    bench.write(address, memory[address], all_granules);
    bench.cycle();
  }
  bench.read(0);
  bench.cycle();
  Word shown = memory[0];
  for (int step = 0; step < 5000; ++step) {
    const auto read_address = static_cast<unsigned>(random.below(DUT_DEPTH));
    const auto write_address = static_cast<unsigned>(random.chance(30) ? read_address : random.below(DUT_DEPTH));
    const Word data = random_word(random);
    const std::uint64_t strobe = random.bits() & all_granules;
    if (random.chance(60)) {
      bench.read(read_address);
      shown = memory[read_address];
    }
    if (random.chance(60)) {
      bench.write(write_address, data, strobe);
      memory[write_address] = merged(memory[write_address], data, strobe);
    }
    bench.cycle();
    REQUIRE(bench.word() == shown);
  }
}
