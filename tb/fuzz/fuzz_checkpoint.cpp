// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <array>

#include "cli/totals.h"
#include "fuzz.h"
#include "nn/checkpoint.h"

using namespace cuatro;
using cuatro::cli::operator+;

namespace {

// Four weights.
class Small : public nn::Model {
 public:
  std::array<float, 4> weight{};

  nn::BatchResult train_step(std::span<const std::uint32_t>, double, std::uint64_t) override { return {}; }
  nn::BatchResult evaluate(nn::Part, std::span<const std::uint32_t>) override { return {}; }
  nn::Array infer(const nn::Batch&) override { return {}; }
  std::string describe() const override { return "small"; }
  nn::Saturation saturation() const override { return {}; }
  std::vector<nn::SiteStatistics> statistics() const override { return {}; }
  void save(nn::SafeTensors& to) const override { to.add("w", {2, 2}, std::span(weight)); }
  void load(const nn::SafeTensors& from) override {
    constexpr std::array<std::uint64_t, 2> shape{2, 2};
    from.get("w", shape, std::span(weight));
  }
  std::string digest() const override { return {}; }
};

}  // namespace

// Checkpoints of a run that goes on, and the totals in them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::InputFile file({data, size});
  nn::Checkpoint checkpoint;
  Small model;
  if (!fuzz::accepts(file.path(), [&] { checkpoint = nn::load_checkpoint(file.path(), model, {{"seed", "1"}}); })) return 0;
  fuzz::accepts("totals", [&] {
    const cli::Totals totals = cli::totals_from_text(checkpoint.totals);
    (void)(totals.sites + totals.sites);
    const std::string text = to_text(totals);
    fuzz::require(to_text(cli::totals_from_text(text)) == text, "the same totals");
  });
  return 0;
}
