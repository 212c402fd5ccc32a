// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <csignal>
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.h"

int main(int argc, char** argv) {
  // A file beyond the size limit is then a write error with a message instead of a sudden end.
  std::signal(SIGXFSZ, SIG_IGN);
  CLI::App app("cuatro: train neural networks in 4 bits on simulated hardware", "cuatro");
  app.require_subcommand(1);
  cuatro::cli::Run run;
  cuatro::cli::add_train(app, run);
  cuatro::cli::add_replay(app, run);
  cuatro::cli::add_info(app, run);
  try {
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
