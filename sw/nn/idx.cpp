// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/idx.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <zlib.h>

#include "device/input_error.h"

namespace cuatro::nn {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 32;
constexpr std::uint64_t kChunk = 1 << 20;

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path)
      : path_(path.string()), file_(gzopen(path.c_str(), "rb"), gzclose_r) {
    if (!file_) throw InputError(fmt::format("{}: cannot be opened", path_));
    gzbuffer(file_.get(), 1 << 18);
  }

  // Up to n bytes: fewer only at the end of the file.
  std::size_t read(std::uint8_t* to, std::size_t n) {
    const int got = gzread(file_.get(), to, static_cast<unsigned>(n));
    int code = Z_OK;
    const char* what = gzerror(file_.get(), &code);
    if (code == Z_BUF_ERROR) fail("truncated gzip data");
    if (got < 0 || code < 0) fail(fmt::format("corrupt gzip data ({})", what));
    return static_cast<std::size_t>(got);
  }

  [[noreturn]] void fail(const std::string& what) const { throw InputError(fmt::format("{}: {}", path_, what)); }

 private:
  std::string path_;
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file_;
};

std::uint32_t big_endian(const std::uint8_t* b) {
  return std::uint32_t{b[0]} << 24 | std::uint32_t{b[1]} << 16 | std::uint32_t{b[2]} << 8 | b[3];
}

}  // namespace

Idx read_idx(const std::filesystem::path& path, unsigned dimensions) {
  Reader in(path);
  std::uint8_t word[4];
  const std::uint32_t magic = 0x0800 | dimensions;
  if (in.read(word, 4) != 4) in.fail("truncated: an IDX header has at least 4 bytes");
  if (big_endian(word) != magic) {
    in.fail(fmt::format("wrong magic 0x{:08x}, expected 0x{:08x} (IDX, unsigned bytes, {} dimension{})",
                        big_endian(word), magic, dimensions, dimensions == 1 ? "" : "s"));
  }
  Idx idx;
  std::uint64_t total = 1;
  for (unsigned d = 0; d < dimensions; ++d) {
    if (in.read(word, 4) != 4) in.fail(fmt::format("truncated in the header, expected {} sizes", dimensions));
    idx.sizes.push_back(big_endian(word));
    if (idx.sizes.back() == 0) in.fail(fmt::format("size of dimension {} is 0", d));
    total *= idx.sizes.back();
    if (total > kMostBytes) in.fail(fmt::format("the header asks for more than {} bytes", kMostBytes));
  }
  // In chunks: a header that lies must not make us allocate what it says.
  while (idx.bytes.size() < total) {
    const std::size_t have = idx.bytes.size();
    const std::size_t want = std::min(kChunk, total - have);
    idx.bytes.resize(have + want);
    if (const std::size_t got = in.read(idx.bytes.data() + have, want); got != want) {
      in.fail(fmt::format("truncated: {} bytes after the header, expected {}", have + got, total));
    }
  }
  // Reading past the end also makes zlib check the gzip trailer (length and CRC).
  if (in.read(word, 1) != 0) in.fail(fmt::format("longer than the {} bytes its header says", total));
  return idx;
}

}  // namespace cuatro::nn
