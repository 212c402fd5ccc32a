// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "cli/train_run.h"

#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <numbers>
#include <utility>

#include "device/input_error.h"
#include "cli/models.h"
#include "data/datasets.h"
#include "nn/checkpoint.h"

namespace cuatro::cli {
namespace {

constexpr std::uint64_t kSampleEvery = 16;  // 6.25 % of the steps
// "2^-4" for a power of two, else the number.
std::string rate_text(double rate) {
  int exponent = 0;
  return std::frexp(rate, &exponent) == 0.5 ? fmt::format("2^{}", exponent - 1) : fmt::format("{:.6g}", rate);
}

constexpr const char* kMetricsHeader =
    "step,epoch,lr,batch,loss,accuracy,checked,cycles,useful_macs,clipped_weights,clipped_activations,clipped_"
    "gradients,seconds";

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

double TrainRun::Evaluation::bits() const { return loss() / std::numbers::ln2; }

void TrainRun::load_data() {
  const Stopwatch watch;
  nn::DataOptions wanted = options_.data_options();
  wanted.with_test = !options_.val;
  data_ = nn::load_data(options_.data, wanted);  // the test part early, so that bad data costs no training
  std::uint32_t count = data_.train->count();
  if (options_.val) {
    const std::uint32_t held_out = data_.train->validation_count();
    if (count <= held_out) {
      throw InputError(fmt::format("--val: {} training examples, expected more than {}", count, held_out));
    }
    count -= held_out;
  }
  plan_ = options_.plan(count);
  load_seconds_ = watch.seconds();
}

void TrainRun::build() {
  if (!is_float(options_.engine)) {
    engine_ = std::make_unique<Engine>(EngineOptions{options_.engine, options_.check != "off", options_.trace, options_.memory});
  }
  model_ = make_model(options_, data_, engine_.get());
}

void TrainRun::restore() {
  std::error_code ignored;
  if (options_.resume.empty() || !std::filesystem::exists(folder_->checkpoint(), ignored)) return;
  const nn::Checkpoint checkpoint = nn::load_checkpoint(folder_->checkpoint(), *model_, identity(options_));
  try {
    totals_ = before_ = totals_from_text(checkpoint.totals);
  } catch (const InputError& e) {
    throw InputError(fmt::format("{}: {}", folder_->checkpoint().string(), e.what()));
  }
  first_step_ = checkpoint.step;
}

// What the engine has done since the last call, into the totals; its cycles only if they were those of training.
void TrainRun::count_engine(bool training) {
  if (!engine_) return;
  const Counters now = engine_->device().counters();
  if (training) totals_.device = totals_.device + (now - counted_);
  counted_ = now;
  const LockstepDevice* lockstep = engine_->lockstep();
  if (lockstep == nullptr) return;
  totals_.lockstep_commands += lockstep->commands_compared() - std::exchange(counted_commands_, lockstep->commands_compared());
  totals_.lockstep_words += lockstep->words_compared() - std::exchange(counted_words_, lockstep->words_compared());
}

bool TrainRun::wants_check(std::uint64_t step) const {
  if (options_.check == "all") return true;
  return step % kSampleEvery == 0 || step == first_step_ || step + 1 == plan_.total_steps() ||
         plan_.batch_at(step) != plan_.batch;
}

// Sites and products of the training steps so far; before any evaluation.
void TrainRun::collect_layers() {
  if (engine_) engine_->device().sync();  // a step may return before the device is done with it
  count_engine(true);
  totals_.sites = before_.sites + model_->statistics();
  if (engine_) totals_.products = before_.products + engine_->device().cycles_by_label();
}

void TrainRun::save() {
  const Stopwatch watch;
  collect_layers();
  nn::save_checkpoint(folder_->checkpoint(), *model_, {trainer_->next_step(), identity(options_), to_text(totals_)});
  totals_.save_seconds += watch.seconds();
}

std::string TrainRun::metrics_line(const nn::StepRecord& r, bool checked, double seconds) const {
  return fmt::format("{},{},{},{},{:.6f},{:.6f},{:d},{},{},{},{},{},{:.6f}", r.step + 1, r.epoch + 1,
                     rate_text(r.learning_rate), r.batch, r.loss, static_cast<double>(r.correct) / r.count, checked, totals_.device.cycles,
                     totals_.device.useful_macs, totals_.saturation.weights.clipped,
                     totals_.saturation.activations.clipped, totals_.saturation.gradients.clipped, seconds);
}

void TrainRun::show(const nn::StepRecord& r) {
  const double seconds = totals_.train_seconds - before_.train_seconds;
  ProgressState s{r.step + 1, plan_.total_steps(),
                  r.loss,     static_cast<double>(epoch_correct_) / static_cast<double>(epoch_predictions_),
                  0,          totals_.device.cycles,
                  0,          0};
  s.images_per_second = static_cast<double>(totals_.images - before_.images) / seconds;
  if (engine_) {
    s.utilisation = totals_.mac_utilisation(engine_->macs_per_cycle());
    s.gmacs = totals_.gmacs_per_second();
  }
  progress_->show(s);
}

void TrainRun::step() {
  const Stopwatch watch;
  LockstepDevice* lockstep = engine_ ? engine_->lockstep() : nullptr;
  const bool check = lockstep != nullptr && wants_check(trainer_->next_step());
  if (lockstep) lockstep->set_checking(check);
  const nn::StepRecord record = trainer_->run_step();
  count_engine(true);
  totals_.lockstep_steps += check;
  totals_.saturation = before_.saturation + model_->saturation();
  totals_.images += record.batch;
  totals_.correct += record.correct;
  totals_.predictions += record.count;
  totals_.loss_sum += record.loss * record.count;
  totals_.train_seconds += watch.seconds();
  if (record.step % plan_.steps_per_epoch() == 0) epoch_predictions_ = epoch_correct_ = 0;
  epoch_predictions_ += record.count;
  epoch_correct_ += record.correct;
  metrics_->append(metrics_line(record, check, watch.seconds()));
  show(record);
}

bool TrainRun::train() {
  while (!trainer_->done()) {
    if (signals_.requested()) return false;
    step();
    const bool due = options_.save > 0 && trainer_->next_step() % static_cast<std::uint64_t>(options_.save) == 0;
    if (due && !trainer_->done()) save();
  }
  return true;
}

bool TrainRun::evaluate() {
  const Stopwatch watch;
  LockstepDevice* lockstep = engine_ ? engine_->lockstep() : nullptr;
  const auto checked = [&](bool on) {
    if (lockstep) lockstep->set_checking(on);
  };
  const nn::Part part = options_.val ? nn::Part::train : nn::Part::test;
  const std::uint32_t first = options_.val ? plan_.train_count : 0;
  const std::uint32_t count = (options_.val ? *data_.train : *data_.test).count() - first;
  bool stopped = false;
  evaluation_.result =
      nn::evaluate(*model_, part, first, count, [&](std::uint32_t batch, std::uint32_t batches) {
        stopped = signals_.requested();
        checked(options_.check == "all" || batch % kSampleEvery == 0 || batch + 1 == batches);
        return !stopped;
      });
  if (lockstep) lockstep->sync();
  count_engine(false);
  evaluation_.seconds = watch.seconds();
  return !stopped;
}

int TrainRun::run() {
  load_data();
  build();
  folder_ = std::make_unique<RunFolder>(RunFolder::open(options_));
  if (engine_ && engine_->lockstep()) engine_->lockstep()->set_replay_folder(folder_->path());
  restore();
  metrics_ = std::make_unique<MetricsFile>(folder_->metrics(), kMetricsHeader, first_step_);
  progress_ = std::make_unique<Progress>(options_.quiet);
  progress_->note(fmt::format("{} on {}, engine {}: {} steps of {} images, learning rate {}, seed {}",
                              model_->describe(), options_.data, options_.engine, plan_.total_steps(), plan_.batch,
                              rate_text(plan_.learning_rate), plan_.seed));
  if (!options_.resume.empty()) progress_->note(fmt::format("continuing after step {}", first_step_));
  try {
    const Stopwatch setup;
    trainer_ = std::make_unique<nn::Trainer>(*model_, plan_);
    trainer_->continue_at(first_step_);
    if (engine_) engine_->device().sync();
    count_engine(false);  // the images' own quantization
    setup_seconds_ = setup.seconds();
    progress_->start(first_step_);
    bool finished = train();
    save();
    finished = finished && evaluate();
    progress_->finish();
    if (!finished) {
      fmt::print(stderr, "cuatro: interrupted after step {} of {}; continue with: cuatro train --resume {}\n",
                 trainer_->next_step(), plan_.total_steps(), folder_->path().string());
      return 130;
    }
  } catch (const LockstepMismatch& e) {
    progress_->finish();
    write_summary(e.what());
    fmt::print(stderr, "cuatro: {}\n", e.what());
    return 1;
  } catch (...) {
    progress_->finish();
    throw;
  }
  digest_ = model_->digest();
  write_summary("");
  report();
  return 0;
}

}  // namespace cuatro::cli
