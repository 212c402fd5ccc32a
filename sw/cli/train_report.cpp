// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/html_report.h"
#include "cli/train_run.h"
#include "device/atomic_file.h"

// What a run leaves for its reader: summary.json and the text at the end.
namespace cuatro::cli {

void TrainRun::write_summary(const std::string& mismatch) const {
  using nlohmann::ordered_json;
  const bool done = mismatch.empty();
  const bool rtl_checked = engine_ && engine_->macs_per_cycle() != 0 && options_.check != "off";
  const Counters& c = totals_.device;
  const nn::Saturation& s = totals_.saturation;
  const double accuracy = evaluation_.result.count != 0 ? evaluation_.accuracy() : 0;
  ordered_json j;
  j["engine"] = options_.engine;
  j["model"] = options_.model;
  j["net"] = model_->describe();
  j["data"] = options_.data;
  j["seed"] = options_.seed;
  j["epochs"] = options_.epochs;
  j["steps"] = plan_.total_steps();
  j["batch"] = options_.batch;
  j["learning_rate"] = plan_.learning_rate;
  j["evaluated_on"] = options_.val ? "validation" : "test";
  j["test_accuracy"] = done && !options_.val ? ordered_json(accuracy) : ordered_json(nullptr);
  j["validation_accuracy"] = done && options_.val ? ordered_json(accuracy) : ordered_json(nullptr);
  const auto of_predictions = [&](double sum) {
    return totals_.predictions != 0 ? sum / static_cast<double>(totals_.predictions) : 0;
  };
  if (done && data_.text) j["bits_per_character"] = evaluation_.bits();
  j["evaluation_loss"] = done ? ordered_json(evaluation_.loss()) : ordered_json(nullptr);
  j["train_accuracy"] = of_predictions(static_cast<double>(totals_.correct));
  j["train_loss"] = of_predictions(totals_.loss_sum);
  j["weights_digest"] = done ? ordered_json(digest_) : ordered_json(nullptr);
  j["check"] = options_.check;
  j["lockstep_steps"] = totals_.lockstep_steps;
  j["lockstep_commands"] = totals_.lockstep_commands;
  j["lockstep_words"] = totals_.lockstep_words;
  j["lockstep_mismatches"] = rtl_checked ? ordered_json(done ? 0 : 1) : ordered_json(nullptr);
  if (!done) j["mismatch"] = mismatch;
  j["commands"] = c.commands;
  j["cycles"] = c.cycles;
  j["mac_cycles"] = c.mac_cycles;
  j["busy_cycles"] = c.busy_cycles;
  j["drain_stall_cycles"] = c.drain_stall_cycles;
  j["load_cycles"] = c.load_cycles;
  j["store_cycles"] = c.store_cycles;
  j["useful_macs"] = c.useful_macs;
  j["macs_per_cycle"] = engine_ ? engine_->macs_per_cycle() : 0;
  j["mac_utilisation"] = engine_ ? totals_.mac_utilisation(engine_->macs_per_cycle()) : 0;
  j["gmacs_per_s"] = totals_.gmacs_per_second();
  j["saturation"] = {
      {"weights", s.weights.rate()}, {"activations", s.activations.rate()}, {"gradients", s.gradients.rate()}};
  j["seconds"] = {{"load_data", load_seconds_},
                  {"set_up", setup_seconds_},
                  {"train", totals_.train_seconds},
                  {"save", totals_.save_seconds},
                  {"evaluate", evaluation_.seconds}};
  write_file_atomically(folder_->sites(), layers_text(totals_.sites, totals_.products));
  write_file_atomically(folder_->summary(), j.dump(2) + "\n");
  write_html_report(folder_->path());
}

void TrainRun::report() const {
  const double accuracy = 100.0 * evaluation_.accuracy();
  const char* on = options_.val ? "validation" : "test";
  if (options_.quiet) {
    const std::string bits = data_.text ? fmt::format(", {:.4f} bits a character", evaluation_.bits()) : "";
    fmt::print("{} accuracy {:.2f} %{}  digest {}  {}\n", on, accuracy, bits, digest_, folder_->path().string());
    return;
  }
  fmt::print("\n{:<21}{:.2f} % of {} {} ({}, {})\n", fmt::format("{} accuracy", on), accuracy,
             evaluation_.result.count, noun(), options_.data, model_->describe());
  if (data_.text) fmt::print("{:<21}{:.4f} bits a character\n", fmt::format("{} loss", on), evaluation_.bits());
  if (engine_ && engine_->lockstep()) {
    fmt::print("{:<21}{} commands, {} words of {} steps compared with golden: no difference\n", "bit-exact",
               totals_.lockstep_commands, totals_.lockstep_words, totals_.lockstep_steps);
  } else if (options_.engine == "rtl") {
    fmt::print("{:<21}not checked (--check off)\n", "bit-exact");
  }
  if (totals_.device.cycles != 0) {
    fmt::print("{:<21}{:.1f} million cycles for {} steps, MAC utilisation {:.1f} %\n", "hardware",
               static_cast<double>(totals_.device.cycles) * 1e-6, plan_.total_steps(),
               100 * totals_.mac_utilisation(engine_->macs_per_cycle()));
  }
  const nn::Saturation& s = totals_.saturation;
  if (engine_) {
    fmt::print("{:<21}weights {:.3f} %, activations {:.3f} %, gradients {:.3f} %\n", "clipped", 100 * s.weights.rate(),
               100 * s.activations.rate(), 100 * s.gradients.rate());
  }
  fmt::print("{:<21}{:.1f} s training ({:.0f} {}/s", "time", totals_.train_seconds,
             static_cast<double>(totals_.predictions) / totals_.train_seconds, noun());
  if (engine_) fmt::print(", {:.1f} GMAC/s", totals_.gmacs_per_second());
  fmt::print("), {:.1f} s evaluation\n", evaluation_.seconds);
  fmt::print("{:<21}{}\n{:<21}{}\n", "weights SHA-256", digest_, "run folder", folder_->path().string());
}

}  // namespace cuatro::cli
