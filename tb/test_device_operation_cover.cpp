// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
//
// The table of what random operations must have been: that it is filled, and that what never came is named.
#include "catch.h"
#include "forwarding_device.h"
#include "golden/golden_device.h"
#include "operation_cover.h"
#include "random_ops.h"

using namespace cuatro;
using namespace cuatro::test;

namespace {

// Lets the cover see everything but one kind of GEMM.
class Withholding final : public ForwardingDevice {
 public:
  Withholding(Device& seen, Device& unseen) : ForwardingDevice(seen), unseen_(unseen) {}
  Result gemm(const Gemm& op, std::string_view label) override {
    const bool withheld = op.a_format == AFormat::affine && op.b.format == Format::log2 && op.out.rounding == Rounding::tpr;
    return (withheld ? unseen_ : to_).gemm(op, label);
  }

 private:
  Device& unseen_;
};

}  // namespace

TEST_CASE("operation_cover: directed operations fill every cell") {
  golden::GoldenDevice device, reference;
  OperationCover seen(device, 4, Crosses::pairs);
  CHECK(seen.table().cells() == 1762);
  CHECK(seen.table().empty().size() == seen.table().cells());
  RandomOps ops(seen, reference, 1);
  ops.fill(seen, 9, 3000);
  CHECK(seen.table().gaps() == "");
}

TEST_CASE("operation_cover: a cell that is withheld is named, and no other") {
  golden::GoldenDevice device, reference;
  OperationCover seen(device, 4, Crosses::pairs);
  Withholding most(seen, device);
  RandomOps ops(most, reference, 1);
  ops.fill(seen, 9, 3000);
  CHECK(seen.table().gaps() == "1 of 1762 cells are empty:\n  kind: gemm log4 two-phase, A: affine, B: log2");
}

TEST_CASE("operation_cover: the kinds under way at an error, and the first one after it, are counted") {
  golden::GoldenDevice device, reference;
  OperationCover seen(device, 4, Crosses::pairs, {"fire"});
  RandomOps ops(seen, reference, 1);
  ops.fill(seen, 9, 3000);
  CHECK(seen.table().empty().size() == 2 * kKinds);
  for (int kind = 0; kind < kKinds; ++kind) {
    auto one = RandomOps::kAny;
    one[kKind] = kind;
    ops.command(9, one, 4);              // the first of them after no error
    seen.error(0);
  }
  CHECK(seen.table().empty() == std::vector<std::string>{"kind: gemm int4 nearest, after: fire"});
}

TEST_CASE("operation_cover: what cannot be, and is seen, is a mistake in the table") {
  FunctionalCover table({{"a", {"0", "1"}}, {"b", {"0", "1"}}}, [](const FunctionalCover::Point& at) { return at[0] != 1 || at[1] != 1; });
  table.must({0, 1});
  CHECK(table.cells() == 3);
  table.see({0, 0});
  table.see({1, -1});                    // on no cell
  CHECK(table.empty() == std::vector<std::string>{"a: 0, b: 1", "a: 1, b: 0"});
  CHECK_THROWS_AS(table.see({1, 1}), std::logic_error);
}
