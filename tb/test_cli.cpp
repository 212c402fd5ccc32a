// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli_shop.h"
#include "device/lockstep.h"
#include "device/replay.h"
#include "golden/golden_device.h"
#include "idx_files.h"
#include "temp_folder.h"

using namespace cuatro;

// The built program, CUATRO_BIN, as its user meets it: on a small made-up data set.
namespace {

bool skip() {
  if (!Shop::bin().empty()) return false;
  WARN("skipped: set CUATRO_BIN to the built cuatro program");
  return true;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string kTrain = "cuatro train --data mnist --engine golden --batch 16 ";

// The steps of metrics.csv, in order.
std::vector<int> steps_of(const std::string& csv) {
  std::istringstream in(csv);
  std::string line;
  std::getline(in, line);
  std::vector<int> steps;
  while (std::getline(in, line)) steps.push_back(std::stoi(line));
  return steps;
}

void check_error(const Outcome& o, const std::string& names) {
  INFO(o.err);
  CHECK(o.code != 0);
  CHECK(o.code < 126);
  CHECK(has(o.err, names));
  CHECK(std::count(o.err.begin(), o.err.end(), '\n') == 1);
}

}  // namespace

TEST_CASE("train leaves a run folder with config, metrics, checkpoint and summary") {
  if (skip()) return;
  Shop shop;
  const Outcome o = shop.run(kTrain + "--epochs 4 --run-dir r");
  INFO(o.err);
  REQUIRE(o.code == 0);
  CHECK(o.err.empty());
  CHECK(has(o.out, "test accuracy"));
  CHECK(has(o.out, "run folder"));
  const json s = shop.summary("r");
  for (const char* key : {"test_accuracy", "weights_digest", "lockstep_commands", "lockstep_mismatches", "cycles",
                          "mac_utilisation", "gmacs_per_s", "saturation", "seconds"}) {
    INFO(key);
    CHECK(s.contains(key));
  }
  CHECK(s["test_accuracy"].get<double>() > 0.9);
  CHECK(s["steps"] == 4 * 13);
  CHECK(s["weights_digest"].get<std::string>().size() == 64);
  CHECK(shop.exists("r/checkpoint.safetensors"));
  CHECK(shop.exists("r/report.html"));
  CHECK(json::parse(shop.text("r/sites.json"))["sites"].size() == 8);  // W and dY of three layers, Y of two
  const auto steps = steps_of(shop.text("r/metrics.csv"));
  REQUIRE(steps.size() == 52);
  for (int i = 0; i < 52; ++i) CHECK(steps[static_cast<std::size_t>(i)] == i + 1);
}

TEST_CASE("equal seeds give equal digests, and a run's config.toml repeats it") {
  if (skip()) return;
  Shop shop;
  CHECK(shop.run(kTrain + "--seed 3 --run-dir a --grad-format log4 --grad-rounding tpr").code == 0);
  CHECK(shop.run(kTrain + "--seed 3 --run-dir b --recipe sun2020 --quiet").code == 0);
  CHECK(shop.run(kTrain + "--seed 4 --run-dir c --recipe sun2020").code == 0);
  CHECK(shop.run("cuatro train --config a/config.toml --run-dir d").code == 0);
  CHECK(shop.run("cuatro train --config a/config.toml --grad-format log2 --run-dir e").code == 0);
  CHECK(shop.run(kTrain + "--seed 3 --run-dir f").code == 0);
  const auto digest = [&](const char* run) { return shop.summary(run)["weights_digest"].get<std::string>(); };
  CHECK(digest("a") == digest("b"));
  CHECK(digest("a") == digest("d"));
  CHECK(digest("a") != digest("c"));
  CHECK(digest("e") == digest("f"));  // a flag replaces what depends on it in the file
  CHECK(digest("e") != digest("a"));
}

TEST_CASE("without --run-dir a new folder in runs/ is named after the run") {
  if (skip()) return;
  Shop shop;
  CHECK(shop.run(kTrain + "--steps 2 --seed 8").code == 0);
  CHECK(shop.run(kTrain + "--steps 2 --seed 8").code == 0);
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(shop.dir / "runs")) {
    CHECK(has(entry.path().string(), "mlp-mnist-golden-seed8"));
    ++count;
  }
  CHECK(count == 2);
}

TEST_CASE("bad flags: one line that names the flag, no run folder") {
  if (skip()) return;
  Shop shop;
  const std::pair<const char*, const char*> cases[] = {{"--epochs 0", "--epochs 0"},
                                                       {"--batch 0", "--batch 0"},
                                                       {"--batch -3", "--batch -3"},
                                                       {"--steps -1", "--steps -1"},
                                                       {"--batch x", "--batch"},
                                                       {"--lr 0.3", "--lr 0.3"},
                                                       {"--lr 0", "--lr 0"},
                                                       {"--lr 2^-99", "--lr 2^-99"},
                                                       {"--model resnet", "--model resnet"},
                                                       {"--data cifar", "--data cifar"},
                                                       {"--engine gpu", "--engine gpu"},
                                                       {"--check maybe", "--check maybe"},
                                                       {"--check all", "--check all"},
                                                       {"--nonsense", "--nonsense"},
                                                       {"--grad-format fp8", "fp8"},
                                                       {"--grad-terms 2 --grad-format int4", "--grad-terms 2"},
                                                       {"--grad-rounding tpr", "--grad-rounding tpr"},
                                                       {"--seed -1", "--seed"},
                                                       {"--batch 12000", "--batch 12000"},
                                                       {"--config none.toml", "none.toml"},
                                                       {"--resume none", "none"},
                                                       {"--scaling late", "--scaling late"},
                                                       {"--recipe mine", "--recipe mine"},
                                                       {"--trace x.fst", "--trace"},
                                                       {"--save -1", "--save -1"},
                                                       {"--val", "--val"},
                                                       {"extra", "extra"}};
  for (const auto& [flags, names] : cases) {
    INFO(flags);
    std::string engine = has(flags, "--engine") || has(flags, "--resume") ? "" : "--engine golden ";
    std::string data = has(flags, "--data") || has(flags, "--resume") ? "" : "--data mnist ";
    check_error(shop.run("cuatro train " + engine + data + flags), names);
    CHECK_FALSE(shop.exists("runs"));
  }
  check_error(shop.run("cuatro fly"), "fly");
  write_file(shop.dir / "bad.toml", {'e', 'p', 'o', 'c', 's', '=', '3', '\n'});
  check_error(shop.run(kTrain + "--config bad.toml"), "epocs");
  write_file(shop.dir / "bad.toml", {'e', 'p', 'o', 'c', 'h', 's', '=', 'x', '\n'});
  check_error(shop.run(kTrain + "--config bad.toml"), "bad.toml: epochs");
}

TEST_CASE("bad data: one line that names the file, no run folder") {
  if (skip()) return;
  Shop shop;
  const auto train_images = shop.dir / "data" / "mnist" / "train-images-idx3-ubyte";
  const auto test_labels = shop.dir / "data" / "mnist" / "t10k-labels-idx1-ubyte.gz";
  const auto images = read_file(train_images), labels = read_file(test_labels);
  write_file(train_images, {images.begin(), images.end() - 1});
  check_error(shop.run(kTrain), "train-images-idx3-ubyte");
  write_file(train_images, images);
  auto bad = labels;
  bad[bad.size() - 6] ^= 1;
  write_file(test_labels, bad);
  check_error(shop.run(kTrain), "t10k-labels-idx1-ubyte.gz");
  std::filesystem::remove(test_labels);
  check_error(shop.run(kTrain), "t10k-labels-idx1-ubyte");
  std::filesystem::remove_all(shop.dir / "data");
  check_error(shop.run(kTrain), "scripts/get-data mnist");
  CHECK_FALSE(shop.exists("runs"));
}

TEST_CASE("interrupted by a signal or killed, a resumed run ends as an uninterrupted one") {
  if (skip()) return;
  Shop shop;
  const std::string train = kTrain + "--steps 1200 --save 50 ";
  REQUIRE(shop.run(train + "--run-dir whole").code == 0);
  const std::string digest = shop.summary("whole")["weights_digest"];
  for (const char* signal : {"TERM", "INT", "KILL"}) {
    INFO(signal);
    const std::string run = std::string("r") + signal;
    const Outcome o = shop.run(
        fmt::format("'{}' train --data mnist --engine golden --batch 16 --steps 1200 --save 50 --run-dir {} & pid=$!; "
                    "until [ -f {}/metrics.csv ] && [ $(wc -l < {}/metrics.csv) -gt 130 ] || ! kill -0 $pid; "
                    "do sleep 0.01; done; "
                    "kill -{} $pid; wait $pid",
                    Shop::bin(), run, run, run, signal));
    INFO(o.out << o.err);
    const bool killed = std::string(signal) == "KILL";
    CHECK(o.code == (killed ? 137 : 130));
    const auto before = steps_of(shop.text(run + "/metrics.csv"));
    REQUIRE(before.size() < 1200);
    CHECK_FALSE(shop.exists(run + "/summary.json"));
    if (!killed) CHECK(has(o.err, "interrupted after step " + std::to_string(before.size())));
    if (!killed) CHECK(has(o.err, "cuatro train --resume " + run));
    const Outcome again = shop.run("cuatro train --resume " + run);
    INFO(again.err);
    REQUIRE(again.code == 0);
    CHECK(shop.summary(run)["weights_digest"] == digest);
    CHECK(shop.summary(run)["test_accuracy"] == shop.summary("whole")["test_accuracy"]);
    CHECK(shop.summary(run)["useful_macs"] == shop.summary("whole")["useful_macs"]);
    CHECK(shop.summary(run)["saturation"] == shop.summary("whole")["saturation"]);
    CHECK(json::parse(shop.text(run + "/sites.json")) == json::parse(shop.text("whole/sites.json")));
    const auto after = steps_of(shop.text(run + "/metrics.csv"));
    REQUIRE(after.size() == 1200);
    for (std::size_t i = 0; i < after.size(); ++i) REQUIRE(after[i] == static_cast<int>(i) + 1);
  }
  REQUIRE(shop.run("cuatro train --resume whole").code == 0);  // already done: evaluates again
  CHECK(shop.summary("whole")["weights_digest"] == digest);
}

TEST_CASE("--resume refuses what would change the run, and a checkpoint of another one") {
  if (skip()) return;
  Shop shop;
  REQUIRE(shop.run(kTrain + "--steps 5 --run-dir a").code == 0);
  REQUIRE(shop.run(kTrain + "--steps 5 --run-dir b --recipe sun2020").code == 0);
  REQUIRE(shop.run(kTrain + "--steps 5 --run-dir c --seed 2").code == 0);
  check_error(shop.run("cuatro train --resume a --lr 2^-6"), "--lr");
  check_error(shop.run("cuatro train --resume a --epochs 3"), "--epochs");
  check_error(shop.run("cuatro train --resume a --run-dir d"), "--run-dir");
  check_error(shop.run("cuatro train --resume a --engine fp32"), "a/checkpoint.safetensors: net");
  CHECK(shop.run("cuatro train --resume a --engine golden --quiet").code == 0);
  check_error(shop.run(kTrain + "--run-dir a"), "--run-dir a");
  for (const char* other : {"b", "c"}) {
    std::filesystem::copy_file(shop.dir / other / "checkpoint.safetensors", shop.dir / "a" / "checkpoint.safetensors",
                               std::filesystem::copy_options::overwrite_existing);
    check_error(shop.run("cuatro train --resume a"), "a/checkpoint.safetensors");
  }
  auto bytes = read_file(shop.dir / "b" / "checkpoint.safetensors");
  bytes[bytes.size() / 2] ^= 4;
  write_file(shop.dir / "b" / "checkpoint.safetensors", bytes);
  check_error(shop.run("cuatro train --resume b"), "b/checkpoint.safetensors");
}

TEST_CASE("a full disk: one line that names the file, nothing half-written") {
  if (skip()) return;
  Shop shop;
  // bash counts blocks of 1,024 bytes: enough for config and metrics, not for a checkpoint.
  check_error(shop.run("ulimit -f 64; " + kTrain + "--steps 30 --save 10 --run-dir r"), "r/checkpoint.safetensors");
  CHECK_FALSE(shop.exists("r/checkpoint.safetensors"));
  CHECK_FALSE(shop.exists("r/checkpoint.safetensors.tmp"));
  CHECK_FALSE(shop.exists("r/summary.json"));
  CHECK(steps_of(shop.text("r/metrics.csv")).size() == 10);
  CHECK(shop.run("cuatro train --resume r").code == 0);  // with room again

  check_error(shop.run("ulimit -f 1; " + kTrain + "--steps 300 --save 0 --run-dir m"), "m/metrics.csv");
  const std::string metrics = shop.text("m/metrics.csv");
  CHECK(metrics.back() == '\n');  // whole lines only
  write_file(shop.dir / "file", {1});
  check_error(shop.run(kTrain + "--run-dir file/r"), "file/r");
}

TEST_CASE("--val leaves the test set unread") {
  if (skip()) return;
  Shop shop;
  write_images(shop.dir / "data" / "mnist", "train", 10'200, 4);
  for (const char* name : {"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte.gz"})
    std::filesystem::remove(shop.dir / "data" / "mnist" / name);
  REQUIRE(shop.run(kTrain + "--val --run-dir v").code == 0);
  const json s = shop.summary("v");
  CHECK(s["test_accuracy"].is_null());
  CHECK(s["steps"] == 13);
  CHECK(s["validation_accuracy"].get<double>() > 0.2);
  CHECK(shop.run("cuatro train --resume v").code == 0);
  check_error(shop.run(kTrain + "--run-dir t"), "t10k-images-idx3-ubyte");
}

TEST_CASE("fp32 trains with the same command") {
  if (skip()) return;
  Shop shop;
  REQUIRE(shop.run("cuatro train --data mnist --engine fp32 --batch 16 --epochs 4 --run-dir f").code == 0);
  CHECK(shop.summary("f")["test_accuracy"].get<double>() > 0.9);
}

TEST_CASE("the rtl engine reaches golden's digest, checked or not") {
  if (skip()) return;
  Shop shop;
  if (!has(shop.run("cuatro info").out, "rtl")) return;
  const std::string rest = "--data mnist --batch 16 --steps 20 ";
  REQUIRE(shop.run("cuatro train --engine golden " + rest + "--run-dir g").code == 0);
  REQUIRE(shop.run("cuatro train --engine rtl --check all " + rest + "--run-dir all").code == 0);
  REQUIRE(shop.run("cuatro train --engine rtl " + rest + "--run-dir sample").code == 0);
  REQUIRE(shop.run("cuatro train --engine rtl --check off " + rest + "--run-dir off").code == 0);
  const json golden = shop.summary("g");
  for (const char* run : {"all", "sample", "off"}) {
    CHECK(shop.summary(run)["weights_digest"] == golden["weights_digest"]);
    CHECK(shop.summary(run)["test_accuracy"] == golden["test_accuracy"]);
    CHECK(shop.summary(run)["cycles"].get<std::uint64_t>() > 0);
  }
  CHECK(shop.summary("all")["lockstep_mismatches"] == 0);
  CHECK(shop.summary("all")["lockstep_steps"] == 20);
  CHECK(shop.summary("sample")["lockstep_steps"] == 4);  // 0 and 16, the ragged 12, the last
  CHECK(shop.summary("off")["lockstep_mismatches"].is_null());
}

TEST_CASE("replay: exit code 0 when the engine agrees with the recorded reference, 1 with the difference when not") {
  if (skip()) return;
  Shop shop;
  golden::GoldenDevice golden;
  RecordedOp op;
  op.label = "X";
  op.kind = RecordedOp::Kind::quantize;
  op.data = {0, 16, 32, 255};
  op.quantize.type = SourceType::u8;
  op.quantize.rows = op.quantize.cols = 2;
  op.quantize.out = {OutFormat::uint4, Rounding::floor, 4};
  Replay replay{op, execute(golden, op), {}, "golden", "rtl"};
  save_replay(shop.dir / "good.cbor", replay);
  replay.expected.codes->bytes[2] = 9;
  save_replay(shop.dir / "bad.cbor", replay);
  CHECK(shop.run("cuatro replay good.cbor --engine golden").code == 0);
  const Outcome o = shop.run("cuatro replay bad.cbor --engine golden");
  CHECK(o.code == 1);
  CHECK(has(o.out, "codes[1, 0]: golden gives 2, golden gave 9"));
  check_error(shop.run("cuatro replay none.cbor --engine golden"), "none.cbor");
  check_error(shop.run("cuatro replay good.cbor --engine fp32"), "--engine fp32");
}

TEST_CASE("report: every damaged file of a run is one line that names it") {
  if (skip()) return;
  Shop shop;
  const auto put = [&](const std::string& file, std::string_view text) { write_file(shop.dir / file, {text.begin(), text.end()}); };
  const std::string_view summary = R"({"engine": "golden"})", metrics = "step,loss,accuracy\n1,2.0,0.5\n2,1.0,0.5\n";
  put("config.toml", ""), put("summary.json", summary), put("metrics.csv", metrics);
  CHECK(shop.run("cuatro report .").code == 0);  // a run before there were digests
  for (const auto& text : {R"({"engine": 5})", R"({"engine": "golden", "seconds": 3})", R"({"engine")", "[]"}) {
    put("summary.json", text);
    check_error(shop.run("cuatro report ."), "summary.json");
  }
  put("summary.json", summary);
  for (const auto& text : {"step,step,loss,accuracy\n1,1,2.0,0.5\n", "step,loss\n1,2\n", "step,loss,accuracy\n1,x,0\n"}) {
    put("metrics.csv", text);
    check_error(shop.run("cuatro report ."), "metrics.csv");
  }
  // A range so small beside its ends that no tick follows another.
  put("metrics.csv", "step,loss,accuracy\n1,1,1e300\n2,1,1.0000000000000002e300\n");
  CHECK(shop.run("timeout 20 '" + Shop::bin() + "' report .").code == 0);
  put("metrics.csv", metrics);
  put("sites.json", R"({"products": [], "sites": [{"name": "a", "kind": "weight", "elements": 1e300, "saturated": 0, "underflow": 0, "exponents": []}]})");
  check_error(shop.run("cuatro report ."), "elements: expected a count");
}

TEST_CASE("info and help say what there is") {
  if (skip()) return;
  Shop shop;
  const Outcome o = shop.run("cuatro info");
  CHECK(o.code == 0);
  for (const char* word : {"golden", "fp32", "log4", "log2", "fashion-mnist", "batch"}) CHECK(has(o.out, word));
  CHECK(has(shop.run("cuatro train --help").out, "--grad-format"));
}
