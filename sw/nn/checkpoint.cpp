// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/checkpoint.h"

#include <charconv>
#include <fmt/format.h>

#include "device/input_error.h"

namespace cuatro::nn {
namespace {

constexpr const char* kFormat = "cuatro checkpoint 1";

const std::string& field(const SafeTensors& content, const std::string& name) {
  const auto it = content.metadata.find(name);
  if (it == content.metadata.end()) throw InputError(fmt::format("__metadata__.{} is missing", name));
  return it->second;
}

void expect(const SafeTensors& content, const std::string& name, const std::string& wanted) {
  const std::string& found = field(content, name);
  if (found != wanted) throw InputError(fmt::format("{} is '{}', this run has '{}'", name, found, wanted));
}

}  // namespace

void save_checkpoint(const std::filesystem::path& path, const Model& model, const Checkpoint& checkpoint) {
  SafeTensors content;
  model.save(content);
  content.metadata["format"] = kFormat;
  content.metadata["net"] = model.describe();
  content.metadata["step"] = std::to_string(checkpoint.step);
  content.metadata["totals"] = checkpoint.totals;
  for (const auto& [key, value] : checkpoint.identity) content.metadata[key] = value;
  save_safetensors(path, content);
}

Checkpoint load_checkpoint(const std::filesystem::path& path, Model& model,
                           const std::map<std::string, std::string>& identity) {
  const SafeTensors content = load_safetensors(path);
  try {
    expect(content, "format", kFormat);
    expect(content, "net", model.describe());
    for (const auto& [key, value] : identity) expect(content, key, value);
    Checkpoint checkpoint{0, identity, field(content, "totals")};
    const std::string& step = field(content, "step");
    const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), checkpoint.step);
    if (error != std::errc() || end != step.data() + step.size())
      throw InputError(fmt::format("__metadata__.step: '{}' is no number", step));
    model.load(content);
    return checkpoint;
  } catch (const InputError& e) {
    throw InputError(fmt::format("{}: {}", path.string(), e.what()));
  }
}

}  // namespace cuatro::nn
