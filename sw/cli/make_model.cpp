// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "cli/models.h"

#include <algorithm>
#include <fmt/format.h>

#include "data/image_examples.h"
#include "device/input_error.h"
#include "matmul/device_engine.h"
#include "matmul/float_engine.h"
#include "nets/image_nets.h"
#include "nets/lstm_net.h"
#include "nets/transformer.h"
#include "nn/mlp.h"

namespace cuatro::cli {
namespace {

nn::OptimizerConfig optimizer(const TrainOptions& o) {
  nn::OptimizerConfig c;
  c.rule = o.optimizer == "adamw" ? nn::OptimizerConfig::Rule::adamw : nn::OptimizerConfig::Rule::sgd;
  c.momentum = static_cast<float>(o.momentum);
  c.weight_decay = static_cast<float>(o.weight_decay);
  c.clip_norm = static_cast<float>(o.clip_norm);
  return c;
}

std::unique_ptr<nn::Network> make_network(const TrainOptions& o, const nn::DataSet& data) {
  const auto seed = static_cast<std::uint64_t>(o.seed);
  const auto width = static_cast<std::uint32_t>(o.width), depth = static_cast<std::uint32_t>(o.depth);
  if (o.model == "lstm") {
    return std::make_unique<nn::LstmNet>(nn::LstmNet::Config{data.shape[1], width, depth, data.classes, seed});
  }
  if (o.model == "transformer") {
    return std::make_unique<nn::Transformer>(
        nn::Transformer::Config{data.classes, data.shape[0], depth, width, static_cast<std::uint32_t>(o.heads)}, seed);
  }
  const nn::ImageShape image{data.shape[0], data.shape[1], data.shape[2]};
  if (o.model == "mlp") return nn::make_mlp(image, {256, 128}, data.classes, seed);
  if (o.model == "lenet") return nn::make_lenet(image, data.classes, seed);
  return nn::make_resnet(image, o.model == "resnet8" ? 8 : 20, data.classes, seed);
}

// The mlp that never leaves the device's integers.
std::unique_ptr<nn::Model> integer_mlp(const TrainOptions& o, const nn::DataSet& data, Engine& engine) {
  const auto& train = dynamic_cast<const nn::ImageExamples&>(*data.train).images();
  auto mlp = std::make_unique<nn::IntegerMlp>(
      engine.device(), nn::MlpConfig{nn::mlp_sizes(train.features()), nn::make_recipe(o.quant.recipe), static_cast<std::uint64_t>(o.seed)});
  if (o.batch > mlp->batch_limit()) {
    throw InputError(fmt::format("--batch {}: expected at most {}, the products that the hardware sums exactly", o.batch,
                                 mlp->batch_limit()));
  }
  mlp->use(nn::Part::train, train);
  if (data.test) mlp->use(nn::Part::test, dynamic_cast<const nn::ImageExamples&>(*data.test).images());
  return mlp;
}

}  // namespace

std::unique_ptr<nn::Model> make_model(const TrainOptions& o, const nn::DataSet& data, Engine* engine) {
  if (o.model == "mlp" && engine != nullptr) return integer_mlp(o, data, *engine);
  std::unique_ptr<nn::MatmulEngine> products;
  std::string arithmetic = o.engine;
  if (engine == nullptr) {
    products = std::make_unique<nn::FloatEngine>(o.engine == "fp16" ? nn::Precision::fp16 : nn::Precision::fp32);
  } else {
    const nn::QuantConfig config = nn::make_quant_config(o.quant);
    arithmetic = nn::describe(config);
    products = std::make_unique<nn::DeviceEngine>(engine->device(), config, static_cast<std::uint64_t>(o.seed));
  }
  return std::make_unique<nn::NetworkModel>(make_network(o, data), std::move(products), optimizer(o), data, arithmetic);
}

}  // namespace cuatro::cli
