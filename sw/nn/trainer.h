// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "nn/dataset.h"
#include "nn/model.h"

namespace cuatro::nn {

// What is trained on, in which order and how long. lr_shift: learning rate 2^-lr_shift, divided by 4 at
// half and by 4 again at 80 % of the steps.
struct TrainPlan {
  std::uint32_t train_count = 60'000;  // the first images of the training set
  std::uint32_t epochs = 1;
  std::uint64_t steps = 0;  // overrides epochs unless 0
  std::uint32_t batch = 128;
  int lr_shift = 6;
  std::uint64_t seed = 1;

  std::uint64_t steps_per_epoch() const { return (std::uint64_t{train_count} + batch - 1) / batch; }
  std::uint64_t total_steps() const { return steps != 0 ? steps : epochs * steps_per_epoch(); }
  int lr_shift_at(std::uint64_t step) const;
  // Images of step `step`: an epoch's last batch may be ragged.
  std::uint32_t batch_at(std::uint64_t step) const;
};

struct StepRecord {
  std::uint64_t step = 0;  // counted from 0
  std::uint64_t epoch = 0;
  int lr_shift = 0;
  std::uint32_t batch = 0;
  double loss = 0;  // mean over the batch, nats
  std::uint32_t correct = 0;
};

// Walks a plan step by step. A step depends on the plan, its number and the model's state only:
// continuing needs no more than the number.
class Trainer {
 public:
  Trainer(Model& model, const Images& images, const TrainPlan& plan);
  std::uint64_t next_step() const { return step_; }
  void continue_at(std::uint64_t step) { step_ = step; }
  bool done() const { return step_ >= plan_.total_steps(); }
  StepRecord run_step();
  int images_handle() const { return handle_; }

 private:
  Model& model_;
  const Images& images_;
  TrainPlan plan_;
  int handle_;
  std::uint64_t step_ = 0;
  std::uint64_t order_epoch_ = 0;
  std::vector<std::uint32_t> order_;
};

// How many of images first .. first + count - 1 the model classifies correctly, in batches of
// kEvaluationBatch; `before` is called with each batch's number and their count, and may stop it
// by returning false (the result is then meaningless).
inline constexpr std::uint32_t kEvaluationBatch = 250;
std::uint32_t evaluate(Model& model, int handle, const Images& images, std::uint32_t first, std::uint32_t count,
                       const std::function<bool(std::uint32_t, std::uint32_t)>& before);

}  // namespace cuatro::nn
