// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <memory>
#include <vector>

#include "Vdescriptor_check.h"
#include "command_model.h"
#include "device/validate.h"
#include "fuzz.h"

using namespace cuatro;
using namespace cuatro::tb;

namespace {

constexpr CoreShape kShape{DUT_ROWS, DUT_COLS, DUT_LANES, DUT_DRAINWIDTH, DUT_OPERANDDEPTH, DUT_RESULTDEPTH};

// Every field from the input, in the order of the descriptor; what is missing is zero.
class Reader {
 public:
  explicit Reader(fuzz::Input bytes) : bytes_(bytes) {}
  std::uint16_t bits(unsigned width) {
    std::uint16_t value = 0;
    for (unsigned got = 0; got < width; got += 8) {
      if (at_ < bytes_.size()) value = static_cast<std::uint16_t>(value | bytes_[at_++] << got);
    }
    return static_cast<std::uint16_t>(value & ((1u << width) - 1));
  }

 private:
  fuzz::Input bytes_;
  std::size_t at_ = 0;
};

Descriptor descriptor(fuzz::Input input) {
  Reader in(input);
  const auto byte = [&](unsigned width) { return static_cast<std::uint8_t>(in.bits(width)); };
  Descriptor d;
  d.op = byte(4);
  d.a_format = byte(2);
  d.b_format = byte(2);
  d.out_format = byte(3);
  d.rounding = byte(3);
  d.addend = byte(2);
  d.source = byte(2);
  d.two_terms = in.bits(1) != 0;
  d.transpose = in.bits(1) != 0;
  d.mask_in = in.bits(1) != 0;
  d.mask_out = in.bits(1) != 0;
  d.term_shift = byte(2);
  d.addend_shift = byte(2);
  d.zero_point = byte(4);
  d.shift = static_cast<std::int8_t>(static_cast<int>(in.bits(6)) - 32);
  d.mult = byte(8);
  for (std::uint16_t* word : {&d.m, &d.n, &d.k, &d.a_base, &d.b_base, &d.b2_base, &d.c_base, &d.mask_in_base, &d.r_base,
                              &d.r2_base, &d.mask_out_base}) {
    *word = in.bits(16);
  }
  d.key = in.bits(16);
  return d;
}

// What the RTL names.
unsigned refused_field(const Descriptor& d) {
  static Dut<Vdescriptor_check> dut;
  const auto bits = d.bits();
  std::memcpy(dut->desc_i.data(), bits.data(), sizeof bits);
  dut->valid_i = 0;
  dut.cycle();
  dut->valid_i = 1;
  for (unsigned cycles = 0; dut->done_o == 0; ++cycles) {
    fuzz::require(cycles < 200, "an answer");
    dut.cycle();
  }
  return dut->field_o;
}

Tensor tensor(TensorKind kind, std::uint32_t rows, std::uint32_t cols, Format format = Format::int4) {
  return {1, rows, cols, kind, format, std::make_shared<int>()};
}

// Whether the device interface takes the operation that this command is, sizes of scratchpads apart.
bool validated(const Descriptor& d) {
  const std::uint32_t rows = stored_rows(d), cols = stored_cols(d);
  const Output out{static_cast<OutFormat>(d.out_format), static_cast<Rounding>(d.rounding), d.shift,
                   d.out_format == kUpdate ? 128 : d.mult, d.transpose, d.mask_out, d.key};
  const Tensor mask = d.mask_in ? tensor(TensorKind::mask, rows, cols) : Tensor{};
  try {
    if (d.op == kQuantize) {
      Quantize op;
      op.type = static_cast<SourceType>(d.source);
      op.data = &d;
      op.rows = d.m;
      op.cols = d.n;
      op.mask = mask;
      op.out = out;
      validate_quantize(op, "");
      return true;
    }
    Gemm op;
    op.a_format = static_cast<AFormat>(d.a_format);
    op.a = tensor(TensorKind::codes, d.m, d.k, d.a_format == 0 ? Format::int4 : Format::uint4);
    op.b = tensor(TensorKind::codes, d.k, d.n, static_cast<Format>(d.b_format));
    if (d.two_terms) op.b2 = op.b;
    op.term_shift = d.two_terms ? d.term_shift : 0;
    const std::vector<std::int32_t> bias(d.n);
    if (d.addend == 1) op.bias = bias;
    if (d.addend == 2) (d.out_format == kUpdate ? op.update.state : op.addend) = tensor(TensorKind::raw, rows, cols);
    op.addend_shift = d.addend == 0 ? 0 : d.addend_shift;
    op.mask = mask;
    op.out = out;
    validate_gemm(op, "");
    return true;
  } catch (const DeviceError&) {
    return false;
  }
}

// What the command reads and writes, with nothing behind the scratchpads' ends.
void execute(const Descriptor& d) {
  const Needs n = needs(d, kShape);
  std::vector<char> a(kShape.operand_depth), b(kShape.operand_depth), c(kShape.result_depth), r(kShape.result_depth);
  const auto touch = [](std::vector<char>& pad, std::uint64_t base, std::uint64_t words) {
    for (std::uint64_t i = 0; i < words; ++i) ++pad.at(base + i);
  };
  touch(a, d.a_base, n.a);
  touch(b, d.b_base, n.b);
  touch(b, d.b2_base, n.b2);
  touch(c, d.c_base, n.c);
  touch(r, d.mask_in_base, n.mask_in);
  const std::size_t elements = std::size_t{d.m} * d.n;
  if (elements > 4096) return;
  std::vector<std::uint32_t> x(elements), state(elements);
  for (std::size_t i = 0; i < elements; ++i) x[i] = static_cast<std::uint32_t>((i + 1) * 0x9E3779B9u * (d.key + 1));
  for (const auto& [addr, word] : outcome(d, kShape, x, std::vector<char>(elements, 1), state).words) {
    fuzz::require(word.size() == kShape.word_bytes(), "whole words");
    r.at(addr) = 1;
  }
}

}  // namespace

// The table of legal descriptors against the RTL's check and the device interface's; what is legal stays within the
// scratchpads.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Descriptor d = descriptor({data, size});
  const Field field = illegal_field(d, kShape);
  fuzz::require(refused_field(d) == field, "the RTL names the same field");
  if (field == kNone && d.op != kNop) execute(d);
  if (d.op != kGemm && d.op != kQuantize) return 0;
  const bool fits = std::find(kBaseFields.begin(), kBaseFields.end(), field) == kBaseFields.end();
  const bool legal = field == kNone || !fits;
  // What no operation asks for: fields that it does not use, empty tensors, raw words with a mask, which are two commands.
  const bool unused = d.term_shift == 3 || d.addend_shift == 3 || (d.op == kQuantize && (d.two_terms || d.addend != 0)) ||
                      (d.op == kGemm && (d.addend == 3 || d.m == 0 || d.n == 0 || d.k == 0)) || (d.out_format == kRaw && (d.op == kQuantize || d.mask_out)) ||
                      (d.out_format == kUpdate && d.mask_out);
  if (legal || !unused) fuzz::require(validated(d) == legal, "the device interface agrees");
  return 0;
}
