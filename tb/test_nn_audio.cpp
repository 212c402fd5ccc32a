// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "data/audio.h"
#include "data/log_mel.h"
#include "device/input_error.h"
#include "temp_folder.h"
#include "wav_file.h"

using namespace cuatro;
using namespace cuatro::nn;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::vector<std::int16_t> tone(double hz, std::uint32_t rate, std::size_t count, double peak = 20000) {
  std::vector<std::int16_t> samples(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double phase = 2 * std::numbers::pi * hz * static_cast<double>(i) / rate;
    samples[i] = static_cast<std::int16_t>(std::lround(peak * std::sin(phase)));
  }
  return samples;
}

std::uint32_t loudest_band(const float* frame) {
  return static_cast<std::uint32_t>(std::max_element(frame, frame + kMelBands) - frame);
}

std::uint32_t nearest_band(float hz) {
  std::uint32_t best = 0;
  for (std::uint32_t b = 1; b < kMelBands; ++b) {
    if (std::abs(mel_band_hz(b) - hz) < std::abs(mel_band_hz(best) - hz)) best = b;
  }
  return best;
}

}  // namespace

TEST_CASE("audio: the samples of a 16-bit file at the right rate are exact") {
  TempFolder dir;
  write_file(dir / "a.wav", wav_bytes({0, 1, -1, 32767, -32768, 12345}));
  const std::vector<float> samples = read_audio(dir / "a.wav", 8000);
  CHECK(samples == std::vector<float>{0.0F, 0x1p-15F, -0x1p-15F, 32767 * 0x1p-15F, -1.0F, 12345 * 0x1p-15F});
}

TEST_CASE("audio: channels are averaged") {
  TempFolder dir;
  write_file(dir / "stereo.wav", wav_bytes({100, 300, -50, -150, 0, 8}, 8000, 2));
  CHECK(read_audio(dir / "stereo.wav", 8000) == std::vector<float>{200 * 0x1p-15F, -100 * 0x1p-15F, 4 * 0x1p-15F});
}

TEST_CASE("audio: another rate is resampled and keeps its tone and its loudness") {
  TempFolder dir;
  for (const std::uint32_t rate : {16000U, 44100U, 4000U}) {
    write_file(dir / "tone.wav", wav_bytes(tone(1000, rate, rate), rate));
    const std::vector<float> samples = read_audio(dir / "tone.wav", 8000);
    INFO(rate);
    CHECK(samples.size() >= 7990);
    CHECK(samples.size() <= 8001);
    double error = 0;
    for (std::size_t i = 1000; i < 7000; ++i) {
      const double wanted = 20000 / 32768.0 * std::sin(2 * std::numbers::pi * static_cast<double>(i) / 8);
      error = std::max(error, std::abs(static_cast<double>(samples[i]) - wanted));
    }
    CHECK(error < 2e-3);
  }
  // What 8 kHz cannot hold goes instead of folding back.
  write_file(dir / "high.wav", wav_bytes(tone(6000, 16000, 16000), 16000));
  const std::vector<float> high = read_audio(dir / "high.wav", 8000);
  CHECK(std::abs(*std::max_element(high.begin() + 1000, high.end() - 1000)) < 1e-3F);
}

TEST_CASE("audio: every damage is one error that names the file") {
  TempFolder dir;
  const auto good = wav_bytes(tone(500, 8000, 1000));
  const auto error = [&](const char* name) { return message_of<InputError>([&] { read_audio(dir / name, 8000); }); };
  const auto check = [&](const char* name, const std::vector<std::uint8_t>& bytes, const char* said) {
    write_file(dir / name, bytes);
    const std::string text = error(name);
    INFO(text);
    CHECK(has(text, (dir / name).string() + ": "));
    CHECK(has(text, said));
    CHECK(text.find('\n') == std::string::npos);
  };
  write_file(dir / "good.wav", good);
  CHECK(error("good.wav").empty());  // the control

  for (const std::size_t keep : {std::size_t{2042}, std::size_t{1001}, std::size_t{50}, std::size_t{44}}) {
    check("cut.wav", {good.begin(), good.begin() + static_cast<std::ptrdiff_t>(keep)}, "truncated");
  }
  check("head.wav", {good.begin(), good.begin() + 7}, "not a sound file");
  const std::string_view text = "This is no sound.\n";
  check("text.wav", {text.begin(), text.end()}, "not a sound file");
  check("empty.wav", {}, "not a sound file");
  check("none.wav", wav_bytes({}), "no samples");
  check("long.wav", wav_bytes(std::vector<std::int16_t>(61 * 100), 100), "61 s long, at most 60 s");
  auto bytes = good;
  bytes[20] = 0x77;  // an encoding that nobody has
  check("coding.wav", bytes, "not a sound file");
  CHECK(has(error("absent.wav"), "no such file"));
  CHECK(has(message_of<InputError>([&] { read_audio(dir.path(), 8000); }), "not a file"));

  check("still.wav", wav_bytes(tone(500, 8000, 100), 0), "not a sound file");
  check("fast.wav", wav_bytes(tone(500, 8000, 100), 200'000), "200000 Hz, expected 1 to 192000");
  // A FLAC file that promises 8 channels for 59 s at 192 kHz, and has none of it: 340 MB.
  std::vector<std::uint8_t> flac{'f', 'L', 'a', 'C', 0x80, 0, 0, 34, 16, 0, 16, 0, 0, 0, 0, 0, 0, 0};
  const std::uint64_t said = std::uint64_t{192'000} << 44 | std::uint64_t{7} << 41 | std::uint64_t{15} << 36 | 59 * 192'000;
  for (int shift = 56; shift >= 0; shift -= 8) flac.push_back(static_cast<std::uint8_t>(said >> shift));
  flac.resize(flac.size() + 16);
  check("promise.flac", flac, "");

  // A pipe's header does not know its length.
  bytes = good;
  std::fill_n(bytes.begin() + 4, 4, std::uint8_t{0xff});
  std::fill_n(bytes.begin() + 40, 4, std::uint8_t{0xff});
  write_file(dir / "pipe.wav", bytes);
  CHECK(read_audio(dir / "pipe.wav", 8000) == read_audio(dir / "good.wav", 8000));
}

TEST_CASE("audio: float samples that are no numbers are refused") {
  TempFolder dir;
  auto bytes = wav_bytes({0, 0, 0, 0, 0, 0});
  bytes[20] = 3, bytes[28] = 0x00, bytes[29] = 0x7d, bytes[32] = 4, bytes[34] = 32;  // IEEE float, 4 bytes each
  write_file(dir / "float.wav", bytes);
  CHECK(read_audio(dir / "float.wav", 8000) == std::vector<float>(3));  // the control
  bytes[44 + 6] = 0xc0, bytes[44 + 7] = 0x7f;
  write_file(dir / "float.wav", bytes);
  CHECK(has(message_of<InputError>([&] { read_audio(dir / "float.wav", 8000); }), "sample 1 is not a number"));
  bytes[44 + 6] = 0x7f, bytes[44 + 7] = 0x7f;  // 3.4e38: its power would be infinite
  write_file(dir / "float.wav", bytes);
  CHECK(has(message_of<InputError>([&] { read_audio(dir / "float.wav", 8000); }), "full scale is 1"));
}

TEST_CASE("log-mel: the spectrum is the power of the Fourier sum") {
  std::array<double, kFftSize> x;
  std::uint32_t noise = 1;
  for (double& v : x) {
    noise = noise * 1664525 + 1013904223;
    v = static_cast<double>(noise >> 8) * 0x1p-24 - 0.5;
  }
  const std::array<double, kBins> power = power_spectrum(x);
  for (std::uint32_t k = 0; k < kBins; ++k) {
    double re = 0, im = 0;
    for (std::uint32_t n = 0; n < kFftSize; ++n) {
      const double angle = -2 * std::numbers::pi * (k * n % kFftSize) / kFftSize;
      re += x[n] * std::cos(angle);
      im += x[n] * std::sin(angle);
    }
    INFO(k);
    CHECK(std::abs(power[k] - (re * re + im * im)) < 1e-11);
  }
}

TEST_CASE("log-mel: a tone is loudest in the band whose middle is nearest") {
  for (const float hz : {150.0F, 300.0F, 440.0F, 1000.0F, 1800.0F, 2500.0F, 3600.0F}) {
    std::vector<float> samples;
    for (const std::int16_t s : tone(static_cast<double>(hz), kSampleRate, 2000)) samples.push_back(s * 0x1p-15F);
    const std::vector<float> frames = log_mel(samples);
    REQUIRE(frames.size() == std::size_t{frame_count(2000)} * kMelBands);
    for (std::size_t i = 0; i < frames.size(); i += kMelBands) {
      INFO(hz << " Hz, frame " << i / kMelBands);
      const auto found = static_cast<int>(loudest_band(&frames[i])), wanted = static_cast<int>(nearest_band(hz));
      // Low bands are as narrow as a bin: there the window's width decides between neighbours.
      CHECK(std::abs(found - wanted) <= (hz < 500.0F ? 1 : 0));
    }
  }
}

TEST_CASE("log-mel: bands follow the mel scale") {
  const auto mel = [](double hz) { return 1127 * std::log(1 + hz / 700); };
  for (std::uint32_t b = 0; b < kMelBands; ++b) {
    const double wanted = mel(4000) * (b + 1) / (kMelBands + 1);
    CHECK(mel(static_cast<double>(mel_band_hz(b))) == Approx(wanted).epsilon(1e-5));
  }
}

TEST_CASE("log-mel: silence is flat at the floor, and a frame is 25 ms every 10 ms") {
  const std::vector<float> frames = log_mel(std::vector<float>(1000));
  CHECK(frames.size() == 11 * kMelBands);  // (1000 - 200) / 80 + 1
  for (const float v : frames) CHECK(v == Approx(std::log(1e-7)).epsilon(1e-6));
  CHECK(frame_count(200) == 1);
  CHECK(frame_count(279) == 1);
  CHECK(frame_count(280) == 2);
  // Shorter than a frame, and a sound in the second frame alone.
  CHECK(log_mel(std::vector<float>(1, 0.5F)).size() == kMelBands);
  std::vector<float> late(280);
  late[279 - 10] = 1.0F;
  const std::vector<float> two = log_mel(late);
  CHECK(*std::max_element(two.begin(), two.begin() + kMelBands) < -16.0F);
  CHECK(*std::min_element(two.begin() + kMelBands, two.end()) > -16.0F);
}
