// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "device/input_error.h"
#include "forwarding_device.h"
#include "golden/codes.h"
#include "golden/golden_device.h"
#include "nn/mlp.h"
#include "reference_step.h"
#include "temp_folder.h"

using namespace cuatro;
using namespace cuatro::nn;

namespace {

// Notes every command of a step and, in `reads`, how many commands were known at each read.
class RecordingDevice : public ForwardingDevice {
 public:
  using ForwardingDevice::ForwardingDevice;
  struct Command {
    std::string label;
    bool quantize;
    bool upload;  // a quantize command with host data
    Result result;
  };
  std::vector<Command> commands;
  std::vector<std::size_t> reads;
  std::vector<std::uint64_t> read;  // tensors and commands that were
  int uploads = 0;

  Result gemm(const Gemm& op, std::string_view label) override {
    commands.push_back({std::string(label), false, false, to_.gemm(op, label)});
    return commands.back().result;
  }
  Result quantize(const Quantize& op, std::string_view label) override {
    commands.push_back({std::string(label), true, !op.raw, to_.quantize(op, label)});
    return commands.back().result;
  }
  Tensor upload_codes(std::span<const std::uint8_t> codes, std::uint32_t rows, std::uint32_t cols,
                      Format format) override {
    ++uploads;
    return to_.upload_codes(codes, rows, cols, format);
  }
  std::vector<std::uint8_t> read_codes(const Tensor& t) override { return note(t.id), to_.read_codes(t); }
  std::vector<std::int32_t> read_raw(const Tensor& t) override { return note(t.id), to_.read_raw(t); }
  std::vector<std::uint8_t> read_mask(const Tensor& t) override { return note(t.id), to_.read_mask(t); }
  Stats stats(const Result& r) override { return note(~r.command), to_.stats(r); }

 private:
  void note(std::uint64_t of) {
    reads.push_back(commands.size());
    read.push_back(of);
  }
};

reference::Matrix values(Device& device, const Tensor& t) {
  reference::Matrix m;
  if (t.kind == TensorKind::raw) {
    for (const auto v : device.read_raw(t)) m.push_back(v);
  } else if (t.kind == TensorKind::mask) {
    for (const auto v : device.read_mask(t)) m.push_back(v);
  } else {
    for (const auto c : device.read_codes(t)) m.push_back(golden::decode(t.format, c));
  }
  return m;
}

Images made_up_images(std::uint32_t count, std::uint32_t features) {
  Images images{count, 1, features, {}, {}};
  std::uint32_t noise = 99;
  for (std::uint32_t i = 0; i < count * features; ++i) {
    noise = noise * 1664525 + 1013904223;
    images.pixels.push_back(static_cast<std::uint8_t>(noise >> 24));
  }
  for (std::uint32_t i = 0; i < count; ++i) images.labels.push_back(static_cast<std::uint8_t>(i * 7 % 5));
  return images;
}

struct Case {
  const char *format, *rounding;
  int terms;
};
const Case kCases[] = {{"log2", "stochastic", 2}, {"log4", "stochastic", 2}, {"log2", "stochastic", 1},
                       {"log4", "stochastic", 1}, {"log4", "tpr", 1},        {"log4", "nearest", 1},
                       {"log2", "nearest", 1},    {"int4", "stochastic", 1}, {"int4", "nearest", 1}};

Recipe recipe_of(const Case& c, const char* scaling, int bits = 32, const char* order = "even-odd", const char* update = "host") {
  return make_recipe({c.format, c.rounding, c.terms, order, scaling, bits, update});
}

// With the weights' update on the device.
Recipe device_recipe(const Case& c, const char* scaling = "delayed") { return recipe_of(c, scaling, 16, "even-odd", "device"); }

// Steps of a small net on both implementations; every tensor of every command compared.
void compare_steps(const Recipe& recipe) {
  golden::GoldenDevice golden;
  RecordingDevice device(golden);
  const std::vector<std::uint32_t> sizes{23, 17, 9, 5};
  IntegerMlp mlp(device, {sizes, recipe, 42});
  reference::Net net(sizes, recipe, 42);
  const Images images = made_up_images(64, 23);
  const int handle = mlp.add_images(images);
  std::uint64_t step = 0;
  for (const std::uint32_t batch : {16U, 16U, 7U, 1U, 16U, 32U}) {
    std::vector<std::uint32_t> rows(batch);
    std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(3 * step));
    std::vector<std::uint8_t> labels, pixels;
    for (const auto row : rows) {
      labels.push_back(images.labels[row]);
      pixels.insert(pixels.end(), images.pixels.begin() + row * 23, images.pixels.begin() + (row + 1) * 23);
    }
    device.commands.clear();
    mlp.train_step(handle, rows, labels, 3, step);
    const auto expected = net.step(pixels, labels, 3, step);

    std::set<std::string> compared;
    const auto compare = [&](const std::string& name, const Tensor& t) {
      if (!t) return;
      INFO("step " << step << " tensor " << name << ", " << describe(recipe));
      REQUIRE(expected.count(name) == 1);
      REQUIRE(values(golden, t) == expected.at(name));
      compared.insert(name);
    };
    for (const auto& c : device.commands) {
      compare(c.label, c.result.codes);
      compare(c.label + " 2", c.result.codes2);
      compare(c.label + " mask", c.result.mask);
      const bool weights = c.label.starts_with("dW");
      if (c.label == "logits" || weights || c.label.starts_with("db")) {
        compare(c.label + (weights && c.result.codes ? " raw" : ""), c.result.raw);
      }
    }
    CHECK(compared.size() == expected.size());

    SafeTensors state;
    mlp.save(state);
    for (std::size_t l = 0; l < net.layers.size(); ++l) {
      const std::string name = "fc" + std::to_string(l + 1);
      const std::uint64_t matrix[] = {sizes[l], sizes[l + 1]}, row[] = {sizes[l + 1]};
      std::vector<std::int32_t> w(net.layers[l].w.size()), b(net.layers[l].b.size());
      const auto same = [](const auto& x, const auto& y) { return std::equal(x.begin(), x.end(), y.begin(), y.end()); };
      INFO("step " << step << " state of " << name << ", " << describe(recipe));
      state.get(name + ".weight", matrix, std::span(w));
      REQUIRE(same(w, net.layers[l].w));
      state.get(name + ".weight.momentum", matrix, std::span(w));
      REQUIRE(same(w, net.layers[l].vw));
      state.get(name + ".bias", row, std::span(b));
      REQUIRE(same(b, net.layers[l].b));
      state.get(name + ".bias.momentum", row, std::span(b));
      REQUIRE(same(b, net.layers[l].vb));
    }
    ++step;
  }
}

}  // namespace

TEST_CASE("a training step: every tensor and the new state equal an independent implementation") {
  for (const Case& c : kCases) {
    for (const char* scaling : {"delayed", "current", "gradscale", "fixed"}) compare_steps(recipe_of(c, scaling));
  }
  compare_steps(recipe_of(kCases[4], "delayed", 32, "odd-even"));
  compare_steps(recipe_of(kCases[0], "delayed", 16));
}

TEST_CASE("the same with the update on the device: codes, state and column sums, batches of no power of two too") {
  for (const Case& c : kCases) {
    for (const char* scaling : {"delayed", "current"}) compare_steps(device_recipe(c, scaling));
  }
}

TEST_CASE("fixed scaling: gradients keep the first step's exponents, activations follow their range") {
  golden::GoldenDevice golden;
  IntegerMlp mlp(golden, {{20, 12, 8, 5}, recipe_of(kCases[0], "fixed"), 1});
  IntegerMlp following(golden, {{20, 12, 8, 5}, recipe_of(kCases[0], "delayed"), 1});
  const Images images = made_up_images(32, 20);
  const auto scales = [](const IntegerMlp& net) {
    SafeTensors state;
    net.save(state);
    std::vector<std::int32_t> values(15);  // a layer: weight exponent, output exponent and known, gradient's
    state.get("scales", std::vector<std::uint64_t>{3, 5}, std::span(values));
    return values;
  };
  std::vector<std::uint32_t> rows(32);
  std::iota(rows.begin(), rows.end(), 0U);
  std::vector<std::int32_t> first;
  for (IntegerMlp* net : {&mlp, &following}) {
    const int handle = net->add_images(images);
    for (std::uint64_t step = 0; step < 200; ++step) {
      net->train_step(handle, rows, images.labels, 3, step);
      if (net == &mlp && step == 0) first = scales(mlp);
    }
  }
  const std::vector<std::int32_t> last = scales(mlp), other = scales(following);
  bool moved = false, would_move = false;
  for (std::size_t layer = 0; layer < 3; ++layer) {
    CHECK(last[5 * layer + 3] == first[5 * layer + 3]);
    moved |= last[5 * layer + 1] != first[5 * layer + 1];
    would_move |= other[5 * layer + 3] < first[5 * layer + 3];  // the loss has fallen
  }
  CHECK(moved);
  CHECK(would_move);
}

TEST_CASE("sites: what clipped, was lost and how large it was, of every sixteenth step") {
  for (const Case& c : {kCases[0], kCases[2], kCases[4], kCases[7]}) {
    golden::GoldenDevice golden;
    RecordingDevice device(golden);
    const Recipe recipe = recipe_of(c, "delayed");
    IntegerMlp mlp(device, {{23, 17, 5}, recipe, 42});
    const Images images = made_up_images(32, 23);
    const int handle = mlp.add_images(images);
    std::vector<std::uint32_t> rows(32);
    std::iota(rows.begin(), rows.end(), 0U);
    SiteCounts dy1, y1;
    for (std::uint64_t step = 0; step < 17; ++step) {
      device.commands.clear();
      mlp.train_step(handle, rows, images.labels, 3, step);
      if (step != 0 && step != 16) continue;
      reference::Matrix mask, y, digit1, digit2;
      for (const auto& command : device.commands) {
        // The step that chooses a scale asks for a tensor twice: raw, then as codes.
        if (!command.result.codes) continue;
        if (command.label == "Y fc1") {
          mask = values(golden, command.result.mask), y = values(golden, command.result.codes);
          y1.saturated += golden.stats(command.result).saturated;
        } else if (command.label == "dY fc1") {
          digit1 = values(golden, command.result.codes);
          if (command.result.codes2) digit2 = values(golden, command.result.codes2);
          dy1.saturated += golden.stats(command.result).saturated;
        }
      }
      y1.elements += y.size(), dy1.elements += digit1.size();
      for (std::size_t i = 0; i < y.size(); ++i) {
        y1.underflow += mask[i] != 0 && y[i] == 0;
        if (y[i] != 0) ++y1.exponents[static_cast<std::size_t>(24 + std::ilogb(static_cast<double>(y[i])))];
        dy1.underflow += mask[i] != 0 && digit1[i] == 0 && (digit2.empty() || digit2[i] == 0);
        const double second = recipe.two_terms() ? std::ldexp(static_cast<double>(digit2[i]), -recipe.term_shift()) : 0;
        const double value = static_cast<double>(digit1[i]) + second;
        if (value != 0) ++dy1.exponents[static_cast<std::size_t>(24 + std::ilogb(value))];
      }
    }
    INFO(describe(recipe));
    REQUIRE(dy1.underflow > 0);
    const auto check = [&](const std::string& name, const SiteCounts& expected) {
      for (const SiteStatistics& site : mlp.statistics()) {
        if (site.name != name) continue;
        CHECK(site.counts.elements == expected.elements);
        CHECK(site.counts.saturated == expected.saturated);
        CHECK(site.counts.underflow == expected.underflow);
        CHECK(site.counts.exponents == expected.exponents);
        return;
      }
      FAIL("no site " << name);
    };
    check("fc1.y", y1);
    check("fc1.dy", dy1);
    CHECK(mlp.statistics().size() == 5);  // W and dY of two layers, Y of one
  }
}

TEST_CASE("the comparison can fail: another seed or recipe gives other tensors") {
  const Recipe a = recipe_of(kCases[0], "delayed"), b = recipe_of(kCases[1], "delayed");
  const Images images = made_up_images(16, 23);
  reference::Net one({23, 9, 5}, a, 1), other({23, 9, 5}, a, 2), log4({23, 9, 5}, b, 1);
  const auto first = one.step(images.pixels, images.labels, 3, 0);
  CHECK(first.at("dW fc1") != other.step(images.pixels, images.labels, 3, 0).at("dW fc1"));
  CHECK(first.at("dW fc1") != log4.step(images.pixels, images.labels, 3, 0).at("dW fc1"));
}

TEST_CASE("every 4-bit code is the device's: one quantizing command a tensor and step, no upload") {
  golden::GoldenDevice golden;
  for (const Case& c : kCases) {
    for (const char* scaling : {"delayed", "current"}) {
      RecordingDevice device(golden);
      IntegerMlp mlp(device, {{20, 12, 8, 5}, recipe_of(c, scaling), 1});
      const Images images = made_up_images(32, 20);
      const int handle = mlp.add_images(images);
      REQUIRE(device.commands.size() == 1);
      CHECK(device.commands[0].label == "images");
      std::vector<std::uint32_t> rows(32);
      std::iota(rows.begin(), rows.end(), 0U);
      const bool raw_first = std::string(scaling) == "current";
      for (std::uint64_t step = 0; step < 3; ++step) {
        device.commands.clear();
        mlp.train_step(handle, rows, images.labels, 4, step);
        std::map<std::string, int> coded;
        std::map<std::string, int> gemms;
        for (const auto& command : device.commands) {
          coded[command.label] += command.result.codes ? 1 : 0;
          gemms[command.label] += command.quantize ? 0 : 1;
        }
        INFO(c.format << " " << c.rounding << " " << scaling << " step " << step);
        CHECK(coded == std::map<std::string, int>{{"W fc1", 1},
                                                  {"W fc2", 1},
                                                  {"W fc3", 1},
                                                  {"Y fc1", 1},
                                                  {"Y fc2", 1},
                                                  {"logits", 0},
                                                  {"dY fc3", 1},
                                                  {"dY fc2", 1},
                                                  {"dY fc1", 1},
                                                  {"dW fc1", 0},
                                                  {"dW fc2", 0},
                                                  {"dW fc3", 0}});
        CHECK(gemms == std::map<std::string, int>{{"W fc1", 0},
                                                  {"W fc2", 0},
                                                  {"W fc3", 0},
                                                  {"Y fc1", 1},
                                                  {"Y fc2", 1},
                                                  {"logits", 1},
                                                  {"dY fc3", 0},
                                                  {"dY fc2", 1},
                                                  {"dY fc1", 1},
                                                  {"dW fc1", 1},
                                                  {"dW fc2", 1},
                                                  {"dW fc3", 1}});
        CHECK(device.commands.size() == (raw_first || step == 0 ? 16 : 12));
        CHECK(device.uploads == 0);
      }
    }
  }
}

TEST_CASE("delayed scaling reads twice a step: the logits, then nothing before the last command") {
  golden::GoldenDevice golden;
  RecordingDevice device(golden);
  IntegerMlp mlp(device, {{20, 12, 8, 5}, Recipe{}, 1});
  const Images images = made_up_images(32, 20);
  const int handle = mlp.add_images(images);
  std::vector<std::uint32_t> rows(32);
  std::iota(rows.begin(), rows.end(), 0U);
  mlp.train_step(handle, rows, images.labels, 4, 0);
  device.commands.clear();
  device.reads.clear();
  mlp.train_step(handle, rows, images.labels, 4, 1);
  CHECK(std::set<std::size_t>(device.reads.begin(), device.reads.end()) == std::set<std::size_t>{6, 12});
  CHECK(std::count(device.reads.begin(), device.reads.end(), 6U) == 1);
}

TEST_CASE("with the update on the device nothing is read after the first update but what comes before it") {
  golden::GoldenDevice golden;
  RecordingDevice device(golden);
  IntegerMlp mlp(device, {{20, 12, 8, 5}, device_recipe(kCases[0]), 1});
  const Images images = made_up_images(32, 20);
  const int handle = mlp.add_images(images);
  std::vector<std::uint32_t> rows(32);
  std::iota(rows.begin(), rows.end(), 0U);
  mlp.train_step(handle, rows, images.labels, 4, 0);
  for (std::uint64_t step = 1; step < 4; ++step) {
    device.commands.clear();
    device.read.clear();
    mlp.train_step(handle, rows, images.labels, 4, step);
    std::vector<std::string> labels;
    std::set<std::uint64_t> updates;
    for (const auto& command : device.commands) {
      labels.push_back(command.label);
      if (command.label.starts_with("dW")) updates.insert({~command.result.command, command.result.raw.id, command.result.codes.id});
    }
    CHECK(labels == std::vector<std::string>{"Y fc1", "Y fc2", "logits", "dY fc3", "dY fc2", "dY fc1", "db fc3", "db fc2", "db fc1",
                                             "dW fc3", "dW fc2", "dW fc1"});
    CHECK(device.uploads == 0);
    for (const std::uint64_t id : device.read) CHECK(updates.count(id) == 0);
  }
}

TEST_CASE("with the update on the device a state that is saved and loaded goes on as if it had not been") {
  golden::GoldenDevice golden, other;
  const MlpConfig config{{20, 12, 8, 5}, device_recipe(kCases[0]), 1};
  IntegerMlp whole(golden, config), first(golden, config), second(other, config);
  const Images images = made_up_images(32, 20);
  std::vector<std::uint32_t> rows(32);
  std::iota(rows.begin(), rows.end(), 0U);
  const auto train = [&](IntegerMlp& mlp, std::uint64_t from, std::uint64_t to) {
    mlp.use(Part::train, images);
    for (std::uint64_t step = from; step < to; ++step) mlp.train_step(rows, 0x1p-3, step);
  };
  train(whole, 0, 40);
  train(first, 0, 17);
  SafeTensors state;
  first.save(state);
  train(second, 0, 3);  // a state of its own, which goes
  second.load(state);
  CHECK(second.digest() == first.digest());
  CHECK(second.digest() != whole.digest());
  train(second, 17, 40);
  CHECK(second.digest() == whole.digest());
  CHECK_FALSE(message_of<InputError>([&] { second.train_step(rows, 0x1p-15, 40); }).empty());
  second.train_step(rows, 0x1p-14, 40);
}

TEST_CASE("evaluation leaves the state alone") {
  golden::GoldenDevice golden;
  IntegerMlp mlp(golden, {{20, 12, 5}, Recipe{}, 1});
  const Images images = made_up_images(32, 20);
  const int handle = mlp.add_images(images);
  std::vector<std::uint32_t> rows(32);
  std::iota(rows.begin(), rows.end(), 0U);
  for (std::uint64_t step = 0; step < 40; ++step) mlp.train_step(handle, rows, images.labels, 3, step);
  const std::string before = mlp.digest();
  const std::uint32_t correct = mlp.evaluate(handle, rows, images.labels).correct;
  CHECK(mlp.digest() == before);
  CHECK(correct > 20);  // it learns 32 images by heart; chance is 6
  mlp.train_step(handle, rows, images.labels, 3, 40);
  CHECK(mlp.digest() != before);
}

TEST_CASE("one-layer and deep nets, odd sizes and batch 1 train") {
  golden::GoldenDevice golden;
  const Images images = made_up_images(9, 7);
  for (const std::vector<std::uint32_t>& sizes : {std::vector<std::uint32_t>{7, 5}, {7, 3, 1, 6, 5}, {7, 33, 5}}) {
    IntegerMlp mlp(golden, {sizes, Recipe{}, 3});
    const int handle = mlp.add_images(images);
    const std::string before = mlp.digest();
    for (std::uint32_t row = 0; row < 9; ++row)
      mlp.train_step(handle, std::span(&row, 1), std::span(&images.labels[row], 1), 4, row);
    CHECK(mlp.digest() != before);
  }
}

TEST_CASE("impossible nets are refused with a reason") {
  golden::GoldenDevice golden;
  const auto error = [&](std::vector<std::uint32_t> sizes) {
    return message_of<InputError>([&] { IntegerMlp(golden, {sizes, Recipe{}, 1}); });
  };
  CHECK_FALSE(error({5}).empty());
  CHECK_FALSE(error({5, 0, 3}).empty());
  CHECK(error({40'000, 3}).find("too wide") != std::string::npos);
  CHECK(error({5, 3}).empty());
  IntegerMlp mlp(golden, {{5, 3}, Recipe{}, 1});
  CHECK_FALSE(message_of<InputError>([&] { mlp.add_images(made_up_images(4, 6)); }).empty());
}

TEST_CASE("recipes: the legal combinations, and one line for each illegal one") {
  const auto error = [](RecipeNames names) { return message_of<InputError>([&] { make_recipe(names); }); };
  for (const Case& c : kCases) CHECK(error({c.format, c.rounding, c.terms}).empty());
  CHECK(make_recipe({}).grad_rounding == Rounding::two_term);
  CHECK(make_recipe({"int4"}).grad_rounding == Rounding::stochastic);
  CHECK(make_recipe({"log4", "tpr"}).grad_rounding == Rounding::tpr);
  CHECK(make_recipe({"log2", "stochastic", 1}).grad_rounding == Rounding::stochastic);
  CHECK(error({"log2", "tpr"}).starts_with("--grad-rounding tpr"));
  CHECK(error({"int4", "stochastic", 2}).starts_with("--grad-terms 2"));
  CHECK(error({"log4", "tpr", 2}).starts_with("--grad-terms 2"));
  CHECK(error({"log2", "nearest", 2}).starts_with("--grad-terms 2"));
  CHECK(error({"log2", "stochastic", 3}).starts_with("--grad-terms 3"));
  CHECK(error({"fp8"}).starts_with("--grad-format fp8"));
  CHECK(error({"log2", "up"}).starts_with("--grad-rounding up"));
  CHECK(error({"log2", "", 0, "odd"}).starts_with("--tpr-order odd"));
  CHECK(error({"log2", "", 0, "even-odd", "late"}).starts_with("--scaling late"));
  CHECK(error({"log2", "", 0, "even-odd", "delayed", 8}).starts_with("--master-bits 8"));
  CHECK(error({"log2", "", 0, "even-odd", "delayed", 16, "device"}).empty());
  CHECK(error({"log2", "", 0, "even-odd", "delayed", 32, "device"}).starts_with("--update device: needs --master-bits 16"));
  CHECK(error({"log2", "", 0, "even-odd", "delayed", 16, "disk"}).starts_with("--update disk"));
  CHECK(describe(make_recipe({})).find("device") == std::string::npos);
  CHECK(describe(make_recipe({"log2", "", 0, "even-odd", "delayed", 16, "device"})).ends_with("updated on the device"));
}
