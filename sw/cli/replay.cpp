// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "device/replay.h"

#include <fmt/format.h>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/engines.h"

namespace cuatro::cli {
namespace {

struct ReplayOptions {
  std::string file, engine = default_engine(), trace;
};

// The recorded result of the reference decides: exit code 0 when the engine agrees with it.
int replay(const ReplayOptions& options) {
  const Replay replay = load_replay(options.file);
  const RecordedOp& op = replay.op;
  Engine engine({options.engine, false, options.trace});
  fmt::print("{}: command {}, {} '{}'\n", options.file, op.command, name_of(op.kind), op.label);
  const Outputs got = execute(engine.device(), op);
  if (!options.trace.empty()) fmt::print("waveform in {}\n", options.trace);
  if (const auto d = first_difference(replay.expected, got)) {
    fmt::print("{}[{}, {}]: {} gives {}, {} gave {}\n", d->output, d->row, d->col, options.engine, d->got,
               replay.expected_from, d->expected);
    return 1;
  }
  fmt::print("{} agrees with {} in all {} words\n", options.engine, replay.expected_from, got.words());
  return 0;
}

}  // namespace

void add_replay(CLI::App& app, Run& run) {
  CLI::App* sub = app.add_subcommand("replay", "run one recorded command again, as left by a lock-step mismatch");
  auto options = std::make_shared<ReplayOptions>();
  sub->add_option("file", options->file, "replay file (CBOR)")->required();
  sub->add_option("--engine", options->engine, "rtl or golden")->capture_default_str();
  sub->add_option("--trace", options->trace, "waveform file (FST); rtl only");
  sub->final_callback([options, &run] { run = [options] { return replay(*options); }; });
}

}  // namespace cuatro::cli
