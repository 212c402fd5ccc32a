// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdlib>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>
#include <sys/wait.h>

#include "idx_files.h"
#include "temp_folder.h"

// The built program, CUATRO_BIN, as its user meets it: in a folder of its own, on a small made-up data set.
namespace cuatro {

using nlohmann::json;

struct Outcome {
  int code;
  std::string out, err;
};

class Shop {
 public:
  explicit Shop(std::uint32_t edge = 8) {
    write_images(dir / "data" / "mnist", "train", 200, edge);
    write_images(dir / "data" / "mnist", "t10k", 50, edge);
  }
  // Runs a shell line in the folder; `cuatro` is the program.
  Outcome run(const std::string& line) const {
    const std::string shell = fmt::format(
        "cd '{0}' && export CUATRO_DATA='{0}/data' && cuatro() {{ '{1}' \"$@\"; }} && {{ {2} ; }} > out 2> err",
        dir.path().string(), bin(), line);
    const int status = std::system(("bash -c " + quoted(shell)).c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text("out"), text("err")};
  }
  std::string text(const std::string& file) const {
    const auto bytes = read_file(dir / file);
    return {bytes.begin(), bytes.end()};
  }
  json summary(const std::string& run) const { return json::parse(text(run + "/summary.json")); }
  bool exists(const std::string& file) const { return std::filesystem::exists(dir / file); }
  static std::string bin() {
    const char* path = std::getenv("CUATRO_BIN");
    return path != nullptr ? path : "";
  }
  TempFolder dir;

 private:
  static std::string quoted(const std::string& s) {
    std::string q = "'";
    for (const char c : s) q += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return q + "'";
  }
};

}  // namespace cuatro
