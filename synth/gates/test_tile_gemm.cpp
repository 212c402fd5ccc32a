// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
//
// The netlist of mac_tile computes every GEMM of a training step, tile by tile, with the operands that cuatro_operands took from the trainer (CUATRO_OPERANDS names its file); the golden model
// says what must come out.
#include DUT_HEADER

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "catch.h"
#include "golden/gemm.h"
#include "harness.h"
#include "reference_tile.h"
#include "tile_shape.h"

using namespace cuatro;

namespace {

using tb::Codes;

struct Record {
  std::string label;
  std::size_t m, n, k;
  tb::OperandFormats formats;
  unsigned term_shift;
  Codes a, b, b2;  // M × K, N × K, N × K or empty
};

Codes codes_of(const std::string& hex) {
  Codes codes;
  for (const char digit : hex) codes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(1, digit), nullptr, 16)));
  return codes;
}

std::vector<Record> records() {
  const char* path = std::getenv("CUATRO_OPERANDS");
  if (path == nullptr) throw std::runtime_error("CUATRO_OPERANDS names no file; cuatro_operands writes one");
  std::ifstream file(path);
  if (!file) throw std::runtime_error(std::string(path) + ": cannot be read");
  const nlohmann::json step = nlohmann::json::parse(file);
  std::vector<Record> all;
  for (const auto& g : step.at("gemms")) {
    all.push_back({g.at("label"), g.at("m"), g.at("n"), g.at("k"),
                   {static_cast<AFormat>(g.at("a_format").get<int>()), g.at("zero_point"), static_cast<Format>(g.at("b_format").get<int>())},
                   g.at("term_shift"), codes_of(g.at("a")), codes_of(g.at("b")), g.contains("b2") ? codes_of(g.at("b2")) : Codes()});
  }
  return all;
}

// `count` rows of `codes` (rows of length k) from `first` on; rows beyond the last are of zeros.
Codes rows_of(const Codes& codes, std::size_t k, std::size_t first, std::size_t count) {
  Codes rows(count * k);
  for (std::size_t i = 0; i < rows.size() && first * k + i < codes.size(); ++i) rows[i] = codes[first * k + i];
  return rows;
}

// ROWS × COLS results of one tile on the netlist.
std::vector<std::int32_t> on_tile(tb::Dut<DUT>& dut, const Record& g, const Codes& a, const Codes& b, const Codes& b2) {
  const auto idle = [&] {
    dut->load_i = dut->first_i = dut->capture_i = dut->drain_i = 0;
    dut->shift_i = 0;
  };
  const unsigned terms = b2.empty() ? 1 : 2;
  const std::size_t slices = (g.k + DUT_LANES - 1) / DUT_LANES;
  for (unsigned term = 0; term < terms; ++term) {
    const Codes& columns = term == 0 ? b : b2;
    for (std::size_t s = 0; s < slices; ++s) {
      idle();
      dut->load_i = 1;
      dut->first_i = term == 0 && s == 0;
      dut->shift_i = static_cast<CData>(term == 1 && s == 0 ? g.term_shift : 0);
      dut->capture_i = term + 1 == terms && s + 1 == slices;
      dut->a_format_i = static_cast<CData>(g.formats.a);
      dut->zero_point_i = static_cast<CData>(g.formats.zero_point);
      dut->b_format_i = static_cast<CData>(g.formats.b);
      for (unsigned l = 0; l < DUT_LANES; ++l) {
        const std::size_t k = s * DUT_LANES + l;
        tb::set_bits(dut->lane_valid_i, l, 1, k < g.k);
        for (unsigned r = 0; r < DUT_ROWS; ++r) tb::set_lane(dut->a_i, DUT_LANES * r + l, 4, k < g.k ? a[r * g.k + k] : 0);
        for (unsigned c = 0; c < DUT_COLS; ++c) tb::set_lane(dut->b_i, DUT_LANES * c + l, 4, k < g.k ? columns[c * g.k + k] : 0);
      }
      dut.cycle();
    }
  }
  idle();
  dut.cycle(tb::mac_latency - 1);
  std::vector<std::int32_t> results(DUT_ROWS * DUT_COLS);
  for (unsigned row = 0; row < DUT_ROWS; row += DUT_DRAINWIDTH / DUT_LANES) {
    for (unsigned block = 0; block < DUT_COLS / DUT_LANES; ++block) {
      idle();
      dut->drain_i = 1;
      dut->transpose_i = 0;
      dut->row_block_i = static_cast<CData>(row / DUT_LANES);
      dut->col_block_i = static_cast<CData>(block);
      dut->line_i = static_cast<CData>(row % DUT_LANES);
      dut.cycle();
      idle();
      dut.cycle(tb::drain_latency - 1);
      for (unsigned i = 0; i < DUT_DRAINWIDTH; ++i) {
        results[(row + i / DUT_LANES) * DUT_COLS + block * DUT_LANES + i % DUT_LANES] =
            static_cast<std::int32_t>(tb::get_lane(dut->result_o, i, 32));
      }
    }
  }
  return results;
}

}  // namespace

TEST_CASE("mac_tile's netlist: every GEMM of a training step is the golden model's") {
  tb::Dut<DUT> dut;
  std::size_t nonzero = 0, results = 0;
  const std::vector<Record> all = records();
  REQUIRE(all.size() >= 3);
  for (const Record& g : all) {
    golden::GemmOperands op;
    op.m = g.m;
    op.n = g.n;
    op.k = g.k;
    op.a = g.a;
    op.a_format = g.formats.a;
    op.zero_point = g.formats.zero_point;
    op.b = g.b;
    op.b2 = g.b2;
    op.b_transposed = true;
    op.b_format = g.formats.b;
    op.term_shift = static_cast<int>(g.term_shift);
    const auto want = golden::gemm_plain(op);
    nonzero += static_cast<std::size_t>(std::count_if(want.begin(), want.end(), [](std::int32_t w) { return w != 0; }));
    for (std::size_t row = 0; row < g.m; row += DUT_ROWS) {
      for (std::size_t col = 0; col < g.n; col += DUT_COLS) {
        const Codes b2 = g.b2.empty() ? Codes() : rows_of(g.b2, g.k, col, DUT_COLS);
        const std::vector<std::int32_t> got =
            on_tile(dut, g, rows_of(g.a, g.k, row, DUT_ROWS), rows_of(g.b, g.k, col, DUT_COLS), b2);
        for (std::size_t r = row; r < std::min<std::size_t>(g.m, row + DUT_ROWS); ++r) {
          for (std::size_t c = col; c < std::min<std::size_t>(g.n, col + DUT_COLS); ++c) {
            if (got[(r - row) * DUT_COLS + c - col] != want[r * g.n + c]) {
              FAIL(g.label << ", row " << r << ", column " << c << ": " << got[(r - row) * DUT_COLS + c - col] << " instead of "
                           << want[r * g.n + c]);
            }
          }
        }
      }
    }
    results += want.size();
  }
  REQUIRE(nonzero > results / 4);  // operands that are no more than zeros would prove nothing
}
