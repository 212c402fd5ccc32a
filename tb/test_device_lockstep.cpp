// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <numeric>

#include "device/input_error.h"
#include "device/lockstep.h"
#include "forwarding_device.h"
#include "golden/golden_device.h"
#include "nn/mlp.h"
#include "temp_folder.h"

using namespace cuatro;

namespace {

// A device with one flipped bit in one kind of output of one command.
class BrokenDevice : public ForwardingDevice {
 public:
  enum class Fault { none, codes, codes2, mask, raw, absmax, sumabs, saturated, gather, unfold };
  BrokenDevice(Device& to, Fault fault, std::string label)
      : ForwardingDevice(to), fault_(fault), label_(std::move(label)) {}

  std::string_view name() const override { return "broken"; }
  Result gemm(const Gemm& op, std::string_view label) override { return note(to_.gemm(op, label), label); }
  Result quantize(const Quantize& op, std::string_view label) override { return note(to_.quantize(op, label), label); }
  Tensor gather_rows(const Tensor& codes, std::span<const std::uint32_t> rows) override {
    const Tensor t = to_.gather_rows(codes, rows);
    if (fault_ == Fault::gather) bad_ = t.id;
    return t;
  }
  Tensor unfold(const Tensor& codes, const Window& window, std::uint8_t pad_code) override {
    const Tensor t = to_.unfold(codes, window, pad_code);
    if (fault_ == Fault::unfold) bad_ = t.id;
    return t;
  }
  std::vector<std::uint8_t> read_codes(const Tensor& t) override { return flipped(to_.read_codes(t), t); }
  std::vector<std::uint8_t> read_mask(const Tensor& t) override { return flipped(to_.read_mask(t), t); }
  std::vector<std::int32_t> read_raw(const Tensor& t) override { return flipped(to_.read_raw(t), t); }
  Stats stats(const Result& r) override {
    Stats s = to_.stats(r);
    if (r.command != bad_command_) return s;
    s.absmax ^= fault_ == Fault::absmax;
    s.sumabs ^= fault_ == Fault::sumabs;
    s.saturated ^= fault_ == Fault::saturated;
    return s;
  }

 private:
  Result note(Result r, std::string_view label) {
    if (label != label_) return r;
    bad_command_ = r.command;
    bad_ = fault_ == Fault::codes    ? r.codes.id
           : fault_ == Fault::codes2 ? r.codes2.id
           : fault_ == Fault::mask   ? r.mask.id
           : fault_ == Fault::raw    ? r.raw.id
                                     : 0;
    return r;
  }
  template <class V>
  V flipped(V values, const Tensor& t) const {
    if (t.id == bad_ && bad_ != 0) values[values.size() - 2] ^= 1;
    return values;
  }
  Fault fault_;
  std::string label_;
  std::uint64_t bad_ = 0, bad_command_ = 0;
};

using Fault = BrokenDevice::Fault;

struct Bench {
  golden::GoldenDevice one, two;
  BrokenDevice broken;
  TempFolder dir;
  LockstepDevice lockstep;
  nn::IntegerMlp mlp;
  nn::Images images{16, 1, 12, std::vector<std::uint8_t>(16 * 12), std::vector<std::uint8_t>(16)};
  std::vector<std::uint32_t> rows;
  int handle;

  explicit Bench(Fault fault, const std::string& label = "", const nn::Recipe& recipe = {})
      : broken(one, fault, label),
        lockstep(broken, two, dir.path()),
        mlp(lockstep, {{12, 9, 7, 4}, recipe, 5}),
        rows(16) {
    for (std::size_t i = 0; i < images.pixels.size(); ++i) images.pixels[i] = static_cast<std::uint8_t>(i * 97);
    for (std::size_t i = 0; i < 16; ++i) images.labels[i] = static_cast<std::uint8_t>(i % 4);
    std::iota(rows.begin(), rows.end(), 0U);
    handle = mlp.add_images(images);
  }
  void step(std::uint64_t number) { mlp.train_step(handle, rows, images.labels, 4, number); }
};

}  // namespace

TEST_CASE("equal devices: everything compared, nothing thrown, results those of the device alone") {
  Bench bench(Fault::none);
  golden::GoldenDevice alone;
  nn::IntegerMlp mlp(alone, {{12, 9, 7, 4}, nn::Recipe{}, 5});
  const int handle = mlp.add_images(bench.images);
  for (std::uint64_t s = 0; s < 4; ++s) {
    bench.step(s);
    mlp.train_step(handle, bench.rows, bench.images.labels, 4, s);
  }
  CHECK(bench.mlp.digest() == mlp.digest());
  CHECK(bench.lockstep.commands_compared() == 1 + 16 + 3 * 12);
  CHECK(bench.lockstep.words_compared() > 5000);
  CHECK(bench.lockstep.mismatches() == 0);
  CHECK(std::filesystem::is_empty(bench.dir.path()));
}

TEST_CASE("one flipped bit in any kind of output is found, named, and written for replay") {
  struct Case {
    Fault fault;
    const char *label, *output, *op;
    nn::Recipe recipe = {};
  };
  const nn::Recipe on_device = nn::make_recipe({"log2", "", 0, "even-odd", "delayed", 16, "device"});
  const Case cases[] = {{Fault::codes, "Y fc1", "codes[", "gemm"},
                        {Fault::codes, "W fc2", "codes[", "quantize"},
                        {Fault::codes2, "dY fc1", "codes2[", "gemm"},
                        {Fault::codes2, "dY fc3", "codes2[", "quantize"},
                        {Fault::mask, "Y fc2", "mask[", "gemm"},
                        {Fault::raw, "logits", "raw[", "gemm"},
                        {Fault::raw, "dW fc1", "raw[", "gemm"},
                        {Fault::raw, "dW fc2", "raw[", "gemm", on_device},
                        {Fault::codes, "dW fc1", "codes[", "gemm", on_device},
                        {Fault::sumabs, "dW fc3", "stats.sumabs[", "gemm", on_device},
                        {Fault::raw, "db fc2", "raw[", "gemm", on_device},
                        {Fault::absmax, "dY fc2", "stats.absmax[", "gemm"},
                        {Fault::sumabs, "Y fc1", "stats.sumabs[", "gemm"},
                        {Fault::saturated, "W fc1", "stats.saturated[", "quantize"}};
  for (const Case& c : cases) {
    INFO(c.label << " " << c.output);
    Bench bad(c.fault, c.label, c.recipe);
    if (c.recipe.update == nn::UpdateOn::host) {
      bad.lockstep.set_checking(false);  // a step of history, so that the fault meets a streaming step
      bad.step(0);
      bad.lockstep.set_checking(true);
    }
    const std::string error = message_of<LockstepMismatch>([&] { bad.step(1), bad.lockstep.sync(); });
    INFO(error);
    CHECK(error.find(std::string("'") + c.label + "'") != std::string::npos);
    CHECK(error.find(c.output) != std::string::npos);
    CHECK(error.find(c.op) != std::string::npos);
    CHECK(error.find("on broken") != std::string::npos);
    CHECK(error.find("on golden") != std::string::npos);
    CHECK(bad.lockstep.mismatches() == 1);

    REQUIRE(std::distance(std::filesystem::directory_iterator(bad.dir.path()), {}) == 1);
    const auto path = std::filesystem::directory_iterator(bad.dir.path())->path();
    CHECK(error.find(path.string()) != std::string::npos);
    const Replay replay = load_replay(path);
    if (replay.op.kind == RecordedOp::Kind::gemm) CHECK(replay.op.gemm.out.for_host == (std::string_view(c.label) == "logits"));
    golden::GoldenDevice fresh;
    CHECK_FALSE(first_difference(replay.expected, execute(fresh, replay.op)));  // the reference again
    CHECK(first_difference(replay.expected, replay.got));
    BrokenDevice again(fresh, c.fault, c.label);
    CHECK(first_difference(replay.expected, execute(again, replay.op)));  // the fault again
  }
}

TEST_CASE("a difference names row and column and both values") {
  golden::GoldenDevice one, two;
  BrokenDevice broken(one, Fault::codes, "r");
  TempFolder dir;
  LockstepDevice lockstep(broken, two, dir.path());
  Quantize op;
  const std::vector<std::int32_t> words{1, 2, 3, 4, 5, 6};
  op.data = words.data();
  op.rows = 2;
  op.cols = 3;
  op.out = {OutFormat::uint4, Rounding::nearest, 0};
  const Result r = lockstep.quantize(op, "r");
  try {
    (void)lockstep.stats(r);
    FAIL("no mismatch");
  } catch (const LockstepMismatch& e) {
    CHECK(e.difference.output == "codes");
    CHECK(e.difference.row == 1);
    CHECK(e.difference.col == 1);
    CHECK(e.difference.expected == 5);
    CHECK(e.difference.got == 4);
  }
}

TEST_CASE("gathered rows are compared too") {
  Bench bench(Fault::gather);
  const std::string error = message_of<LockstepMismatch>([&] { bench.step(0); });
  CHECK(error.find("gather") != std::string::npos);
  const Replay replay = load_replay(std::filesystem::directory_iterator(bench.dir.path())->path());
  golden::GoldenDevice fresh;
  CHECK_FALSE(first_difference(replay.expected, execute(fresh, replay.op)));
}

TEST_CASE("unfolded windows are compared too, and their replay file runs again") {
  golden::GoldenDevice one, two;
  for (const Fault fault : {Fault::none, Fault::unfold}) {
    BrokenDevice broken(one, fault, "");
    TempFolder dir;
    LockstepDevice lockstep(broken, two, dir.path());
    std::vector<std::uint8_t> codes(2 * 4 * 5 * 3);
    for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::uint8_t>(i * 7 % 16);
    const Window window{2, 4, 5, 3, 2, 2, 1, 0, 1, 2, 2};
    const Tensor from = lockstep.upload_codes(codes, 40, 3, Format::uint4);
    const Tensor got = lockstep.unfold(from, window, 9);
    if (fault == Fault::none) {
      CHECK(lockstep.read_codes(got) == one.read_codes(one.unfold(one.upload_codes(codes, 40, 3, Format::uint4), window, 9)));
      CHECK(lockstep.words_compared() == 8 * 18);
      continue;
    }
    const std::string error = message_of<LockstepMismatch>([&] { lockstep.sync(); });
    CHECK(error.find("unfold") != std::string::npos);
    const Replay replay = load_replay(std::filesystem::directory_iterator(dir.path())->path());
    golden::GoldenDevice fresh;
    CHECK_FALSE(first_difference(replay.expected, execute(fresh, replay.op)));
  }
}

TEST_CASE("with checking off nothing is compared; the next checked step copies what it needs") {
  Bench bench(Fault::raw, "dW fc2");
  bench.lockstep.set_checking(false);
  for (std::uint64_t s = 0; s < 3; ++s) bench.step(s);
  CHECK(bench.lockstep.commands_compared() == 1);  // the images
  bench.lockstep.set_checking(true);
  CHECK_THROWS_AS(bench.step(3), LockstepMismatch);
}

TEST_CASE("replay files: damage is refused, naming the file") {
  Bench bench(Fault::codes, "Y fc1");
  std::filesystem::path path;
  try {
    bench.step(0);
  } catch (const LockstepMismatch& e) {
    path = e.replay;
  }
  const auto good = read_file(path);
  REQUIRE(good.size() > 100);
  const auto error = [&] { return message_of<InputError>([&] { load_replay(path); }); };
  CHECK(error().empty());
  for (std::size_t cut = 0; cut < good.size(); cut += 37) {
    write_file(path, {good.begin(), good.begin() + static_cast<std::ptrdiff_t>(cut)});
    CHECK(error().find(path.string()) != std::string::npos);
  }
  std::filesystem::remove(path);
  CHECK(error().find("cannot be opened") != std::string::npos);
}

namespace {

// Cannot read the tensors of one command, as after an error that has ended it.
class ForgetfulDevice : public ForwardingDevice {
 public:
  ForgetfulDevice(Device& to, std::string label) : ForwardingDevice(to), label_(std::move(label)) {}
  Result gemm(const Gemm& op, std::string_view label) override {
    const Result r = to_.gemm(op, label);
    if (label == label_) lost_ = r.raw.id;
    return r;
  }
  std::vector<std::int32_t> read_raw(const Tensor& t) override {
    if (t.id == lost_) throw DeviceError("forgotten");
    return to_.read_raw(t);
  }

 private:
  std::string label_;
  std::uint64_t lost_ = ~std::uint64_t{0};
};

}  // namespace

TEST_CASE("what a device has lost is told once, and what was asked for after it is still compared") {
  golden::GoldenDevice one, two;
  ForgetfulDevice forgetful(one, "second");
  TempFolder dir;
  LockstepDevice lockstep(forgetful, two, dir.path());
  Gemm op;
  op.a = op.b = lockstep.upload_codes(std::vector<std::uint8_t>(9, 1), 3, 3, Format::int4);
  for (const char* label : {"first", "second", "third"}) lockstep.gemm(op, label);
  CHECK(message_of<DeviceError>([&] { lockstep.sync(); }) == "forgotten");
  CHECK(lockstep.commands_compared() == 1);
  lockstep.sync();
  CHECK(lockstep.commands_compared() == 2);
}

TEST_CASE("replay files: what no device has, sizes that wrap and results out of proportion are refused") {
  TempFolder dir;
  golden::GoldenDevice golden;
  RecordedOp op;
  op.kind = RecordedOp::Kind::unfold;
  op.a = HostTensor{TensorKind::codes, Format::int4, 4, 1, {1, 2, 3, 4}, {}};
  op.window = {1, 2, 2, 1, 1, 1, 0, 0, 1, 2, 2, false};
  const Outputs expected = execute(golden, op);
  const auto error = [&](const RecordedOp& bad, const Outputs& result) {
    save_replay(dir / "r", {bad, result, {}, "golden", "rtl"});
    return message_of<InputError>([&] { load_replay(dir / "r"); });
  };
  CHECK(error(op, expected).empty());  // the control

  RecordedOp bad = op;
  bad.kind = static_cast<RecordedOp::Kind>(4);
  CHECK(error(bad, expected).find("op: expected a number from 0 to 3") != std::string::npos);
  bad = op;
  bad.a->kind = static_cast<TensorKind>(7);
  CHECK(error(bad, expected).find("kind: expected a number from 0 to 2") != std::string::npos);
  bad = op;
  bad.window.out_height = bad.window.out_width = bad.window.kernel_h = bad.window.kernel_w = 60'000;
  CHECK(error(bad, expected).find("the expected result is not 3600000000 × 3600000000") != std::string::npos);
  bad.window.kernel_h = 1 << 31;
  CHECK(error(bad, expected).find("window: 2147483648") != std::string::npos);
  bad = {};
  bad.kind = RecordedOp::Kind::quantize;
  bad.quantize.rows = bad.quantize.cols = 1U << 31;  // 4 bytes each are 2^64 bytes
  CHECK(error(bad, expected).find("a source whose size is not rows × cols") != std::string::npos);

  // Arrays, strings and bytes without an end, each inside the one before.
  for (const std::uint8_t item : {0x81, 0x9f, 0xa1, 0x5f, 0x7f}) {
    write_file(dir / "deep", std::vector<std::uint8_t>(1 << 20, item));
    CHECK(message_of<InputError>([&] { load_replay(dir / "deep"); }).find("not a whole replay file") != std::string::npos);
  }
}
