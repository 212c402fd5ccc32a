// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <optional>
#include <vector>
#include <zlib.h>

#include "fuzz.h"
#include "nn/idx.h"

using namespace cuatro;

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes gzip(fuzz::Input plain) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  Bytes packed(deflateBound(&stream, plain.size()));
  stream.next_in = const_cast<std::uint8_t*>(plain.data());
  stream.avail_in = static_cast<unsigned>(plain.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<unsigned>(packed.size());
  fuzz::require(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib packs");
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// What a file of these bytes holds; none if it is refused.
std::optional<Bytes> content(fuzz::Input bytes) {
  const fuzz::InputFile file(bytes);
  std::optional<Bytes> result;
  fuzz::accepts(file.path(), [&] { result = nn::read_idx(file.path(), 1).bytes; });
  return result;
}

}  // namespace

// The data sets' gzip: an IDX file packed is the file itself; cut or damaged it is refused, or nothing was lost.
// Input: where to damage (2 bytes), with what, then the IDX file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const fuzz::Input plain(data + 3, size - 3);
  if (plain.size() >= 2 && plain[0] == 0x1f && plain[1] == 0x8b) return 0;  // would be unpacked twice
  const auto expected = content(plain);
  Bytes packed = gzip(plain);
  fuzz::require(content(packed) == expected, "packed and plain are the same");
  if (!expected) return 0;
  const std::size_t at = (data[0] | std::size_t{data[1]} << 8) % packed.size();
  fuzz::require(!content({packed.data(), at}), "a cut file is refused");
  packed[at] ^= data[2];
  const auto damaged = content(packed);
  fuzz::require(!damaged || damaged == expected, "a damaged file is refused");
  return 0;
}
