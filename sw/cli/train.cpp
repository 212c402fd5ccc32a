// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <memory>

#include "cli/commands.h"
#include "cli/train_options.h"
#include "cli/train_run.h"

namespace cuatro::cli {

void add_train(CLI::App& app, Run& run) {
  CLI::App* train = app.add_subcommand("train", "train a network, evaluate it, leave a run folder");
  auto options = std::make_shared<TrainOptions>();
  add_options(*train, *options);
  train->final_callback([train, options, &run] {
    run = [train, options] {
      complete(*train, *options);
      return TrainRun(*options).run();
    };
  });
}

}  // namespace cuatro::cli
