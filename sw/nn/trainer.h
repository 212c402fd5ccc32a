// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "nn/model.h"

namespace cuatro::nn {

// How the learning rate moves. step: divided by 4 at half and by 4 again at 80 % of the steps, so that a power of
// two stays one. linear: falls to zero at the end.
enum class Schedule { step, linear };

// What is trained on, in which order and how long.
struct TrainPlan {
  std::uint32_t train_count = 60'000;  // the first examples of the training part
  std::uint32_t epochs = 1;
  std::uint64_t steps = 0;  // overrides epochs unless 0
  std::uint32_t batch = 128;
  double learning_rate = 0x1p-6;
  std::uint64_t seed = 1;
  Schedule schedule = Schedule::step;
  std::uint64_t warmup = 0;  // steps over which the rate rises from zero

  std::uint64_t steps_per_epoch() const { return (std::uint64_t{train_count} + batch - 1) / batch; }
  std::uint64_t total_steps() const { return steps != 0 ? steps : epochs * steps_per_epoch(); }
  double rate_at(std::uint64_t step) const;
  // Examples of step `step`: an epoch's last batch may be ragged.
  std::uint32_t batch_at(std::uint64_t step) const;
};

struct StepRecord {
  std::uint64_t step = 0;  // counted from 0
  std::uint64_t epoch = 0;
  double learning_rate = 0;
  std::uint32_t batch = 0;  // examples
  double loss = 0;          // mean over the predictions, nats
  std::uint32_t correct = 0, count = 0;  // of predictions
};

// Walks a plan step by step. A step depends on the plan, its number and the model's state only:
// continuing needs no more than the number.
class Trainer {
 public:
  Trainer(Model& model, const TrainPlan& plan) : model_(model), plan_(plan) {}
  std::uint64_t next_step() const { return step_; }
  void continue_at(std::uint64_t step) { step_ = step; }
  bool done() const { return step_ >= plan_.total_steps(); }
  StepRecord run_step();

 private:
  Model& model_;
  TrainPlan plan_;
  std::uint64_t step_ = 0;
  std::uint64_t order_epoch_ = 0;
  std::vector<std::uint32_t> order_;
};

// Result on the examples first .. first + count - 1 of a part, in batches of kEvaluationBatch; `before` is
// called with each batch's number and their count, and may stop it by returning false (the result is then
// meaningless).
inline constexpr std::uint32_t kEvaluationBatch = 250;
BatchResult evaluate(Model& model, Part part, std::uint32_t first, std::uint32_t count,
                     const std::function<bool(std::uint32_t, std::uint32_t)>& before);

}  // namespace cuatro::nn
