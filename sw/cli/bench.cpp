// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
//
// `cuatro bench`: the figures of the README's table, measured here and now. Speeds are medians of
// several runs in one process, comparisons alternate, and utilisation comes from cycle counters.
// With --floor it fails where the simulated speed falls off: a change of style costs several times.
#include <benchmark/benchmark.h>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/bench_models.h"
#include "cli/commands.h"
#include "cli/engines.h"
#include "cli/models.h"
#include "data/image_examples.h"
#include "device/atomic_file.h"
#include "device/input_error.h"
#include "golden/golden_device.h"
#include "nn/mlp.h"
#include "nn/recipe.h"
#include "nn/trainer.h"
#include "sim/rtl_device.h"

namespace cuatro::cli {
namespace {

constexpr std::uint32_t kSide = 512;
constexpr int kPairs = 3;
constexpr std::uint32_t kBatch = 128;

struct BenchOptions {
  std::string data = "fashion-mnist";
  std::string out = "build/bench.json";
  std::int64_t epochs = 8, seeds = 3;
  int lr_shift = 4;
  bool accuracy = true, models = true, training = true;
  double floor = 2;              // GMAC/s; no machine of today is that slow
  MemoryOptions memory;

  std::unique_ptr<RtlDevice> make_device() const {
    sim::MemoryTiming timing;
    timing.latency = static_cast<std::uint32_t>(memory.latency);
    timing.bytes_per_cycle = memory.gbps;
    return make_rtl_device(timing);
  }
};

// One row: what was measured, what was aimed at, and which side of it is good.
struct Figure {
  std::string key, what, unit;
  double value = 0, goal = 0;
  bool at_most = false;          // the goal is an upper bound
  bool has_goal = true;
  bool reached() const { return !has_goal || (at_most ? value <= goal : value >= goal); }
};

const nn::Images& images_of(const nn::Examples& examples) {
  return dynamic_cast<const nn::ImageExamples&>(examples).images();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::vector<std::uint8_t> some_codes(std::size_t count, std::uint32_t seed) {
  std::vector<std::uint8_t> codes(count);
  std::uint32_t x = seed;
  for (auto& code : codes) code = static_cast<std::uint8_t>((x = x * 1664525u + 1013904223u) >> 28);
  return codes;
}

Gemm square_gemm(Device& device) {
  Gemm op;
  op.a_format = AFormat::uint4;
  op.a = device.upload_codes(some_codes(kSide * kSide, 1), kSide, kSide, Format::uint4);
  op.b = device.upload_codes(some_codes(kSide * kSide, 2), kSide, kSide, Format::int4);
  op.out.format = OutFormat::int4;
  op.out.shift = 7;
  return op;
}

// --- GEMM speed, by Google Benchmark: time of the thread, as other work on the machine must not count ---

void gemm_speed(benchmark::State& state, Device& device) {
  const Gemm op = square_gemm(device);
  device.gemm(op, "warm-up");
  device.sync();
  for (auto _ : state) {
    const Result result = device.gemm(op, "bench");
    device.sync();
    benchmark::DoNotOptimize(result.command);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kSide * kSide * kSide);
}

// Keeps the median of every benchmark's items a second; prints nothing.
class MedianReporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type == Run::RT_Aggregate && run.aggregate_name == "median") {
        medians[run.run_name.function_name] = run.counters.at("items_per_second");
      }
    }
  }
  std::map<std::string, double> medians;
};

void measure_gemm_speed(std::vector<Figure>& figures, const BenchOptions& options) {
  auto rtl = options.make_device();
  golden::GoldenDevice golden;
  benchmark::RegisterBenchmark("rtl", [&](benchmark::State& s) { gemm_speed(s, *rtl); })->Repetitions(5)->ReportAggregatesOnly();
  benchmark::RegisterBenchmark("golden", [&](benchmark::State& s) { gemm_speed(s, golden); })->Repetitions(5)->ReportAggregatesOnly();
  MedianReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::ClearRegisteredBenchmarks();
  figures.push_back({"rtl_gemm_gmacs_per_s", "simulated MACs, GEMM 512x512x512 through AXI, one thread", "GMAC/s",
                     reporter.medians.at("rtl") / 1e9, 4});
  figures.push_back({"golden_gemm_gmacs_per_s", "golden model, same GEMM, one thread", "GMAC/s",
                     reporter.medians.at("golden") / 1e9, 20});
}

// --- utilisation, by cycle counters ----------------------------------------------------

double utilisation(const Counters& after, const Counters& before, std::uint32_t macs_per_cycle) {
  return static_cast<double>(after.useful_macs - before.useful_macs) /
         (static_cast<double>(after.cycles - before.cycles) * macs_per_cycle);
}

void measure_gemm_utilisation(std::vector<Figure>& figures, const BenchOptions& options) {
  auto rtl = options.make_device();
  // New tensors: every operand is loaded, every result unloaded.
  const Result result = rtl->gemm(square_gemm(*rtl), "bench");
  rtl->sync();
  const Counters counters = rtl->counters();
  figures.push_back({"gemm_utilisation", "MAC utilisation, same GEMM, memory to memory", "%",
                     100 * utilisation(counters, {}, rtl->shape().macs_per_cycle()), 90});
}

// The default recipe, or what is named here of it.
struct RecipeChange {
  bool two_terms = true, device_update = false;
  nn::Recipe recipe() const {
    nn::RecipeNames names;
    if (!two_terms) names.grad_terms = 1;
    if (device_update) names.update = "device", names.master_bits = 16;
    return nn::make_recipe(names);
  }
};

// A trainer on a device, with its model.
struct Session {
  Session(Device& device, const nn::Images& images, const BenchOptions& options, std::uint64_t seed, std::uint32_t epochs,
          const RecipeChange& change = {})
      : model(device, {nn::mlp_sizes(images.features()), change.recipe(), seed}),
        trainer(model, plan(images, options, seed, epochs)) {
    model.use(nn::Part::train, images);
  }
  static nn::TrainPlan plan(const nn::Images& images, const BenchOptions& options, std::uint64_t seed, std::uint32_t epochs) {
    nn::TrainPlan plan;
    plan.train_count = images.count;
    plan.epochs = epochs;
    plan.batch = kBatch;
    plan.learning_rate = std::ldexp(1.0, -options.lr_shift);
    plan.seed = seed;
    return plan;
  }
  nn::IntegerMlp model;
  nn::Trainer trainer;
};

// Steps one after the other, as in training, from an idle device to an idle device.
double step_utilisation(const RecipeChange& change, const nn::Images& images, const BenchOptions& options) {
  constexpr int steps = 16;
  auto rtl = options.make_device();
  Session session(*rtl, images, options, 1, 1, change);
  for (int i = 0; i < 2; ++i) session.trainer.run_step();    // the first step has no history and spills
  rtl->sync();
  const Counters before = rtl->counters();
  for (int i = 0; i < steps; ++i) session.trainer.run_step();
  rtl->sync();
  return 100 * utilisation(rtl->counters(), before, rtl->shape().macs_per_cycle());
}

void measure_step_utilisation(std::vector<Figure>& figures, const nn::Images& images, const BenchOptions& options) {
  figures.push_back({"step_utilisation", "MAC utilisation, whole MLP step, batch 128, one-term", "%",
                     step_utilisation({false, false}, images, options), 60});
  figures.push_back({"step_utilisation_two_term", "MAC utilisation, whole MLP step, batch 128, two-term", "%",
                     step_utilisation({true, false}, images, options), 0, false, false});
  figures.push_back({"step_utilisation_device_update", "the same, one-term, weights updated on the device", "%",
                     step_utilisation({false, true}, images, options), 60});
  figures.push_back({"step_utilisation_device_update_two_term", "the same, two-term, weights updated on the device", "%",
                     step_utilisation({true, true}, images, options), 0, false, false});
}

// --- a whole epoch on both engines ------------------------------------------------------

void measure_epochs(std::vector<Figure>& figures, const nn::Images& images, const BenchOptions& options) {
  std::vector<double> rtl_seconds, golden_seconds, ratios;
  for (int pair = 0; pair < kPairs; ++pair) {
    auto rtl = options.make_device();
    golden::GoldenDevice golden;
    for (Device* device : {static_cast<Device*>(rtl.get()), static_cast<Device*>(&golden)}) {
      Session session(*device, images, options, 1, 1);
      device->sync();
      const double seconds = seconds_of([&] {
        while (!session.trainer.done()) session.trainer.run_step();
        device->sync();
      });
      (device == rtl.get() ? rtl_seconds : golden_seconds).push_back(seconds);
    }
    ratios.push_back(rtl_seconds.back() / golden_seconds.back());
  }
  figures.push_back({"rtl_epoch_seconds", "RTL epoch of 60,000 images, default recipe, no lock-step", "s", median(rtl_seconds), 60, true});
  figures.push_back({"golden_epoch_seconds", "golden epoch, same recipe", "s", median(golden_seconds), 0, true, false});
  figures.push_back({"rtl_over_golden_epoch", "RTL epoch / golden epoch", "x", median(ratios), 6, true});
  figures.push_back({"rtl_over_golden_mlp", "the same: mlp on fashion-mnist", "x", median(ratios), 6, true});
}

// --- a step of every other net on both engines --------------------------------------------

constexpr double kModelSeconds = 5;

void measure_models(std::vector<Figure>& figures, nlohmann::json& details, const BenchOptions& options) {
  const std::pair<const char*, const char*> nets[] = {
      {"lenet", "fashion-mnist"}, {"resnet8", "fashion-mnist"}, {"lstm", "fsdd"}, {"transformer", "tinyshakespeare"}};
  for (const auto& [model, data] : nets) {
    try {
      const ModelSpeed speed = measure_model(model, data, kModelSeconds, options.memory);
      figures.push_back({fmt::format("rtl_over_golden_{}", model),
                         fmt::format("RTL step / golden step, {} on {}", model, data), "x", speed.ratio(), 6, true});
      const bool aimed = std::string_view(model) == "lenet";
      figures.push_back({fmt::format("step_utilisation_{}", model), fmt::format("MAC utilisation, whole step, {} on {}, memory to memory", model, data), "%",
                         100 * speed.utilisation, aimed ? 60.0 : 0.0, false, aimed});
      details["steps"][model] = {{"rtl_seconds", speed.rtl_seconds}, {"golden_seconds", speed.golden_seconds}, {"timed", speed.steps}};
    } catch (const InputError& e) {
      fmt::print(stderr, "{} is left out: {}\n", model, e.what());
    }
  }
}

// --- accuracy ---------------------------------------------------------------------------

double test_accuracy(nn::Model& model, const nn::DataSet& data) {
  const nn::BatchResult result =
      nn::evaluate(model, nn::Part::test, 0, data.test->count(), [](auto, auto) { return true; });
  return 100.0 * result.correct / result.count;
}

void measure_accuracy(std::vector<Figure>& figures, nlohmann::json& details, const nn::DataSet& data,
                      const BenchOptions& options) {
  const nn::Images &train = images_of(*data.train), &test = images_of(*data.test);
  const auto epochs = static_cast<std::uint32_t>(options.epochs);
  std::vector<double> float_accuracy, four_bit_accuracy;
  std::string golden_digest, rtl_digest;
  for (std::int64_t s = 1; s <= options.seeds; ++s) {
    const auto seed = static_cast<std::uint64_t>(s);
    TrainOptions float_options;
    float_options.engine = "fp32";
    float_options.seed = s;
    const std::unique_ptr<nn::Model> reference = make_model(float_options, data, nullptr);
    nn::Trainer trainer(*reference, Session::plan(train, options, seed, epochs));
    while (!trainer.done()) trainer.run_step();
    float_accuracy.push_back(test_accuracy(*reference, data));

    golden::GoldenDevice golden;
    Session session(golden, train, options, seed, epochs);
    while (!session.trainer.done()) session.trainer.run_step();
    session.model.use(nn::Part::test, test);
    four_bit_accuracy.push_back(test_accuracy(session.model, data));
    if (seed == 1) golden_digest = session.model.digest();
    fmt::print(stderr, "seed {}: fp32 {:.2f} %, 4 bits {:.2f} %\n", seed, float_accuracy.back(), four_bit_accuracy.back());
  }
  auto rtl = options.make_device();
  Session session(*rtl, train, options, 1, epochs);
  while (!session.trainer.done()) session.trainer.run_step();
  rtl_digest = session.model.digest();

  const auto mean = [](const std::vector<double>& v) {
    double sum = 0;
    for (const double x : v) sum += x;
    return sum / static_cast<double>(v.size());
  };
  details["fp32_test_accuracy"] = float_accuracy;
  details["four_bit_test_accuracy"] = four_bit_accuracy;
  details["rtl_digest_seed_1"] = rtl_digest;
  details["golden_digest_seed_1"] = golden_digest;
  figures.push_back({"fp32_test_accuracy_mean", fmt::format("fp32 test accuracy, {} epochs, {} seeds", epochs, options.seeds), "%", mean(float_accuracy), 0, false, false});
  figures.push_back({"test_accuracy_mean", "4-bit test accuracy, best recipe, same epochs and seeds", "%", mean(four_bit_accuracy), 0, false, false});
  figures.push_back({"accuracy_gap", "fp32 - 4 bits", "pt", mean(float_accuracy) - mean(four_bit_accuracy), 0.6, true});
  figures.push_back({"rtl_digest_equals_golden", "RTL run of seed 1 ends in golden's weights (1 = yes)", "", rtl_digest == golden_digest ? 1.0 : 0.0, 1});
}

// --- report -----------------------------------------------------------------------------

std::string machine() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  std::string line, model = "unknown processor";
  while (std::getline(cpuinfo, line)) {
    if (line.rfind("model name", 0) == 0) {
      model = line.substr(line.find(':') + 2);
      break;
    }
  }
  return fmt::format("{}, {} cores", model, std::thread::hardware_concurrency());
}

int bench(const BenchOptions& options) {
  std::vector<Figure> figures;
  nlohmann::json details;
  const auto stage = [](const char* what) { fmt::print(stderr, "measuring {} …\n", what); };
  stage("GEMM speed");
  measure_gemm_speed(figures, options);
  stage("utilisation");
  measure_gemm_utilisation(figures, options);
  if (options.training) {
    const nn::DataSet data = nn::load_data(options.data, {});
    const nn::Images& train = images_of(*data.train);
    measure_step_utilisation(figures, train, options);
    stage("epochs on rtl and golden");
    measure_epochs(figures, train, options);
    if (options.models) {
      stage("steps of the other nets on rtl and golden (--no-models leaves them out)");
      measure_models(figures, details, options);
    }
    if (options.accuracy) {
      stage("accuracy (the longest part; --no-accuracy leaves it out)");
      measure_accuracy(figures, details, data, options);
    }
  }

  const std::time_t now = std::time(nullptr);
  const std::string date = fmt::format("{:%Y-%m-%d}", fmt::gmtime(now));
  fmt::print("{}, {}\n\n{:<64} {:>10} {:>10}\n", date, machine(), "figure", "measured", "goal");
  nlohmann::json json;
  for (const Figure& f : figures) {
    const std::string goal = f.has_goal ? fmt::format("{} {:g}", f.at_most ? "<=" : ">=", f.goal) : "";
    fmt::print("{:<64} {:>10} {:>10} {}\n", f.what, fmt::format("{:.2f} {}", f.value, f.unit), goal, f.has_goal ? (f.reached() ? "reached" : "MISSED") : "");
    json[f.key] = f.unit == "%" ? f.value / 100 : f.value;
  }
  json["date"] = date;
  json["machine"] = machine();
  json["details"] = details;
  write_file_atomically(options.out, json.dump(2) + "\n");
  fmt::print("\nwritten to {}\n", options.out);
  const double speed = json.at("rtl_gemm_gmacs_per_s");
  if (speed < options.floor) {
    fmt::print(stderr, "cuatro: rtl_gemm_gmacs_per_s is {:.2f}, below --floor {:g}\n", speed, options.floor);
    return 1;
  }
  return 0;
}

}  // namespace

void add_bench(CLI::App& app, Run& run) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = app.add_subcommand("bench", "speed, utilisation and accuracy figures");
  command->add_option("--data", options->data, "data set of the training figures")->capture_default_str();
  command->add_option("--out", options->out, "JSON file to write")->capture_default_str();
  command->add_option("--epochs", options->epochs, "epochs of the accuracy figures")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--seeds", options->seeds, "seeds of the accuracy figures")->check(CLI::PositiveNumber)->capture_default_str();
  add_memory_options(*command, options->memory);
  command->add_flag("!--no-accuracy", options->accuracy, "leave out the accuracy figures");
  command->add_flag("!--no-models", options->models, "leave out lenet, resnet8, lstm and transformer, 5 s or two steps of RTL each");
  command->add_flag("!--no-training", options->training, "speed and utilisation of a GEMM only; needs no data");
  command->add_option("--floor", options->floor, "exit with 1 if the RTL simulates fewer GMAC/s")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->final_callback([options, &run] { run = [options] { return bench(*options); }; });
}

}  // namespace cuatro::cli
