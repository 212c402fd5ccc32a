// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <set>

#include "device/input_error.h"
#include "golden/golden_device.h"
#include "nn/checkpoint.h"
#include "nn/fp32_mlp.h"
#include "nn/init.h"
#include "nn/mlp.h"
#include "nn/shuffle.h"
#include "nn/trainer.h"
#include "temp_folder.h"

using namespace cuatro;
using namespace cuatro::nn;

namespace {

Images easy_images(std::uint32_t count) {
  Images images{count, 5, 5, {}, {}};
  std::uint32_t noise = 5;
  for (std::uint32_t i = 0; i < count; ++i) {
    images.labels.push_back(static_cast<std::uint8_t>(i % 5));
    for (std::uint32_t p = 0; p < 25; ++p) {
      noise = noise * 1664525 + 1013904223;
      images.pixels.push_back(static_cast<std::uint8_t>((p / 5 == i % 5 ? 150 : 20) + (noise >> 25)));
    }
  }
  return images;
}

std::unique_ptr<Model> make_model(Device& device, bool fp32, const RecipeNames& names, std::uint64_t seed = 1) {
  const std::vector<std::uint32_t> sizes{25, 16, 8, 5};
  if (fp32) return std::make_unique<Fp32Mlp>(sizes, seed);
  return std::make_unique<IntegerMlp>(device, MlpConfig{sizes, make_recipe(names), seed});
}

}  // namespace

TEST_CASE("an epoch's order is a permutation, equal for equal seeds, another for every epoch") {
  for (const std::uint32_t count : {1U, 2U, 10U, 1000U}) {
    auto order = epoch_order(7, 3, count);
    CHECK(order == epoch_order(7, 3, count));
    std::sort(order.begin(), order.end());
    for (std::uint32_t i = 0; i < count; ++i) CHECK(order[i] == i);
  }
  CHECK(epoch_order(7, 3, 1000) != epoch_order(7, 4, 1000));
  CHECK(epoch_order(7, 3, 1000) != epoch_order(8, 3, 1000));
}

TEST_CASE("every place is equally likely for every image") {
  std::vector<int> count(8 * 8);
  constexpr int kEpochs = 8000;
  for (std::uint64_t epoch = 0; epoch < kEpochs; ++epoch) {
    const auto order = epoch_order(1, epoch, 8);
    for (std::size_t place = 0; place < 8; ++place) ++count[place * 8 + order[place]];
  }
  for (const int n : count) CHECK(std::abs(n - kEpochs / 8) < 5 * 30);
}

TEST_CASE("plan: ragged last batch, total steps, learning rate quartered at half and at 80 %") {
  const TrainPlan plan{60'000, 2, 0, 128, 4, 1};
  CHECK(plan.steps_per_epoch() == 469);
  CHECK(plan.total_steps() == 938);
  CHECK(plan.batch_at(0) == 128);
  CHECK(plan.batch_at(468) == 96);
  CHECK(plan.batch_at(469) == 128);
  CHECK(plan.lr_shift_at(468) == 4);
  CHECK(plan.lr_shift_at(469) == 6);
  CHECK(plan.lr_shift_at(750) == 6);
  CHECK(plan.lr_shift_at(751) == 8);
  CHECK(TrainPlan{10, 3, 7, 4, 4, 1}.total_steps() == 7);
}

TEST_CASE("initial weights: uniform in ±sqrt(6/in), another seed or layer gives others") {
  const auto w = initial_weights(1, 0, 100, 500);
  const double bound = std::sqrt(6.0 / 100) * (1 << kInitFrac);
  double sum = 0, squares = 0;
  for (const auto v : w) {
    CHECK(std::abs(v) <= bound);
    sum += v / bound;
    squares += v / bound * v / bound;
  }
  CHECK(std::fabs(sum / 50'000) < 5 * std::sqrt(1.0 / 3 / 50'000));
  CHECK(squares / 50'000 == Approx(1.0 / 3).epsilon(0.02));
  CHECK(w != initial_weights(2, 0, 100, 500));
  CHECK(w != initial_weights(1, 1, 100, 500));
}

TEST_CASE("training learns, on every engine here; an untrained net does not") {
  const Images images = easy_images(203);
  for (const bool fp32 : {false, true}) {
    golden::GoldenDevice golden;
    const auto model = make_model(golden, fp32, {});
    Trainer trainer(*model, images, {203, 6, 0, 16, 4, 1});
    const auto accuracy = [&] {
      return evaluate(*model, trainer.images_handle(), images, 0, 203, [](auto, auto) { return true; });
    };
    CHECK(accuracy() < 120);
    while (!trainer.done()) trainer.run_step();
    CHECK(accuracy() > 180);
  }
}

TEST_CASE("equal seeds give equal digests; seed, recipe and batch change them") {
  const Images images = easy_images(100);
  const auto digest = [&](const RecipeNames& names, std::uint64_t seed, std::uint32_t batch) {
    golden::GoldenDevice golden;
    const auto model = make_model(golden, false, names, seed);
    Trainer trainer(*model, images, {100, 1, 0, batch, 4, seed});
    while (!trainer.done()) trainer.run_step();
    return model->digest();
  };
  const std::set<std::string> digests{digest({}, 1, 16), digest({}, 2, 16), digest({"log4"}, 1, 16),
                                      digest({"log4", "tpr"}, 1, 16), digest({}, 1, 32)};
  CHECK(digests.size() == 5);
  CHECK(digest({}, 1, 16) == digest({}, 1, 16));
  CHECK(digest({}, 1, 16).size() == 64);
}

TEST_CASE("a run continued from its checkpoint at any step ends with the same digest") {
  const Images images = easy_images(50);
  const TrainPlan plan{50, 3, 0, 16, 4, 9};
  for (const bool fp32 : {false, true}) {
    for (const char* scaling : {"delayed", "current", "gradscale"}) {
      const RecipeNames names{"log2", "", 0, "even-odd", scaling, 32};
      golden::GoldenDevice golden;
      TempFolder dir;
      const auto whole = make_model(golden, fp32, names);
      Trainer trainer(*whole, images, plan);
      for (std::uint64_t step = 0; step <= plan.total_steps(); ++step) {
        save_checkpoint(dir / std::to_string(step), *whole, {step, {{"seed", "9"}}, "t"});
        if (!trainer.done()) trainer.run_step();
      }
      for (std::uint64_t step = 0; step <= plan.total_steps(); ++step) {
        const auto model = make_model(golden, fp32, names);
        const Checkpoint checkpoint = load_checkpoint(dir / std::to_string(step), *model, {{"seed", "9"}});
        REQUIRE(checkpoint.step == step);
        CHECK(checkpoint.totals == "t");
        Trainer rest(*model, images, plan);
        rest.continue_at(checkpoint.step);
        while (!rest.done()) rest.run_step();
        INFO("from step " << step << ", " << model->describe());
        CHECK(model->digest() == whole->digest());
      }
      // The control: continuing at the wrong step is noticed by the digest.
      const auto model = make_model(golden, fp32, names);
      load_checkpoint(dir / "5", *model, {});
      Trainer wrong(*model, images, plan);
      wrong.continue_at(6);
      while (!wrong.done()) wrong.run_step();
      CHECK(model->digest() != whole->digest());
    }
  }
}

TEST_CASE("a checkpoint of another net, recipe or run is refused by file and field") {
  golden::GoldenDevice golden;
  TempFolder dir;
  const auto file = dir / "c";
  const auto model = make_model(golden, false, {});
  save_checkpoint(file, *model, {3, {{"seed", "1"}, {"data", "mnist"}}, "{}"});
  const auto error = [&](Model& to, std::map<std::string, std::string> identity) {
    return message_of<InputError>([&] { load_checkpoint(file, to, identity); });
  };
  CHECK(error(*model, {{"seed", "1"}}).empty());
  CHECK(error(*model, {{"seed", "2"}}) == file.string() + ": seed is '1', this run has '2'");
  CHECK(error(*model, {{"data", "fashion-mnist"}}) ==
        file.string() + ": data is 'mnist', this run has 'fashion-mnist'");
  CHECK(error(*model, {{"lr", "x"}}) == file.string() + ": __metadata__.lr is missing");
  CHECK(error(*make_model(golden, false, {"log4"}), {}).find("net is") != std::string::npos);
  CHECK(error(*make_model(golden, true, {}), {}).find("net is") != std::string::npos);
  IntegerMlp other(golden, {{25, 17, 8, 5}, Recipe{}, 1});
  const std::string before = other.digest();
  CHECK(error(other, {}).find("net is") != std::string::npos);
  CHECK(other.digest() == before);
}

// One step from zero momentum moves each weight by -lr · dLoss/dw, so the step itself shows the gradient.
TEST_CASE("fp32: a step follows the numerical gradient of the loss") {
  const Images images = easy_images(6);
  std::vector<std::uint32_t> rows(6);
  std::iota(rows.begin(), rows.end(), 0U);
  const std::vector<std::uint32_t> sizes{25, 4, 5};
  const auto state = [&](const Fp32Mlp& model) {
    SafeTensors t;
    model.save(t);
    return t;
  };
  const auto loss = [&](const SafeTensors& t) {
    Fp32Mlp model(sizes, 1);
    model.load(t);
    return model.train_step(model.add_images(images), rows, images.labels, 4, 0).loss_sum / 6;
  };
  Fp32Mlp model(sizes, 1);
  const SafeTensors before = state(model);
  model.train_step(model.add_images(images), rows, images.labels, 4, 0);
  const SafeTensors after = state(model);
  int checked = 0;
  for (std::size_t t = 0; t < before.tensors.size(); ++t) {
    if (before.tensors[t].name.ends_with("momentum")) continue;
    const std::size_t count = before.tensors[t].bytes.size() / 4;
    const auto at = [&](const SafeTensors& s, std::size_t i) {
      float v;
      std::memcpy(&v, &s.tensors[t].bytes[4 * i], 4);
      return v;
    };
    for (std::size_t i = 0; i < count; i += 3) {
      const auto moved = [&](float by) {
        SafeTensors s = before;
        const float v = at(s, i) + by;
        std::memcpy(&s.tensors[t].bytes[4 * i], &v, 4);
        return loss(s);
      };
      const double numeric = (moved(0.005F) - moved(-0.005F)) / 0.01;
      const double step = (at(before, i) - at(after, i)) * 16.0;
      INFO(before.tensors[t].name << " " << i);
      CHECK(step == Approx(numeric).margin(0.004).epsilon(0.02));
      ++checked;
    }
  }
  CHECK(checked > 40);
}
