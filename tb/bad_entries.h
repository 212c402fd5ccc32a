// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "sim/ring_entry.h"

// Ways to make a good ring entry one that must be refused, written from rtl/README.md.
namespace cuatro::tb {

struct BadEntry {
  std::string_view name;                 // of the field that is at fault, as the driver spells it
  std::uint32_t field;                   // its number in ERROR
  // False: not of such an entry. `any` picks one of the illegal values.
  bool (*spoil)(sim::RingEntry& entry, std::uint32_t any);
};

namespace bad {
inline bool is(const sim::RingEntry& e, sim::EntryKind kind) { return e.bytes[0] == static_cast<std::uint8_t>(kind); }
inline bool transfer(const sim::RingEntry& e) { return !is(e, sim::EntryKind::command); }
inline bool window(const sim::RingEntry& e) { return is(e, sim::EntryKind::load) && (e.bytes[39] & 0x40) != 0; }
}  // namespace bad

inline constexpr BadEntry kBadEntries[] = {
    {"kind", 1, [](sim::RingEntry& e, std::uint32_t any) {
       e.bytes[0] = static_cast<std::uint8_t>(any % 13 == 0 ? 0 : 3 + any % 13);
       return true;
     }},
    {"flags", 2, [](sim::RingEntry& e, std::uint32_t any) {
       e.bytes[1] |= static_cast<std::uint8_t>(1 + any % 3);
       return bad::is(e, sim::EntryKind::load);
     }},
    {"op", 3, [](sim::RingEntry& e, std::uint32_t any) {
       // Neither a GEMM nor a QUANTIZE; the other ring's is a GEMM or a QUANTIZE.
       const auto op = static_cast<std::uint8_t>(any % 3 == 0 ? 3 - (e.bytes[16] & 3) : any % 3 == 1 ? 0 : 3 + any / 3 % 13);
       e.bytes[16] = static_cast<std::uint8_t>((e.bytes[16] & 0xf0) | op);
       return bad::is(e, sim::EntryKind::command);
     }},
    {"space", 4, [](sim::RingEntry& e, std::uint32_t any) {
       e.bytes[39] = static_cast<std::uint8_t>((e.bytes[39] & ~3) | (bad::is(e, sim::EntryKind::load) ? 3 : 2 + any % 2));
       return bad::transfer(e);
     }},
    {"item", 5, [](sim::RingEntry& e, std::uint32_t any) {
       e.bytes[38] = static_cast<std::uint8_t>(any % 2 == 0 ? 0 : 15);
       return bad::transfer(e);
     }},
    {"size", 6, [](sim::RingEntry& e, std::uint32_t any) {
       e.put(any % 2 == 0 ? 28 : 30, std::uint16_t{0});
       return bad::transfer(e);
     }},
    {"addr", 9, [](sim::RingEntry& e, std::uint32_t any) {
       if (bad::is(e, sim::EntryKind::store)) e.bytes[40] = static_cast<std::uint8_t>(1 + any % 255);
       else e.put(32, std::uint16_t{0xffff});                        // beyond every scratchpad: noticed on the way, not written
       return bad::transfer(e);
     }},
    {"base", 7, [](sim::RingEntry& e, std::uint32_t any) {
       if (any % 2 == 0) e.bytes[16] ^= 1;                           // not a multiple of the item
       else e.bytes[21 + any / 2 % 3] ^= 0x80;                       // more than 40 bits
       return bad::transfer(e);
     }},
    {"pitch", 8, [](sim::RingEntry& e, std::uint32_t) {
       e.bytes[24] ^= 1;
       return bad::transfer(e) && !bad::window(e);
     }},
    {"reserved bits", 10, [](sim::RingEntry& e, std::uint32_t any) {
       e.bytes[any % 2 == 0 || bad::window(e) ? 3 : 63] |= static_cast<std::uint8_t>(1u << any / 2 % 8);
       return true;
     }},
    {"window", 11, [](sim::RingEntry& e, std::uint32_t any) {
       constexpr std::uint8_t bytes[] = {24, 25, 47, 48, 49, 50, 51}, nibbles[] = {0x0f, 0xf0};
       if (any % 9 < 7) e.bytes[bytes[any % 9]] = 0;
       else e.bytes[43] = static_cast<std::uint8_t>(e.bytes[43] & ~nibbles[any % 9 - 7]);
       return bad::window(e);
     }},
};

}  // namespace cuatro::tb
