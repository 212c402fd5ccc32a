// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "device/device.h"
#include "device/replay.h"

namespace cuatro {

// Two engines disagree. what() names command, tensor, element, both values and the replay file.
class LockstepMismatch : public std::runtime_error {
 public:
  LockstepMismatch(const std::string& what, Difference difference, std::filesystem::path replay)
      : std::runtime_error(what), difference(std::move(difference)), replay(std::move(replay)) {}
  Difference difference;
  std::filesystem::path replay;
};

// Runs every operation on a device and, while checking is on, on a reference too, and compares
// every output word of both. Comparison waits for the caller's next read, so the devices may run
// behind as they do alone. Results come from the first device.
class LockstepDevice final : public Device {
 public:
  // A mismatch writes its replay file into `folder`.
  LockstepDevice(Device& device, Device& reference, std::filesystem::path folder)
      : device_(device), reference_(reference), folder_(std::move(folder)) {}

  // A tensor made while checking was off is copied to the reference when a checked operation
  // first needs it.
  void set_checking(bool on) { checking_ = on; }
  // Compares everything that has been asked for, each when it is done. After a DeviceError what is left can still be compared.
  void compare_pending();
  void set_replay_folder(std::filesystem::path folder) { folder_ = std::move(folder); }
  bool checking() const { return checking_; }
  std::uint64_t commands_compared() const { return commands_compared_; }
  std::uint64_t words_compared() const { return words_compared_; }
  std::uint64_t mismatches() const { return mismatches_; }

  std::string_view name() const override { return device_.name(); }
  Result gemm(const Gemm& op, std::string_view label) override;
  Result quantize(const Quantize& op, std::string_view label) override;
  Tensor gather_rows(const Tensor& codes, std::span<const std::uint32_t> rows) override;
  Tensor unfold(const Tensor& codes, const Window& window, std::uint8_t pad_code) override;
  Tensor upload_codes(std::span<const std::uint8_t> codes, std::uint32_t rows, std::uint32_t cols,
                      Format format) override;
  Tensor upload_raw(std::span<const std::int32_t> words, std::uint32_t rows, std::uint32_t cols) override;
  Tensor upload_mask(std::span<const std::uint8_t> bits, std::uint32_t rows, std::uint32_t cols) override;
  std::vector<std::uint8_t> read_codes(const Tensor& tensor) override;
  std::vector<std::int32_t> read_raw(const Tensor& tensor) override;
  std::vector<std::uint8_t> read_mask(const Tensor& tensor) override;
  Stats stats(const Result& result) override;
  void sync() override;
  Counters counters() override;
  std::vector<LabelCycles> cycles_by_label() override { return device_.cycles_by_label(); }

 private:
  // A tensor on both devices; the second may be empty.
  struct Pair {
    Tensor first, second;
    std::uint64_t command = 0;  // of the first device, for stats
  };
  // A checked operation until it is compared: content not yet read back, host data copied.
  struct Pending {
    RecordedOp op;  // without operand content
    Gemm gemm;      // operands on the reference
    Quantize quantize;
    Tensor moved_from;  // gather, unfold
    Result first, second;
  };

  const Tensor& first(const Tensor& tensor) const;
  Tensor second(const Tensor& tensor);
  Gemm on_first(const Gemm& op) const;
  Gemm on_second(const Gemm& op);
  Tensor pair(const Tensor& first, const Tensor& second, std::uint64_t command = 0);
  Result pair(const Result& first, const Result& second);
  // A move of codes is done on both: remembers it for the comparison.
  Tensor moved(RecordedOp op, const Tensor& from, const Tensor& first, const Tensor& second);
  void compare(const Pending& pending);
  [[noreturn]] void fail(const Pending& pending, const Outputs& expected, const Outputs& got,
                         const Difference& difference);

  Device& device_;
  Device& reference_;
  std::filesystem::path folder_;
  bool checking_ = true;
  std::uint64_t last_id_ = 0, last_command_ = 0;
  std::uint64_t commands_compared_ = 0, words_compared_ = 0, mismatches_ = 0;
  std::deque<Pending> pending_;
};

}  // namespace cuatro
