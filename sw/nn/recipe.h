// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <string>
#include <string_view>

#include "device/device.h"
#include "nn/fixed_sgd.h"

namespace cuatro::nn {

enum class Scaling {
  delayed,    // last step's range: quantization streams at the drain
  current,    // this step's range: results leave raw and come back to be quantized
  gradscale,  // as delayed; gradients double or halve their scale by the rule of Sun et al. 2020
  fixed,      // gradients keep the scale of the first step: what rescaling is measured against
};

// Where the optimiser's step on the weights runs.
enum class UpdateOn { host, device };

// How a net is trained in 4 bits: everything that changes a result besides seed and schedule.
struct Recipe {
  OutFormat grad_format = OutFormat::log2;
  Rounding grad_rounding = Rounding::two_term;  // nearest, stochastic, tpr or two_term
  bool tpr_swap = false;                        // code 2 feeds dX and code 1 dW
  Scaling scaling = Scaling::delayed;
  MasterFormat master = kMaster32;
  UpdateOn update = UpdateOn::host;             // device: kMaster16 is what its state holds

  Format code_format() const { return static_cast<Format>(grad_format); }
  // Largest code value of a gradient.
  std::uint32_t grad_top() const;
  // acc = (A · digit 1 << term_shift) + A · digit 2.
  bool two_terms() const { return grad_rounding == Rounding::two_term; }
  int term_shift() const { return !two_terms() ? 0 : grad_format == OutFormat::log4 ? 1 : 2; }
};

// The recipe as users name it (--grad-format, --grad-rounding, --grad-terms, …).
struct RecipeNames {
  std::string grad_format = "log2";    // log4 log2 int4
  std::string grad_rounding = "";      // nearest tpr stochastic; empty = stochastic
  int grad_terms = 0;                  // 1 2; 0 = 2 for stochastic rounding of log4 and log2, else 1
  std::string tpr_order = "even-odd";  // the phase of dX, then of dW: even-odd odd-even
  std::string scaling = "delayed";     // delayed current gradscale fixed
  int master_bits = 32;                // 16 32
  std::string update = "host";         // host device
};

// Throws InputError naming the flag: an unknown name or a combination that the hardware lacks.
Recipe make_recipe(const RecipeNames& names);
// One canonical line, equal for equal recipes ("grad=log2 rounding=two_term …").
std::string describe(const Recipe& recipe);

}  // namespace cuatro::nn
