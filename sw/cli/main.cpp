// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.h"

namespace {

// CLI11 would only say that a subcommand is required.
void require_known_subcommand(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::string names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (sub->get_name() == argv[1]) return;
    names += (names.empty() ? "" : ", ") + sub->get_name();
  }
  throw CLI::ExtrasError("cuatro", {fmt::format("{} (choose from {})", argv[1], names)});
}

// Tensors of tens of megabytes come and go in every step. Pages given back to the system and faulted in again cost
// more than the moves of codes themselves, up to ten times as much.
void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  // A file beyond the size limit is then a write error with a message instead of a sudden end.
  std::signal(SIGXFSZ, SIG_IGN);
  CLI::App app("cuatro: train neural networks in 4 bits on simulated hardware", "cuatro");
  app.require_subcommand(1);
  cuatro::cli::Run run;
  cuatro::cli::add_train(app, run);
  cuatro::cli::add_replay(app, run);
  cuatro::cli::add_info(app, run);
  cuatro::cli::add_report(app, run);
  cuatro::cli::add_generate(app, run);
  cuatro::cli::add_predict(app, run);
  cuatro::cli::add_bench(app, run);
  try {
    require_known_subcommand(app, argc, argv);
    app.parse(argc, argv);
    return run();
  } catch (const CLI::CallForHelp& e) {
    return app.exit(e);
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    fmt::print(stderr, "cuatro: {}\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    fmt::print(stderr, "cuatro: {}\n", e.what());
    return 1;
  }
}
