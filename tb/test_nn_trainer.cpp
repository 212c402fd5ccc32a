// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "data/image_examples.h"
#include "device/input_error.h"
#include "golden/golden_device.h"
#include "matmul/float_engine.h"
#include "nets/image_nets.h"
#include "nets/network_model.h"
#include "nn/checkpoint.h"
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

// A data set and a model on it: the integer perceptron on a device, or a float net on the host.
struct Session {
  Session(Device& device, bool fp32, const RecipeNames& names, const Images& images, std::uint64_t seed = 1)
      : data{"easy", "", {images.rows, images.cols, 1}, 5, false, std::make_unique<ImageExamples>(images),
             std::make_unique<ImageExamples>(images), {}, {}} {
    if (fp32) {
      OptimizerConfig sgd;
      sgd.momentum = 0.875F;
      model = std::make_unique<NetworkModel>(make_mlp({images.rows, images.cols, 1}, {16, 8}, 5, seed), std::make_unique<FloatEngine>(Precision::fp32),
                                             sgd, data, "fp32");
    } else {
      auto mlp = std::make_unique<IntegerMlp>(device, MlpConfig{{25, 16, 8, 5}, make_recipe(names), seed});
      mlp->use(Part::train, static_cast<const ImageExamples&>(*data.train).images());
      mlp->use(Part::test, static_cast<const ImageExamples&>(*data.test).images());
      model = std::move(mlp);
    }
  }
  std::uint32_t correct() const {
    return evaluate(*model, Part::test, 0, data.test->count(), [](auto, auto) { return true; }).correct;
  }
  void train(const TrainPlan& plan, std::uint64_t from = 0) {
    Trainer trainer(*model, plan);
    trainer.continue_at(from);
    while (!trainer.done()) trainer.run_step();
  }
  DataSet data;
  std::unique_ptr<Model> model;
};

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
  const TrainPlan plan{60'000, 2, 0, 128, 0x1p-4, 1};
  CHECK(plan.steps_per_epoch() == 469);
  CHECK(plan.total_steps() == 938);
  CHECK(plan.batch_at(0) == 128);
  CHECK(plan.batch_at(468) == 96);
  CHECK(plan.batch_at(469) == 128);
  CHECK(plan.rate_at(468) == 0x1p-4);
  CHECK(plan.rate_at(469) == 0x1p-6);
  CHECK(plan.rate_at(750) == 0x1p-6);
  CHECK(plan.rate_at(751) == 0x1p-8);
  const TrainPlan linear{100, 1, 10, 10, 0.5, 1, Schedule::linear, 2};
  CHECK(linear.rate_at(0) == 0.25);
  CHECK(linear.rate_at(1) == 0.5);
  CHECK(linear.rate_at(2) == 0.5);
  CHECK(linear.rate_at(6) == 0.25);
  CHECK(linear.rate_at(9) == 0.0625);
  CHECK(TrainPlan{10, 3, 7, 4, 0x1p-4, 1}.total_steps() == 7);
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
    Session session(golden, fp32, {}, images);
    CHECK(session.correct() < 120);
    session.train({203, 6, 0, 16, 0x1p-4, 1});
    CHECK(session.correct() > 180);
  }
}

TEST_CASE("equal seeds give equal digests; seed, recipe and batch change them") {
  const Images images = easy_images(100);
  const auto digest = [&](const RecipeNames& names, std::uint64_t seed, std::uint32_t batch) {
    golden::GoldenDevice golden;
    Session session(golden, false, names, images, seed);
    session.train({100, 1, 0, batch, 0x1p-4, seed});
    return session.model->digest();
  };
  const std::set<std::string> digests{digest({}, 1, 16), digest({}, 2, 16), digest({"log4"}, 1, 16),
                                      digest({"log4", "tpr"}, 1, 16), digest({}, 1, 32)};
  CHECK(digests.size() == 5);
  CHECK(digest({}, 1, 16) == digest({}, 1, 16));
  CHECK(digest({}, 1, 16).size() == 64);
}

TEST_CASE("a run continued from its checkpoint at any step ends with the same digest") {
  const Images images = easy_images(50);
  const TrainPlan plan{50, 3, 0, 16, 0x1p-4, 9};
  for (const bool fp32 : {false, true}) {
    for (const char* scaling : {"delayed", "current", "gradscale"}) {
      const RecipeNames names{"log2", "", 0, "even-odd", scaling, 32};
      golden::GoldenDevice golden;
      TempFolder dir;
      const Session whole(golden, fp32, names, images);
      Trainer trainer(*whole.model, plan);
      for (std::uint64_t step = 0; step <= plan.total_steps(); ++step) {
        save_checkpoint(dir / std::to_string(step), *whole.model, {step, {{"seed", "9"}}, "t"});
        if (!trainer.done()) trainer.run_step();
      }
      for (std::uint64_t step = 0; step <= plan.total_steps(); ++step) {
        Session rest(golden, fp32, names, images);
        const Checkpoint checkpoint = load_checkpoint(dir / std::to_string(step), *rest.model, {{"seed", "9"}});
        REQUIRE(checkpoint.step == step);
        CHECK(checkpoint.totals == "t");
        rest.train(plan, checkpoint.step);
        INFO("from step " << step << ", " << rest.model->describe());
        CHECK(rest.model->digest() == whole.model->digest());
      }
      // The control: continuing at the wrong step is noticed by the digest.
      Session wrong(golden, fp32, names, images);
      load_checkpoint(dir / "5", *wrong.model, {});
      wrong.train(plan, 6);
      CHECK(wrong.model->digest() != whole.model->digest());
    }
  }
}

TEST_CASE("a checkpoint of another net, recipe or run is refused by file and field") {
  golden::GoldenDevice golden;
  TempFolder dir;
  const auto file = dir / "c";
  const Images images = easy_images(4);
  const Session session(golden, false, {}, images);
  Model* model = session.model.get();
  save_checkpoint(file, *model, {3, {{"seed", "1"}, {"data", "mnist"}}, "{}"});
  const auto error = [&](Model& to, std::map<std::string, std::string> identity) {
    return message_of<InputError>([&] { load_checkpoint(file, to, identity); });
  };
  CHECK(error(*model, {{"seed", "1"}}).empty());
  CHECK(error(*model, {{"seed", "2"}}) == file.string() + ": seed is '1', this run has '2'");
  CHECK(error(*model, {{"data", "fashion-mnist"}}) ==
        file.string() + ": data is 'mnist', this run has 'fashion-mnist'");
  CHECK(error(*model, {{"lr", "x"}}) == file.string() + ": __metadata__.lr is missing");
  CHECK(error(*Session(golden, false, {"log4"}, images).model, {}).find("net is") != std::string::npos);
  CHECK(error(*Session(golden, true, {}, images).model, {}).find("net is") != std::string::npos);
  IntegerMlp other(golden, {{25, 17, 8, 5}, Recipe{}, 1});
  const std::string before = other.digest();
  CHECK(error(other, {}).find("net is") != std::string::npos);
  CHECK(other.digest() == before);
}
