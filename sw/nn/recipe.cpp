// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/recipe.h"

#include <fmt/format.h>

#include "device/input_error.h"

namespace cuatro::nn {
namespace {

OutFormat parse_format(std::string_view name) {
  if (name == "log4") return OutFormat::log4;
  if (name == "log2") return OutFormat::log2;
  if (name == "int4") return OutFormat::int4;
  throw InputError(fmt::format("--grad-format {}: unknown, choose from log4, log2, int4", name));
}

Rounding parse_rounding(std::string_view name) {
  if (name.empty() || name == "stochastic") return Rounding::stochastic;
  if (name == "nearest") return Rounding::nearest;
  if (name == "tpr") return Rounding::tpr;
  throw InputError(fmt::format("--grad-rounding {}: unknown, choose from nearest, tpr, stochastic", name));
}

Scaling parse_scaling(std::string_view name) {
  if (name == "delayed") return Scaling::delayed;
  if (name == "current") return Scaling::current;
  if (name == "gradscale") return Scaling::gradscale;
  if (name == "fixed") return Scaling::fixed;
  throw InputError(fmt::format("--scaling {}: unknown, choose from delayed, current, gradscale, fixed", name));
}

UpdateOn parse_update(std::string_view name) {
  if (name == "host") return UpdateOn::host;
  if (name == "device") return UpdateOn::device;
  throw InputError(fmt::format("--update {}: unknown, choose from host, device", name));
}

}  // namespace

std::uint32_t Recipe::grad_top() const {
  return grad_format == OutFormat::log4 ? 4096 : grad_format == OutFormat::log2 ? 64 : 7;
}

Recipe make_recipe(const RecipeNames& names) {
  Recipe recipe;
  recipe.grad_format = parse_format(names.grad_format);
  recipe.grad_rounding = parse_rounding(names.grad_rounding);
  const bool log = recipe.grad_format != OutFormat::int4;
  if (recipe.grad_rounding == Rounding::tpr && recipe.grad_format != OutFormat::log4) {
    throw InputError(fmt::format("--grad-rounding tpr: needs --grad-format log4, not {}", names.grad_format));
  }
  if (names.grad_terms < 0 || names.grad_terms > 2) {
    throw InputError(fmt::format("--grad-terms {}: choose 1 or 2", names.grad_terms));
  }
  if (names.grad_terms == 2 && !log) throw InputError("--grad-terms 2: needs --grad-format log4 or log2, not int4");
  if (names.grad_terms == 2 && recipe.grad_rounding != Rounding::stochastic) {
    throw InputError(fmt::format("--grad-terms 2: needs --grad-rounding stochastic (its second digit is), not {}",
                                 names.grad_rounding));
  }
  if (log && recipe.grad_rounding == Rounding::stochastic && names.grad_terms != 1) {
    recipe.grad_rounding = Rounding::two_term;
  }
  if (names.tpr_order != "even-odd" && names.tpr_order != "odd-even") {
    throw InputError(fmt::format("--tpr-order {}: unknown, choose from even-odd, odd-even", names.tpr_order));
  }
  recipe.tpr_swap = names.tpr_order == "odd-even";
  recipe.scaling = parse_scaling(names.scaling);
  if (names.master_bits != 16 && names.master_bits != 32) {
    throw InputError(fmt::format("--master-bits {}: choose 16 or 32", names.master_bits));
  }
  recipe.master = names.master_bits == 16 ? kMaster16 : kMaster32;
  recipe.update = parse_update(names.update);
  if (recipe.update == UpdateOn::device && names.master_bits != 16) {
    throw InputError(fmt::format("--update device: needs --master-bits 16, not {}", names.master_bits));
  }
  return recipe;
}

std::string describe(const Recipe& recipe) {
  const char* format = recipe.grad_format == OutFormat::log4   ? "log4"
                       : recipe.grad_format == OutFormat::log2 ? "log2"
                                                               : "int4";
  const char* rounding = recipe.grad_rounding == Rounding::tpr ? (recipe.tpr_swap ? "tpr-odd-even" : "tpr-even-odd")
                         : recipe.grad_rounding == Rounding::nearest ? "nearest"
                         : recipe.two_terms()                        ? "two-term"
                                                                     : "stochastic";
  const char* scaling = recipe.scaling == Scaling::delayed   ? "delayed"
                        : recipe.scaling == Scaling::current ? "current"
                        : recipe.scaling == Scaling::fixed   ? "fixed"
                                                             : "gradscale";
  return fmt::format("gradient {} {}, {} scaling, {}-bit master weights{}", format, rounding, scaling,
                     recipe.master.weight_max > 32767 ? 32 : 16,
                     recipe.update == UpdateOn::device ? ", updated on the device" : "");
}

}  // namespace cuatro::nn
