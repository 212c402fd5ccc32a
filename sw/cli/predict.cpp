// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <numeric>

#include "cli/commands.h"
#include "cli/trained_model.h"
#include "data/image_batch.h"
#include "data/image_file.h"
#include "data/speech.h"
#include "device/input_error.h"
#include "layers/float_math.h"

namespace cuatro::cli {
namespace {

constexpr std::size_t kShown = 3;  // classes a file

struct PredictOptions {
  std::string folder, engine;
  std::vector<std::string> files;
};

nn::Batch read_example(const TrainedModel& trained, const std::string& file) {
  const nn::Array::Shape& shape = trained.data.shape;
  if (shape.size() == 2) return nn::speech_batch(file);
  const std::uint32_t row[] = {0};
  return nn::image_batch(nn::read_png(file, shape[0], shape[1]), row);
}

int predict(const PredictOptions& o) {
  TrainedModel trained = load_trained(o.folder, o.engine);
  if (trained.data.text) throw InputError(fmt::format("{}: a transformer; use `cuatro generate`", o.folder));
  for (const std::string& file : o.files) {
    const std::vector<float> logits = trained.model->infer(read_example(trained, file)).data;
    const float most = *std::max_element(logits.begin(), logits.end());
    std::vector<float> p;
    for (const float z : logits) p.push_back(nn::exp_fixed(z - most));
    const float sum = std::accumulate(p.begin(), p.end(), 0.0F);
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] > p[b]; });
    std::string line;
    for (std::size_t i = 0; i < std::min(kShown, order.size()); ++i) {
      line += fmt::format("  {} {:.1f} %", trained.data.class_names.at(order[i]), 100 * p[order[i]] / sum);
    }
    fmt::print("{}:{}\n", file, line);
  }
  return 0;
}

}  // namespace

void add_predict(CLI::App& app, Run& run) {
  auto o = std::make_shared<PredictOptions>();
  CLI::App* command = app.add_subcommand("predict", "classify PNG or sound files with a trained net");
  command->add_option("folder", o->folder, "run folder")->required();
  command->add_option("files", o->files, "FILE.png for a net on images, FILE.wav for one on sound")->required();
  command->add_option("--engine", o->engine, "golden, rtl, fp32, fp16 (default: the run's, golden for rtl)");
  command->final_callback([o, &run] { run = [o] { return predict(*o); }; });
}

}  // namespace cuatro::cli
