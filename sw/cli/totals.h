// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "device/device.h"
#include "nn/model.h"

namespace cuatro::cli {

// Sums over the training steps of a run, carried through checkpoints so that a continued run
// reports as a whole one does.
struct Totals {
  Counters device;  // training steps only
  nn::Saturation saturation;
  std::vector<nn::SiteStatistics> sites;  // those that counted anything
  std::vector<LabelCycles> products;      // of engines with a clock
  std::uint64_t lockstep_steps = 0, lockstep_commands = 0, lockstep_words = 0;
  std::uint64_t images = 0, correct = 0, predictions = 0;  // examples; predictions that were right, and all
  double loss_sum = 0;
  double train_seconds = 0, save_seconds = 0;

  double mac_utilisation(std::uint32_t macs_per_cycle) const;
  double gmacs_per_second() const;
};

Counters operator-(const Counters& a, const Counters& b);
Counters operator+(const Counters& a, const Counters& b);
nn::Saturation operator+(const nn::Saturation& a, const nn::Saturation& b);

// Sums by name, in the order of `a`, then what only `b` has.
std::vector<nn::SiteStatistics> operator+(const std::vector<nn::SiteStatistics>& a,
                                          const std::vector<nn::SiteStatistics>& b);

std::vector<LabelCycles> operator+(const std::vector<LabelCycles>& a, const std::vector<LabelCycles>& b);

const char* name_of(nn::OperandKind kind);  // "weight", "positive", "signed", "gradient"

// sites.json of a run folder: sites and products.
std::string layers_text(const std::vector<nn::SiteStatistics>& sites, const std::vector<LabelCycles>& products);
// Throws InputError.
std::pair<std::vector<nn::SiteStatistics>, std::vector<LabelCycles>> layers_from_text(const std::string& text);

std::string to_text(const Totals& totals);         // JSON
Totals totals_from_text(const std::string& text);  // throws InputError

}  // namespace cuatro::cli
