// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <fmt/format.h>
#include <memory>

#include "cli/commands.h"
#include "cli/trained_model.h"
#include "device/input_error.h"
#include "nets/network_model.h"
#include "nets/text_sampler.h"

namespace cuatro::cli {
namespace {

struct GenerateOptions {
  std::string folder, engine, prompt = "\n";
  std::uint32_t count = 500, top_k = 0;
  float temperature = 0.8F;
  std::uint64_t seed = 1;
};

int generate(const GenerateOptions& o) {
  const TrainedModel trained = load_trained(o.folder, o.engine);
  if (!trained.data.text) {
    throw InputError(fmt::format("{}: a {}, generate needs a transformer", o.folder, trained.options.model));
  }
  const std::string& vocabulary = trained.data.vocabulary;
  std::vector<std::uint8_t> prompt;
  for (const char c : o.prompt) {
    const auto at = vocabulary.find(c);
    if (at == std::string::npos) {
      const bool shown = c > ' ' && c <= '~';  // a part of a UTF-8 character is not
      throw InputError(fmt::format("--prompt: {} is no character of the training text",
                                   shown ? fmt::format("'{}'", c) : fmt::format("byte {:#04x}", static_cast<unsigned char>(c))));
    }
    prompt.push_back(static_cast<std::uint8_t>(at));
  }
  auto& model = dynamic_cast<nn::NetworkModel&>(*trained.model);
  nn::SampleOptions sample;
  sample.count = o.count;
  sample.context = trained.data.shape[0];
  sample.temperature = o.temperature;
  sample.top_k = o.top_k;
  sample.seed = o.seed;
  std::string text = o.prompt;
  for (const std::uint8_t symbol : nn::generate(model.network(), model.engine(), prompt, sample)) text += vocabulary[symbol];
  fmt::print("{}\n", text);
  return 0;
}

}  // namespace

void add_generate(CLI::App& app, Run& run) {
  auto o = std::make_shared<GenerateOptions>();
  CLI::App* command = app.add_subcommand("generate", "text from a trained transformer");
  command->add_option("folder", o->folder, "run folder")->required();
  command->add_option("--prompt", o->prompt, "what the text begins with; a line break by default");
  command->add_option("--count", o->count, "characters to add")->check(CLI::Range(1, 1'000'000))->capture_default_str();
  command->add_option("--temperature", o->temperature, "0 = always the likeliest; 1 = as learned")->check(CLI::Range(0.0, 100.0))->capture_default_str();
  command->add_option("--top-k", o->top_k, "choose among the k likeliest; 0 = all")->capture_default_str();
  command->add_option("--seed", o->seed, "of the draws")->capture_default_str();
  command->add_option("--engine", o->engine, "golden, rtl, fp32, fp16 (default: the run's, golden for rtl)");
  command->final_callback([o, &run] { run = [o] { return generate(*o); }; });
}

}  // namespace cuatro::cli
