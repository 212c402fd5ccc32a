// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

// What an endurance run counts. Rounds print it and the program that starts them adds it up, by name.
namespace cuatro::tb {

// Each of these must have occurred in a run that is long enough.
inline constexpr std::string_view kSoakKinds[] = {
    "gemm", "gemm of a long K", "gemm of the same tensors", "quantize", "update", "unfold", "gather", "result in halves", "comparison in between",
    "bus error reading the GEMM ring", "bus error reading the quantize ring", "bus error in a load", "bus error in a store",
    "bus error writing a record", "SLVERR", "DECERR", "error in one beat of a burst", "two bus errors armed",
    "entry refused: kind", "entry refused: flags", "entry refused: op", "entry refused: space", "entry refused: item",
    "entry refused: size", "entry refused: base", "entry refused: pitch", "entry refused: addr", "entry refused: reserved bits",
    "entry refused: window", "command refused", "ring overfilled", "lost result refused",
    "soft reset in mid-burst", "soft reset of an idle block", "device left in mid-burst", "device made again", "block disabled and enabled",
    "register read while running", "missing register refused",
    "cycles AR was held", "cycles R was held", "cycles AW was held", "cycles W was held", "cycles B was held", "cycles a register access waited",
    "rounds of limited bandwidth", "rounds of 16-bit counts come round",
};
// These go beside them.
inline constexpr std::string_view kSoakTotals[] = {
    "steps", "operations", "words compared", "bytes written, each named by an entry", "cycles", "error armed that no burst came to",
};

using SoakCounts = std::map<std::string, std::uint64_t, std::less<>>;

}  // namespace cuatro::tb
