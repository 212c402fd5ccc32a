// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nets/network_model.h"

#include "nn/sha256.h"

namespace cuatro::nn {

NetworkModel::NetworkModel(std::unique_ptr<Network> network, std::unique_ptr<MatmulEngine> engine,
                           const OptimizerConfig& optimizer, const DataSet& data, std::string arithmetic)
    : network_(std::move(network)),
      engine_(std::move(engine)),
      optimizer_(optimizer),
      data_(data),
      arithmetic_(std::move(arithmetic)),
      state_(network_->state()) {
  for (Weights* w : state_.weights) {
    w->moment1.assign(w->value.size(), 0.0F);
    if (optimizer_.rule == OptimizerConfig::Rule::adamw) w->moment2.assign(w->value.size(), 0.0F);
  }
}

BatchResult NetworkModel::train_step(std::span<const std::uint32_t> rows, double learning_rate, std::uint64_t step) {
  engine_->begin_step({step, true});
  const BatchLoss loss = network_->run(*engine_, data_.train->batch(rows, step, true), true);
  optimizer_step(state_.weights, optimizer_, static_cast<float>(learning_rate), step);
  return {loss.loss_sum, loss.correct, loss.count};
}

BatchResult NetworkModel::evaluate(Part part, std::span<const std::uint32_t> rows) {
  engine_->begin_step({0, false});
  const Examples& examples = part == Part::train ? *data_.train : *data_.test;
  const BatchLoss loss = network_->run(*engine_, examples.batch(rows, 0, false), false);
  return {loss.loss_sum, loss.correct, loss.count};
}

Array NetworkModel::infer(const Batch& batch) {
  engine_->begin_step({0, false});
  return network_->infer(*engine_, batch);
}

Saturation NetworkModel::saturation() const {
  Saturation sum;
  for (const OperandSite* site : state_.sites) {
    Saturation::Class& to = site->kind == OperandKind::weight     ? sum.weights
                            : site->kind == OperandKind::gradient ? sum.gradients
                                                                  : sum.activations;
    to.clipped += site->counts.saturated;
    to.elements += site->counts.elements;
  }
  return sum;
}

std::vector<SiteStatistics> NetworkModel::statistics() const {
  std::vector<SiteStatistics> list;
  for (const OperandSite* site : state_.sites) {
    if (site->counts.elements != 0) list.push_back({site->name, site->kind, site->counts});
  }
  return list;
}

std::vector<NetworkModel::Entry> NetworkModel::entries() const {
  std::vector<Entry> entries;
  for (Weights* w : state_.weights) {
    const std::vector<std::uint64_t> shape(w->shape.begin(), w->shape.end());
    entries.push_back({w->name, shape, &w->value});
    entries.push_back({w->name + ".moment1", shape, &w->moment1});
    if (!w->moment2.empty()) entries.push_back({w->name + ".moment2", shape, &w->moment2});
  }
  for (const Buffer& b : state_.buffers) entries.push_back({b.name, {b.values->size()}, b.values});
  scales_.clear();
  for (const OperandSite* site : state_.sites) scales_.push_back(site->last_absmax);
  entries.push_back({"scales", {scales_.size()}, &scales_});
  return entries;
}

void NetworkModel::save(SafeTensors& to) const {
  for (const Entry& e : entries()) to.add(e.name, e.shape, std::span<const float>(*e.values));
  to.metadata["weight_layout"] = "row-major [inputs, outputs]; convolutions [kernel rows, kernel columns, inputs, outputs]";
}

void NetworkModel::load(const SafeTensors& from) {
  const std::vector<Entry> all = entries();
  std::vector<std::vector<float>> values;  // all or nothing
  for (const Entry& e : all) {
    values.emplace_back(e.values->size());
    from.get(e.name, e.shape, std::span(values.back()));
  }
  for (std::size_t i = 0; i < all.size(); ++i) *all[i].values = std::move(values[i]);
  for (std::size_t i = 0; i < scales_.size(); ++i) state_.sites[i]->last_absmax = scales_[i];
}

std::string NetworkModel::digest() const {
  Sha256 sha;
  for (const Entry& e : entries()) {
    sha.update({reinterpret_cast<const std::uint8_t*>(e.values->data()), e.values->size() * sizeof(float)});
  }
  return sha.finish();
}

}  // namespace cuatro::nn
