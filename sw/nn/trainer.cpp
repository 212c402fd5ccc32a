// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/trainer.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "nn/shuffle.h"

namespace cuatro::nn {

double TrainPlan::rate_at(std::uint64_t step) const {
  const std::uint64_t total = total_steps();
  if (step < warmup) return learning_rate * static_cast<double>(step + 1) / static_cast<double>(warmup);
  if (schedule == Schedule::step) {
    return learning_rate * (2 * step >= total ? 0.25 : 1) * (5 * step >= 4 * total ? 0.25 : 1);
  }
  return learning_rate * static_cast<double>(total - step) / static_cast<double>(total - warmup);
}

std::uint32_t TrainPlan::batch_at(std::uint64_t step) const {
  const std::uint64_t begin = step % steps_per_epoch() * batch;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(batch, train_count - begin));
}

StepRecord Trainer::run_step() {
  StepRecord record{step_, step_ / plan_.steps_per_epoch(), plan_.rate_at(step_), plan_.batch_at(step_), 0, 0, 0};
  if (order_.empty() || order_epoch_ != record.epoch) {
    order_ = epoch_order(plan_.seed, record.epoch, plan_.train_count);
    order_epoch_ = record.epoch;
  }
  const auto rows =
      std::span<const std::uint32_t>(order_).subspan(step_ % plan_.steps_per_epoch() * plan_.batch, record.batch);
  const BatchResult result = model_.train_step(rows, record.learning_rate, step_);
  record.loss = result.loss_sum / result.count;
  record.correct = result.correct;
  record.count = result.count;
  ++step_;
  return record;
}

BatchResult evaluate(Model& model, Part part, std::uint32_t first, std::uint32_t count,
                     const std::function<bool(std::uint32_t, std::uint32_t)>& before) {
  const std::uint32_t batches = (count + kEvaluationBatch - 1) / kEvaluationBatch;
  BatchResult sum;
  for (std::uint32_t b = 0; b < batches; ++b) {
    if (!before(b, batches)) return {};
    std::vector<std::uint32_t> rows(std::min(kEvaluationBatch, count - b * kEvaluationBatch));
    std::iota(rows.begin(), rows.end(), first + b * kEvaluationBatch);
    const BatchResult result = model.evaluate(part, rows);
    sum.loss_sum += result.loss_sum;
    sum.correct += result.correct;
    sum.count += result.count;
  }
  return sum;
}

}  // namespace cuatro::nn
