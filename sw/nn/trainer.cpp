// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/trainer.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "nn/shuffle.h"

namespace cuatro::nn {
namespace {

std::vector<std::uint8_t> labels_of(const Images& images, std::span<const std::uint32_t> rows) {
  std::vector<std::uint8_t> labels(rows.size());
  std::transform(rows.begin(), rows.end(), labels.begin(), [&](std::uint32_t row) { return images.labels[row]; });
  return labels;
}

}  // namespace

int TrainPlan::lr_shift_at(std::uint64_t step) const {
  const std::uint64_t total = total_steps();
  return lr_shift + (2 * step >= total ? 2 : 0) + (5 * step >= 4 * total ? 2 : 0);
}

std::uint32_t TrainPlan::batch_at(std::uint64_t step) const {
  const std::uint64_t begin = step % steps_per_epoch() * batch;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(batch, train_count - begin));
}

Trainer::Trainer(Model& model, const Images& images, const TrainPlan& plan)
    : model_(model), images_(images), plan_(plan), handle_(model.add_images(images)) {}

StepRecord Trainer::run_step() {
  StepRecord record{step_, step_ / plan_.steps_per_epoch(), plan_.lr_shift_at(step_), plan_.batch_at(step_), 0, 0};
  if (order_.empty() || order_epoch_ != record.epoch) {
    order_ = epoch_order(plan_.seed, record.epoch, plan_.train_count);
    order_epoch_ = record.epoch;
  }
  const auto rows =
      std::span<const std::uint32_t>(order_).subspan(step_ % plan_.steps_per_epoch() * plan_.batch, record.batch);
  const BatchResult result = model_.train_step(handle_, rows, labels_of(images_, rows), record.lr_shift, step_);
  record.loss = result.loss_sum / record.batch;
  record.correct = result.correct;
  ++step_;
  return record;
}

std::uint32_t evaluate(Model& model, int handle, const Images& images, std::uint32_t first, std::uint32_t count,
                       const std::function<bool(std::uint32_t, std::uint32_t)>& before) {
  const std::uint32_t batches = (count + kEvaluationBatch - 1) / kEvaluationBatch;
  std::uint32_t correct = 0;
  for (std::uint32_t b = 0; b < batches; ++b) {
    if (!before(b, batches)) return 0;
    std::vector<std::uint32_t> rows(std::min(kEvaluationBatch, count - b * kEvaluationBatch));
    std::iota(rows.begin(), rows.end(), first + b * kEvaluationBatch);
    correct += model.count_correct(handle, rows, labels_of(images, rows));
  }
  return correct;
}

}  // namespace cuatro::nn
