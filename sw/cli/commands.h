// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace cuatro::cli {

// A subcommand adds itself to the parser and, when chosen, leaves what is to be run: its exit
// code is the program's. Adding a subcommand is a line here and one in main.cpp.
using Run = std::function<int()>;
void add_train(CLI::App& app, Run& run);
void add_replay(CLI::App& app, Run& run);
void add_info(CLI::App& app, Run& run);
void add_report(CLI::App& app, Run& run);
void add_generate(CLI::App& app, Run& run);
void add_predict(CLI::App& app, Run& run);
void add_bench(CLI::App& app, Run& run);

}  // namespace cuatro::cli
