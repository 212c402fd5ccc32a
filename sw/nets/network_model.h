// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <memory>
#include <string>

#include "data/examples.h"
#include "matmul/matmul_engine.h"
#include "nets/network.h"
#include "nets/optimizer.h"
#include "nn/model.h"

namespace cuatro::nn {

// A network in training: its data, the engine of its products, and the optimiser.
class NetworkModel final : public Model {
 public:
  // `arithmetic` describes the engine's settings ("fp32", "4-bit, gradient log4 nearest, …") in reports and
  // checkpoints. `data` must outlive the model.
  NetworkModel(std::unique_ptr<Network> network, std::unique_ptr<MatmulEngine> engine, const OptimizerConfig& optimizer,
               const DataSet& data, std::string arithmetic);

  BatchResult train_step(std::span<const std::uint32_t> rows, double learning_rate, std::uint64_t step) override;
  BatchResult evaluate(Part part, std::span<const std::uint32_t> rows) override;
  Array infer(const Batch& batch) override;
  std::string describe() const override { return network_->describe() + ", " + arithmetic_; }
  Saturation saturation() const override;
  std::vector<SiteStatistics> statistics() const override;
  void save(SafeTensors& to) const override;
  void load(const SafeTensors& from) override;
  // SHA-256 over weights and optimiser state, buffers and scales, as the little-endian floats of a checkpoint.
  std::string digest() const override;

  Network& network() { return *network_; }
  MatmulEngine& engine() { return *engine_; }
  std::span<OperandSite* const> sites() const { return state_.sites; }

 private:
  // Everything that a checkpoint holds, in its order.
  struct Entry {
    std::string name;
    std::vector<std::uint64_t> shape;
    std::vector<float>* values;
  };
  std::vector<Entry> entries() const;

  std::unique_ptr<Network> network_;
  std::unique_ptr<MatmulEngine> engine_;
  OptimizerConfig optimizer_;
  const DataSet& data_;
  std::string arithmetic_;
  LayerState state_;
  mutable std::vector<float> scales_;  // of the sites, while a checkpoint is made or read
};

}  // namespace cuatro::nn
