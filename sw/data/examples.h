// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "nets/network.h"

namespace cuatro::nn {

// One part of a data set, as the batches of a net are made of it.
class Examples {
 public:
  virtual ~Examples() = default;
  virtual std::uint32_t count() const = 0;
  // The last so many of a training part are held out when hyper-parameters are chosen.
  virtual std::uint32_t validation_count() const { return count() / 10; }
  // The named examples. A training batch may be augmented, by draws that depend on `step` and the rows only.
  virtual Batch batch(std::span<const std::uint32_t> rows, std::uint64_t step, bool training) const = 0;
};

// What a net is trained and tested on.
struct DataSet {
  std::string name, folder;
  Array::Shape shape;          // of an example: {28, 28, 1}, {frames, bands}; {context} for text
  std::uint32_t classes = 0;   // labels, or symbols of a text
  bool text = false;           // a prediction is the next character: results in bits a character
  std::unique_ptr<Examples> train, test;
  std::vector<std::string> class_names;  // of labels; empty for text
  std::string vocabulary;      // of text: the byte of each symbol
};

}  // namespace cuatro::nn
