// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <fstream>
#include <png.h>
#include <set>

#include "cli_shop.h"
#include "fsdd_files.h"

using namespace cuatro;

// The nets beside the perceptron, through the program: they train, continue, and serve.
namespace {

constexpr const char* kLenet = "--model lenet --data mnist --batch 8 --lr 0.05 --schedule linear --quiet";
constexpr const char* kTransformer =
    "--model transformer --data tinyshakespeare --batch 4 --lr 0.01 --optimizer adamw --schedule linear --warmup 2 "
    "--width 16 --depth 1 --heads 2 --context 8 --quiet";

void write_text(const Shop& shop) {
  std::ofstream file(shop.dir / "data" / "tinyshakespeare.txt");
  for (int i = 0; i < 300; ++i) file << "to be, or not to be:\n";
}

std::string digest(const Shop& shop, const std::string& run) {
  return shop.summary(run).at("weights_digest").get<std::string>();
}

}  // namespace

TEST_CASE("lenet: golden and rtl end in the same weights, and a recipe makes others") {
  const Shop shop(16);
  for (const auto& [run, flags] : {std::pair("g", "--engine golden"), {"r", "--engine rtl --check all"},
                                   {"f", "--engine fp32"}, {"h", "--engine fp16"},
                                   {"o", "--engine golden --override 'conv*: grad-format=log4'"}}) {
    const Outcome o = shop.run(fmt::format("cuatro train {} {} --steps 3 --run-dir {}", kLenet, flags, run));
    INFO(o.err);
    REQUIRE(o.code == 0);
  }
  CHECK(digest(shop, "g") == digest(shop, "r"));
  CHECK(shop.summary("r").at("lockstep_words").get<std::uint64_t>() > 10'000);
  CHECK(std::set<std::string>{digest(shop, "g"), digest(shop, "f"), digest(shop, "h"), digest(shop, "o")}.size() == 4);
}

TEST_CASE("a killed run of a net with batch norm, or of one with AdamW, continues to the same digest") {
  const Shop shop;
  write_text(shop);
  const std::string resnet = "--model resnet8 --data mnist --batch 8 --lr 0.05 --shift 1 --mirror --quiet";
  for (const std::string& flags : {resnet, std::string(kTransformer)}) {
    REQUIRE(shop.run(fmt::format("cuatro train {} --engine golden --steps 6 --save 0 --run-dir whole", flags)).code == 0);
    // Ten runs would do for the moments of a kill; the checkpoint of step 3 does for all of them.
    const Outcome killed = shop.run(fmt::format(
        "cuatro train {} --engine golden --steps 6 --save 3 --run-dir part & pid=$!; "
        "while [ ! -e part/checkpoint.safetensors ] && kill -0 $pid 2>/dev/null; do sleep 0.01; done; kill -9 $pid; wait $pid; true",
        flags));
    INFO(killed.err);
    const Outcome resumed = shop.run("cuatro train --resume part --quiet");
    INFO(resumed.err);
    REQUIRE(resumed.code == 0);
    CHECK(digest(shop, "part") == digest(shop, "whole"));
    shop.run("rm -rf part whole");
  }
}

TEST_CASE("generate continues a prompt, the same for the same seed") {
  const Shop shop;
  write_text(shop);
  REQUIRE(shop.run(fmt::format("cuatro train {} --engine golden --epochs 1 --run-dir t", kTransformer)).code == 0);
  CHECK(shop.summary("t").at("bits_per_character").get<double>() > 0);
  const auto text = [&](const std::string& flags) {
    const Outcome o = shop.run("cuatro generate t --prompt 'to be' --count 30 " + flags);
    INFO(o.err);
    REQUIRE(o.code == 0);
    return o.out;
  };
  const std::string one = text("--seed 1");
  CHECK(one.starts_with("to be"));
  CHECK(one.size() == 5 + 30 + 1);
  CHECK(one == text("--seed 1"));
  CHECK(one != text("--seed 2"));
  CHECK(text("--temperature 0 --seed 1") == text("--temperature 0 --seed 2"));
  const Outcome bad = shop.run("cuatro generate t --prompt 'XYZ'");
  CHECK(bad.code == 1);
  CHECK(bad.err == "cuatro: --prompt: 'X' is no character of the training text\n");
  // The first of its three bytes in UTF-8.
  CHECK(shop.run("cuatro generate t --prompt '€'").err == "cuatro: --prompt: byte 0xe2 is no character of the training text\n");
  CHECK(shop.run("cuatro predict t a.png").err.find("use `cuatro generate`") != std::string::npos);
}

TEST_CASE("predict names the class of a picture, on the integer perceptron and on lenet") {
  const Shop shop(16);
  std::vector<std::uint8_t> pixels(64);
  for (std::size_t i = 0; i < 64; ++i) pixels[i] = static_cast<std::uint8_t>(i);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = image.height = 8;
  image.format = PNG_FORMAT_GRAY;
  REQUIRE(png_image_write_to_file(&image, (shop.dir / "a.png").c_str(), 0, pixels.data(), 0, nullptr) != 0);
  for (const std::string flags : {"--model mlp --data mnist --batch 8 --quiet", kLenet}) {
    REQUIRE(shop.run(fmt::format("cuatro train {} --engine golden --steps 3 --run-dir p", flags)).code == 0);
    const Outcome o = shop.run("cuatro predict p a.png");
    INFO(o.err);
    REQUIRE(o.code == 0);
    CHECK(o.out.starts_with("a.png:  "));
    CHECK(std::count(o.out.begin(), o.out.end(), '%') == 3);
    CHECK(shop.run("cuatro predict p none.png").code == 1);
    CHECK(shop.run("cuatro generate p").err.find("needs a transformer") != std::string::npos);
    shop.run("rm -rf p");
  }
  CHECK(shop.run("cuatro predict nowhere a.png").err == "cuatro: nowhere/config.toml: no such file; is it a run folder?\n");
}

TEST_CASE("predict names the digit of a sound, and every file that is none is one line with its name") {
  const Shop shop;
  write_recordings(shop.dir / "data" / "fsdd");
  REQUIRE(shop.run("cuatro train --model lstm --data fsdd --width 8 --batch 8 --steps 2 --val --engine golden --quiet --run-dir p")
              .code == 0);
  const std::string wav = (shop.dir / "data/fsdd/recordings/7_theo_3.wav").string();
  const Outcome o = shop.run("cuatro predict p " + wav);
  INFO(o.err);
  REQUIRE(o.code == 0);
  CHECK(o.out.starts_with(wav + ":  "));
  CHECK(std::count(o.out.begin(), o.out.end(), '%') == 3);
  shop.run("head -c 300 " + wav + " > cut.wav; : > empty.wav; echo text > text.wav; mkdir folder.wav");
  const auto error = [&](const std::string& file) {
    const Outcome bad = shop.run("cuatro predict p " + file);
    CHECK(bad.code == 1);
    return bad.err;
  };
  CHECK(error("cut.wav") == "cuatro: cut.wav: truncated: 300 bytes, its header says 764\n");
  CHECK(error("none.wav") == "cuatro: none.wav: no such file\n");
  CHECK(error("folder.wav") == "cuatro: folder.wav: not a file\n");
  for (const std::string file : {"empty.wav", "text.wav"}) {
    const std::string said = error(file);
    CHECK(said.starts_with("cuatro: " + file + ": not a sound file that can be read, such as WAV ("));
    CHECK(std::count(said.begin(), said.end(), '\n') == 1);
  }
}

TEST_CASE("a net and data that do not belong together, and settings that do not fit, are one line") {
  const Shop shop;
  const auto error = [&](const std::string& flags) {
    const Outcome o = shop.run("cuatro train " + flags);
    CHECK(o.code != 0);
    CHECK(std::count(o.err.begin(), o.err.end(), '\n') == 1);
    return o.err;
  };
  CHECK(error("--model lenet --data fsdd").find("--model lenet: does not take --data fsdd") != std::string::npos);
  CHECK(error("--model alexnet").find("--model alexnet: unknown") != std::string::npos);
  CHECK(error("--model transformer --data tinyshakespeare").find("scripts/get-data tinyshakespeare") != std::string::npos);
  CHECK(error("--model lstm --data fsdd").find("scripts/get-data fsdd") != std::string::npos);
  CHECK(error("--model transformer --data tinyshakespeare --width 30").find("--heads 4") != std::string::npos);
  CHECK(error("--engine golden --data mnist --schedule linear").find("--model mlp") != std::string::npos);
  CHECK(error("--engine golden --data mnist --lr 0.3").find("power of two") != std::string::npos);
  CHECK(error("--engine golden --data mnist --model lenet --rescale up").find("rescale up") != std::string::npos);
}
