// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cli/engines.h"
#include "cli/progress.h"
#include "cli/run_folder.h"
#include "cli/stop_signals.h"
#include "cli/totals.h"
#include "cli/train_options.h"
#include "data/examples.h"
#include "nn/model.h"
#include "nn/trainer.h"

namespace cuatro::cli {

// One run of `cuatro train` from its options to its report.
class TrainRun {
 public:
  explicit TrainRun(TrainOptions options) : options_(std::move(options)) {}
  int run();  // exit code: 0, 1 after a mismatch, 130 when interrupted

 private:
  struct Evaluation {
    nn::BatchResult result;
    double seconds = 0;
    double accuracy() const { return static_cast<double>(result.correct) / result.count; }
    double loss() const { return result.loss_sum / result.count; }  // nats
    double bits() const;                                            // a prediction
  };

  void load_data();
  void build();
  void restore();
  bool train();  // false when interrupted
  bool evaluate();
  void step();
  void collect_layers();
  void save();
  bool wants_check(std::uint64_t step) const;
  void count_engine(bool training);
  std::string metrics_line(const nn::StepRecord& record, bool checked, double seconds) const;
  void show(const nn::StepRecord& record);
  void write_summary(const std::string& mismatch) const;
  void report() const;
  const char* noun() const { return data_.text ? "characters" : data_.shape.size() == 3 ? "images" : "recordings"; }

  TrainOptions options_;
  StopSignals signals_;
  nn::DataSet data_;
  nn::TrainPlan plan_;
  std::unique_ptr<Engine> engine_;  // none for fp32 and fp16
  std::unique_ptr<nn::Model> model_;
  std::unique_ptr<RunFolder> folder_;
  std::unique_ptr<MetricsFile> metrics_;
  std::unique_ptr<nn::Trainer> trainer_;
  std::unique_ptr<Progress> progress_;
  Totals totals_;                 // all steps of the run
  Totals before_;                 // those of earlier processes, by the checkpoint
  std::uint64_t first_step_ = 0;  // of this process
  Counters counted_;              // of the engine: what is in the totals, or belongs to no step
  std::uint64_t counted_commands_ = 0, counted_words_ = 0;  // of the lock-step likewise
  std::uint64_t epoch_predictions_ = 0, epoch_correct_ = 0;
  double load_seconds_ = 0, setup_seconds_ = 0;
  Evaluation evaluation_;
  std::string digest_;
};

}  // namespace cuatro::cli
