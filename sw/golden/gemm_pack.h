// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "device/buffer.h"
#include "device/window_view.h"
#include "golden/gemm.h"

// Operands of the fast GEMM as int16 values, in the two layouts its kernel reads.
// Values of a pair of terms are added here, since A·B1·2^s + A·B2 = A·(B1·2^s + B2) modulo 2^32;
// |value| ≤ 4096·2^2 + 4096 fits int16, and a pair of products |15·20480·2| fits int32.
namespace cuatro::golden {

// One operand seen as a matrix of `lines` (rows of a left operand, columns of a right one) by K.
struct PackSource {
  std::span<const std::uint8_t> codes;
  std::span<const std::uint8_t> codes2;  // second term or empty
  const Unfolded* unfolded;              // not null: the codes are images, the matrix rows of their unfold()
  bool k_major;                          // stored [K × lines], else [lines × K]
  Format format;
  int zero_point;  // subtracted from UINT4 values
  int term_shift;
  std::size_t lines, k;
};

PackSource pack_source_a(const GemmOperands& op);
PackSource pack_source_b(const GemmOperands& op);

// `count` lines, or steps of K, from `begin` on.
struct Range {
  std::size_t begin, count;
};

// Values of codes by table: of one term, or of the sum of two.
class Decoder {
 public:
  explicit Decoder(const PackSource& source);
  std::int16_t value(std::uint8_t code, std::uint8_t code2) const {
    return static_cast<std::int16_t>(table_[code] + table2_[code2]);
  }
  // `codes2` is not read with one term.
  void decode(const std::uint8_t* codes, const std::uint8_t* codes2, std::size_t count, std::int16_t* to) const;

 private:
  bool two_;
  alignas(32) std::int16_t table_[16], table2_[16];
};

// Packs blocks of one operand. Stored rows of unfolded images come from a view, all others from the codes.
class Packer {
 public:
  // Elements past the end of a block that pack_left() and pack_right() may write.
  static constexpr std::size_t kSlack = WindowView<std::int16_t>::kSlack;

  // An operand of unfolded images must stand as `left` or right operands are read: k_major == !left.
  Packer(const PackSource& source, bool left);

  // A rectangle of a left operand, as [line][k]: rows of round_up(k.count, 2) values, zero at an odd end.
  void pack_left(Range lines, Range k, std::int16_t* to);

  // Of a right one in panels of `block` lines: [panel][K pair][line][2], zero at an odd end. Lines past the last of
  // a panel are left as they are.
  void pack_right(Range lines, Range k, std::size_t block, std::int16_t* to);

 private:
  // Codes in the orientation that is read: rows `stride` apart.
  struct Rows {
    const std::uint8_t* data = nullptr;
    std::size_t stride = 0;
    const std::uint8_t* row(std::size_t i) const { return data == nullptr ? nullptr : data + i * stride; }
  };
  Rows oriented(std::span<const std::uint8_t> codes, Range lines, Range k, bool k_major, Buffer<std::uint8_t>& turned);

  PackSource source_;
  Decoder decoder_;
  std::optional<WindowView<std::int16_t>> view_;
  std::size_t first_row_ = 0;  // of the view's
  Buffer<std::uint8_t> turned_, turned2_;
  Buffer<std::int16_t> values_;
};

// [rows × cols] bytes, their rows `stride` apart, to dense [cols × rows].
void transpose_codes(const std::uint8_t* codes, std::size_t stride, std::size_t rows, std::size_t cols,
                     std::uint8_t* to);

}  // namespace cuatro::golden
