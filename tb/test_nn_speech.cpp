// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numbers>
#include <set>

#include "data/feature_cache.h"
#include "data/log_mel.h"
#include "device/input_error.h"
#include "fsdd_files.h"
#include "nn/safetensors.h"
#include "nn/sha256.h"
#include "temp_folder.h"
#include "wav_file.h"

using namespace cuatro;
using namespace cuatro::nn;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Speech spoken(const std::vector<std::size_t>& lengths) {
  Speech speech;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    speech.add(sound(lengths[i], 300.0F + 200.0F * static_cast<float>(i)), static_cast<std::uint8_t>(i % 10));
  }
  return speech;
}

class Environment {  // CUATRO_DATA and the working folder, put back at the end
 public:
  explicit Environment(const std::filesystem::path& folder) : folder_(std::filesystem::current_path()) {
    const char* before = std::getenv("CUATRO_DATA");
    had_ = before != nullptr;
    if (had_) saved_ = before;
    ::setenv("CUATRO_DATA", folder.c_str(), 1);
    std::filesystem::current_path(folder);
  }
  ~Environment() {
    std::filesystem::current_path(folder_);
    had_ ? ::setenv("CUATRO_DATA", saved_.c_str(), 1) : ::unsetenv("CUATRO_DATA");
  }

 private:
  std::filesystem::path folder_;
  std::string saved_;
  bool had_;
};

}  // namespace

TEST_CASE("speech: an utterance has mean 0 and variance 1, whatever its loudness") {
  std::vector<float> loud = sound(3000, 500, 0.4F);
  std::uint32_t noise = 7;
  for (float& v : loud) {  // without noise the quiet bands would be those of the floor, which does not scale
    noise = noise * 1664525 + 1013904223;
    v += static_cast<float>(noise >> 8) * 0x1p-26F - 0x1p-3F;
  }
  std::vector<float> quiet = loud;
  for (float& v : quiet) v *= 0.25F;
  Speech speech;
  speech.add(loud, 1);
  speech.add(quiet, 1);
  REQUIRE(speech.count() == 2);
  const std::size_t size = speech.codes.size() / 2;
  CHECK(size == std::size_t{frame_count(3000)} * kMelBands);
  double sum = 0, squares = 0;
  int most = 0;
  for (std::size_t i = 0; i < size; ++i) {
    sum += speech.codes[i] / 32.0;
    squares += speech.codes[i] / 32.0 * (speech.codes[i] / 32.0);
    most = std::max(most, std::abs(speech.codes[i] - speech.codes[size + i]));
  }
  CHECK(std::abs(sum / static_cast<double>(size)) < 0.02);
  CHECK(squares / static_cast<double>(size) == Approx(1.0).epsilon(0.02));
  CHECK(most <= 1);

  speech.add(std::vector<float>(800), 0);  // silence: no noise made up
  for (std::size_t i = 2 * size; i < speech.codes.size(); ++i) CHECK(speech.codes[i] == 0);
}

TEST_CASE("speech: features are the same integers on every machine") {
  std::vector<float> samples(4000);
  std::uint32_t noise = 1;
  for (std::size_t i = 0; i < samples.size(); ++i) {  // noise that swells: all bands, many levels
    noise = noise * 1664525 + 1013904223;
    samples[i] = (static_cast<float>(noise >> 8) * 0x1p-24F - 0.5F) * static_cast<float>(i * i % 4096) * 0x1p-12F;
  }
  Speech speech;
  speech.add(samples, 0);
  Sha256 digest;
  digest.update({reinterpret_cast<const std::uint8_t*>(speech.codes.data()), speech.codes.size()});
  CHECK(digest.finish() == "bf1a7f0bb584417242965847876d98d8e619e010885d91f35a4213315891eda5");
}

TEST_CASE("speech: an example stands in the middle of its frames, and a long one loses its ends") {
  const Speech speech = spoken({1000, 8000, 200 + 63 * 80});  // 11, 98 and 64 frames
  REQUIRE(speech.frames(0) == 11);
  REQUIRE(speech.frames(1) == 98);
  REQUIRE(speech.frames(2) == 64);
  const std::uint32_t which[] = {1, 0, 2};
  const Batch batch = speech_batch(speech, which);
  CHECK(batch.x.shape == Array::Shape{3, kSpeechFrames, kMelBands});
  CHECK(batch.labels == std::vector<std::uint8_t>{1, 0, 2});
  for (std::uint32_t t = 0; t < kSpeechFrames; ++t) {
    for (std::uint32_t b = 0; b < kMelBands; ++b) {
      const auto at = [&](std::uint32_t n) { return batch.x.data[(n * kSpeechFrames + t) * kMelBands + b]; };
      const auto code = [&](std::uint32_t u, std::uint32_t frame) {
        return static_cast<float>(speech.codes[(speech.first[u] + frame) * kMelBands + b]) / 32.0F;
      };
      CHECK(at(0) == code(1, t + 17));                                           // (98 - 64) / 2
      CHECK(at(1) == (t >= 26 && t < 37 ? code(0, t - 26) : 0.0F));              // (64 - 11) / 2
      CHECK(at(2) == code(2, t));
    }
  }
}

TEST_CASE("speech: jitter depends on its key and the utterance only, moves it and silences stretches") {
  const Speech speech = spoken({1000, 2000, 3000, 8000});
  const std::uint32_t all[] = {0, 1, 2, 3}, some[] = {2};
  const SpeechJitter jitter{.key = 5, .mask_frames = 8, .mask_bands = 6}, other{.key = 6};
  const Batch batch = speech_batch(speech, all, jitter);
  CHECK(batch.x.data == speech_batch(speech, all, jitter).x.data);
  CHECK(batch.x.data != speech_batch(speech, all, other).x.data);
  CHECK(batch.x.data != speech_batch(speech, all).x.data);
  const Batch alone = speech_batch(speech, some, jitter);
  CHECK(std::equal(alone.x.data.begin(), alone.x.data.end(), batch.x.data.begin() + 2 * kSpeechFrames * kMelBands));

  // Without masks an utterance is all there, at places that use the whole room.
  std::set<std::uint32_t> places;
  for (std::uint64_t key = 0; key < 400; ++key) {
    const std::uint32_t first[] = {0};
    const Batch moved = speech_batch(speech, first, SpeechJitter{key, 0, 0});
    const auto begin = std::find_if(moved.x.data.begin(), moved.x.data.end(), [](float v) { return v != 0.0F; });
    const auto place = static_cast<std::uint32_t>((begin - moved.x.data.begin()) / kMelBands);
    REQUIRE(place + 11 <= kSpeechFrames);
    bool same = true;
    for (std::uint32_t i = 0; i < 11 * kMelBands; ++i) {
      same = same && moved.x.data[place * kMelBands + i] == static_cast<float>(speech.codes[i]) / 32.0F;
    }
    CHECK(same);
    places.insert(place);
  }
  CHECK(*places.begin() == 0);
  CHECK(*places.rbegin() == kSpeechFrames - 11);
  CHECK(places.size() > 50);

  // Masked frames and bands: no more than asked for, the longest and none at all among them.
  std::set<std::uint32_t> bands;
  for (std::uint64_t key = 0; key < 200; ++key) {
    const std::uint32_t last[] = {3};
    const Batch masked = speech_batch(speech, last, SpeechJitter{key, 0, 6});
    std::uint32_t silent = 0;
    for (std::uint32_t b = 0; b < kMelBands; ++b) {
      bool zero = true;
      for (std::uint32_t t = 0; t < kSpeechFrames; ++t) zero = zero && masked.x.data[t * kMelBands + b] == 0.0F;
      silent += zero;
    }
    bands.insert(silent);
  }
  CHECK(bands == std::set<std::uint32_t>{0, 1, 2, 3, 4, 5, 6});
}

TEST_CASE("speech: one file is a batch of one") {
  TempFolder dir;
  std::vector<std::int16_t> samples;
  Speech speech;
  std::vector<float> exact;
  for (const float v : sound(2500, 700)) {
    samples.push_back(static_cast<std::int16_t>(v * 32767));
    exact.push_back(static_cast<float>(samples.back()) * 0x1p-15F);
  }
  speech.add(exact, 0);
  write_file(dir / "word.wav", wav_bytes(samples));
  const Batch batch = speech_batch(dir / "word.wav");
  const std::uint32_t only[] = {0};
  CHECK(batch.x.shape == Array::Shape{1, kSpeechFrames, kMelBands});
  CHECK(batch.x.data == speech_batch(speech, only).x.data);
  CHECK(batch.labels.empty());
}

TEST_CASE("FSDD: 2700 recordings train and 300 test, none in both, digits and speakers balanced") {
  const std::vector<std::string> train = fsdd_names(Part::train), test = fsdd_names(Part::test);
  CHECK(train.size() == kFsddTrain);
  CHECK(test.size() == kFsddTest);
  std::set<std::string> all(train.begin(), train.end());
  all.insert(test.begin(), test.end());
  CHECK(all.size() == 3000);
  for (const std::string& name : test) CHECK(name.substr(name.rfind('_') + 1) < "5");
  std::set<std::string> held(train.end() - kFsddValidation, train.end());
  for (int digit = 0; digit < 10; ++digit) {
    for (int index = 45; index < 50; ++index) {
      CHECK(held.count(std::to_string(digit) + "_jackson_" + std::to_string(index) + ".wav") == 1);
    }
  }
  CHECK(held.size() == 300);
}

TEST_CASE("FSDD: parts load from the folder that CUATRO_DATA names; a missing or broken file is named") {
  TempFolder dir;
  const Environment environment(dir.path());
  const auto error = [](auto f) { return message_of<InputError>(f); };
  CHECK(has(error([] { (void)find_fsdd(); }), "scripts/get-data fsdd"));
  write_recordings(dir / "fsdd");
  REQUIRE(find_fsdd() == dir / "fsdd");
  const Speech train = load_fsdd(find_fsdd(), Part::train), test = load_fsdd(find_fsdd(), Part::test);
  CHECK(train.count() == kFsddTrain);
  REQUIRE(test.count() == kFsddTest);
  const auto names = fsdd_names(Part::test);
  for (std::uint32_t i = 0; i < test.count(); ++i) {
    CHECK(test.labels[i] == names[i][0] - '0');
    // Equal digits are equal sounds here, others are not.
    const auto codes = [&](std::uint32_t u) {
      const std::int8_t* begin = &test.codes[test.first[u] * kMelBands];
      return std::vector<std::int8_t>(begin, begin + test.frames(u) * kMelBands);
    };
    CHECK((codes(i) == codes(0)) == (test.labels[i] == 0));
  }

  const auto load = [&] { load_fsdd(dir / "fsdd", Part::test); };
  const auto victim = dir / "fsdd/recordings/7_nicolas_3.wav";
  std::filesystem::resize_file(victim, 300);
  CHECK(has(error(load), "7_nicolas_3.wav: truncated"));
  std::filesystem::remove(victim);
  CHECK(has(error(load), "7_nicolas_3.wav: no such file"));
}

TEST_CASE("features are computed once for the same files; another or a broken cache is made anew, none is no error") {
  TempFolder dir;
  std::vector<std::filesystem::path> sounds{dir / "0.wav", dir / "1.wav", dir / "2.wav"};
  for (const auto& sound : sounds) write_file(sound, {1, 2, static_cast<std::uint8_t>(sound.stem().string()[0])});
  int computed = 0;
  std::size_t length = 1000;
  const auto compute = [&] {
    ++computed;
    Speech speech = spoken({300, length, 1100});
    speech.labels = {7, 8, 9};
    return speech;
  };
  const auto same = [](const Speech& a, const Speech& b) {
    return a.codes == b.codes && a.first == b.first && a.labels == b.labels;
  };
  const auto cache = dir / "cache";
  const Speech first = cached_features(cache, sounds, compute);
  REQUIRE(computed == 1);
  CHECK(same(cached_features(cache, sounds, compute), first));
  CHECK(computed == 1);
  length = 2000;
  write_file(sounds[1], {1, 3, '1'});  // of the same length
  const Speech second = cached_features(cache, sounds, compute);
  CHECK(computed == 2);
  CHECK_FALSE(same(first, second));
  CHECK(same(cached_features(cache, sounds, compute), second));
  CHECK(computed == 2);
  std::filesystem::rename(sounds[2], dir / "3.wav");  // a name says what was said
  sounds[2] = dir / "3.wav";
  (void)cached_features(cache, sounds, compute);
  CHECK(computed == 3);

  std::vector<std::uint8_t> bytes = read_file(cache);
  bytes.back() ^= 1;
  write_file(cache, bytes);
  CHECK(same(cached_features(cache, sounds, compute), second));
  CHECK(computed == 4);
  CHECK(same(cached_features(cache, sounds, compute), second));
  CHECK(computed == 4);

  CHECK(same(cached_features(dir / "no/such/folder", sounds, compute), second));
  CHECK(same(cached_features({}, sounds, compute), second));
  CHECK(computed == 6);

  // Whole files that say what cannot be: ends of utterances out of order, 171 GB of frames, no such class.
  const SafeTensors kept = load_safetensors(cache);
  const auto damaged = [&](const char* name, std::size_t byte, std::uint8_t value) {
    SafeTensors file = kept;
    for (SafeTensor& t : file.tensors) {
      if (t.name == name) t.bytes.at(byte) = value;
    }
    save_safetensors(cache, file);
  };
  damaged("first", 0, 0);  // the control
  CHECK(same(cached_features(cache, sounds, compute), second));
  CHECK(computed == 6);
  int broken = 0;
  for (const auto& [name, byte, value] : {std::tuple{"first", 0, 1}, std::tuple{"first", 7, 255}, std::tuple{"first", 15, 255}, std::tuple{"labels", 1, 10}}) {
    damaged(name, static_cast<std::size_t>(byte), static_cast<std::uint8_t>(value));
    CHECK(same(cached_features(cache, sounds, compute), second));
    CHECK(computed == 6 + ++broken);
  }
  computed = 6;
  sounds[0] = dir / "gone.wav";
  (void)cached_features(cache, sounds, compute);  // whose error names the file
  CHECK(computed == 7);
}

TEST_CASE("FSDD: get-data takes the data set's recordings only, and leaves nothing behind when it fails") {
  const char* root = std::getenv("CUATRO_ROOT");
  if (root == nullptr) {
    WARN("skipped: set CUATRO_ROOT to the source folder");
    return;
  }
  TempFolder dir;
  std::filesystem::create_directories(dir / "scripts");
  std::filesystem::copy_file(std::filesystem::path(root) / "scripts/get-data", dir / "scripts/get-data");
  const auto run = [&](const std::string& arguments) {
    const std::string command = "CUATRO_DATA= " + (dir / "scripts/get-data").string() + " fsdd " + arguments + " 2>" +
                                (dir / "said").string() + " >/dev/null";
    const int code = std::system(command.c_str());
    const auto said = read_file(dir / "said");
    return std::to_string(code == 0) + std::string(said.begin(), said.end());
  };
  const std::string folder = (dir / "mine").string();
  CHECK(has(run(folder), "0get-data: no such folder or archive: " + folder));
  write_file(dir / "mine.tar", {1, 2, 3});
  CHECK(has(run(folder + ".tar"), "0get-data: " + folder + ".tar cannot be unpacked"));
  std::filesystem::create_directories(dir / "mine");
  CHECK(has(run(folder), "has no folder recordings"));
  write_recordings(dir / "mine");
  CHECK(has(run(folder), "is not the data set's 3000 recordings"));  // the names are right, the sounds are not
  std::filesystem::remove(dir / "mine/recordings/0_theo_0.wav");
  CHECK(has(run(folder), "has 2999 recordings, expected 3000"));
  CHECK(has(run("a b"), "usage"));
  CHECK(std::filesystem::is_empty(dir / "build/data"));
}
