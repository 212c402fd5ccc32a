// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Rows=8 Cols=8 Lanes=4 DrainWidth=4 OperandDepth=64 ResultDepth=128; Rows=8 Cols=16 Lanes=8 DrainWidth=16 OperandDepth=64 ResultDepth=128; Rows=4 Cols=4 Lanes=4 DrainWidth=4 OperandDepth=65536 ResultDepth=65536; Rows=16 Cols=16 Lanes=16 DrainWidth=32 OperandDepth=2048 ResultDepth=2048
//
// The core at its pins, below the driver: descriptors, beats and responses. Images, addresses and
// expected words come from plain loops over rtl/README.md and sw/golden.
#include DUT_HEADER

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catch.h"
#include "command_model.h"
#include "descriptor_rules.h"
#include "golden/codes.h"
#include "harness.h"
#include "sim/verilated_core.h"

using namespace cuatro;
using namespace cuatro::tb;

namespace {

const CoreShape shape{DUT_ROWS, DUT_COLS, DUT_LANES, DUT_DRAINWIDTH, DUT_OPERANDDEPTH, DUT_RESULTDEPTH};
constexpr unsigned kEdge = DUT_LANES, kBlock = DUT_LANES * DUT_LANES;
constexpr unsigned kWordBytes = std::max(kBlock / 2, 4u * DUT_DRAINWIDTH);
constexpr unsigned kResponses = 8;  // answers the core can keep
constexpr bool kDeep = DUT_RESULTDEPTH == 65536;
constexpr unsigned kHang = kDeep ? 300000 : 20000;  // no command here takes as many cycles
const unsigned kJobs = repetitions(kDeep ? 100 : DUT_LANES >= 16 ? 600 : 3000);

// One command with all that must be loaded before it, and all that it must leave.
struct Job {
  struct Beat {
    sim::Space space = sim::Space::a;
    bool transpose = false;
    std::uint8_t sub = 0;
    std::uint16_t addr = 0;
    Bytes data;
  };
  Descriptor d;
  std::vector<Beat> beats;  // in any order
  sim::Response want;
  std::map<std::uint16_t, Bytes> words;  // R
  std::uint64_t steps = 0;               // cycles of the array
  bool issued = false, answered = false;
  std::vector<std::uint16_t> stores;  // R words still to be read
};

// ---- the pace of the four ports, in percent of the cycles

struct Pace {
  unsigned cmd = 100, rsp = 100, load = 100, store = 100;
  unsigned noise = 0;     // beats that belong to no command
  bool in_order = false;  // commands in the order in which they were submitted
  bool hold = false;      // no command at all
};

class Bench {
 public:
  explicit Bench(const std::string& stream) : random(stream), core_(shape) { forget(); }

  Random random;
  Pace pace;
  std::vector<std::uint16_t> order;  // tags in the order of their responses
  std::uint64_t cycles = 0, loads = 0, stores = 0, busy = 0, steps = 0;

  // ---- commands

  // A legal command with random data, its images in free words of the scratchpads; nothing when
  // they have no room at the moment. `fixed` sets what the caller wants to choose.
  std::optional<Job> legal(unsigned op, unsigned most) {
    return place(random_legal(random, shape, op, most));
  }
  std::optional<Job> place(Descriptor d) {
    Job job;
    d.tag = next_tag();
    job.want.tag = d.tag;
    if (d.op != kNop) {
      const Needs n = needs(d, shape);
      const std::array<std::pair<Field, std::uint64_t>, 8> images{{{kABase, n.a},
                                                                   {kBBase, n.b},
                                                                   {kB2Base, n.b2},
                                                                   {kCBase, n.c},
                                                                   {kMaskInBase, n.mask_in},
                                                                   {kRBase, n.r},
                                                                   {kR2Base, n.r2},
                                                                   {kMaskOutBase, n.mask_out}}};
      auto used = used_;
      for (const auto& [field, words] : images) {
        if (words != 0 && !allocate(used[pad_of(field)], words, d.*base_of(field))) return {};
      }
      used_ = used;
      for (const auto& [field, words] : images) {
        for (std::uint64_t i = 0; pad_of(field) == kPadR && i < words; ++i) {
          mirror_.erase(static_cast<std::uint16_t>(d.*base_of(field) + i));
        }
      }
      job.d = d;
      fill(job);
    }
    job.d = d;
    return job;
  }
  // A command whose `field` alone is illegal.
  std::optional<Job> illegal(Field field) {
    for (int attempt = 0; attempt < 1000; ++attempt) {
      const Descriptor good =
          random_legal(random, shape, 1 + static_cast<unsigned>(random.below(2)), 3 * kEdge);
      Job job;
      job.d = good;
      if (!spoil(random, job.d, good, field, shape, random.chance(50))) continue;
      job.d.tag = next_tag();
      job.want.tag = job.d.tag;
      job.want.field = static_cast<std::uint8_t>(field);
      return job;
    }
    return {};
  }
  void submit(Job job) { jobs_.push_back(std::move(job)); }
  std::size_t alive() const { return jobs_.size(); }
  bool loaded() const {
    return std::all_of(jobs_.begin(), jobs_.end(), [](const Job& job) { return job.beats.empty(); });
  }

  // ---- time

  void cycle() {
    const bool was_full = pending_ == kResponses;
    core_.in.rsp_ready = random.chance(pace.rsp);
    if (core_.rsp_valid()) {
      const sim::Response response = core_.response();
      if (held_ && !same(response, *held_)) FAIL("a response changed before it was taken");
      held_ = response;
      if (core_.in.rsp_ready) {
        answer(response);
        held_.reset();
      }
    } else if (held_) {
      FAIL("a response went away before it was taken");
    }
    busy += pending_before_ != 0 ? 1 : 0;

    drive_load();
    const bool command = drive_command();
    const std::optional<std::uint16_t> store = drive_store();
    if (command && was_full) FAIL("a command was taken without a place for its response");
    core_.tick();
    pending_before_ = pending_;

    if (core_.store_data_valid() != store.has_value()) FAIL("store data valid in the wrong cycle");
    if (store) check_word(*store);
    ++cycles;
    if (++idle_ > kHang) FAIL("no progress: " << jobs_.size() << " commands left");
  }
  void drain() {
    while (!jobs_.empty()) cycle();
  }
  // Everything was answered, and what R holds is what the commands wrote.
  void finish() {
    pace = {};
    for (int i = 0; i < 100; ++i) cycle();
    CHECK(core_.cmd_ready());
    CHECK(core_.rsp_valid() == false);
    for (const auto& [addr, word] : mirror_) checks_.push_back(addr);
    while (!checks_.empty()) cycle();
    cycle();                                             // counters are one behind
    const auto perf = core_.perf();
    CHECK(perf.busy == busy);
    CHECK(perf.load == loads);
    CHECK(perf.store == stores);
    CHECK(perf.mac == steps);
  }
  void reset() {
    core_.reset();
    forget();
  }
  std::uint64_t drain_stalls() const { return core_.perf().drain_stall; }
  unsigned pending() const { return pending_; }  // commands taken and not answered
  bool cmd_ready() const { return core_.cmd_ready(); }
  bool rsp_valid() const { return core_.rsp_valid(); }

 private:
  enum Pad { kPadA, kPadB, kPadC, kPadR, kPads };
  static Pad pad_of(Field field) {
    switch (field) {
      case kABase:
        return kPadA;
      case kBBase:
      case kB2Base:
        return kPadB;
      case kCBase:
      case kMaskInBase:
        return kPadC;
      default:
        return kPadR;
    }
  }

  void forget() {
    jobs_.clear();
    mirror_.clear();
    checks_.clear();
    order.clear();
    held_.reset();
    offered_.reset();
    for (unsigned pad = 0; pad < kPads; ++pad) {
      used_[pad].assign(pad <= kPadB ? DUT_OPERANDDEPTH : DUT_RESULTDEPTH, 0);
    }
    cycles = loads = stores = busy = steps = 0;
    pending_ = pending_before_ = idle_ = 0;
  }
  std::uint16_t next_tag() { return static_cast<std::uint16_t>(40503u * ++sequence_); }  // odd: all differ

  // `words` free words from a random place on.
  bool allocate(std::vector<char>& used, std::uint64_t words, std::uint16_t& base) {
    std::vector<std::uint16_t> places;
    std::uint64_t run = 0;
    for (std::size_t i = 0; i < used.size(); ++i) {
      run = used[i] != 0 ? 0 : run + 1;
      if (run >= words) places.push_back(static_cast<std::uint16_t>(i + 1 - words));
    }
    if (places.empty()) return false;
    base = random.chance(30) ? places.back() : places[random.below(places.size())];
    std::fill_n(used.begin() + base, words, 1);
    return true;
  }
  void release(Pad pad, std::uint16_t base, std::uint64_t words) {
    std::fill_n(used_[pad].begin() + base, words, 0);
  }

  // ---- data of a command, its images and its result

  // Codes of a rows × cols operand whose rows are results and whose columns are K; elements beyond
  // the matrix are garbage, and so are blocks that no result needs.
  std::vector<std::uint8_t> operand(Job& job, sim::Space space, unsigned rows, unsigned base) {
    const unsigned k = job.d.k, k_words = (k + kEdge - 1) / kEdge;
    const unsigned tile = (space == sim::Space::a ? DUT_ROWS : DUT_COLS) / kEdge;
    std::vector<std::uint8_t> codes(std::size_t{rows} * k);
    for (auto& code : codes) code = static_cast<std::uint8_t>(random.bits(4));
    for (unsigned block = 0; block < (rows + kEdge - 1) / kEdge; ++block) {
      for (unsigned kb = 0; kb < k_words; ++kb) {
        Job::Beat beat{space, random.chance(50), static_cast<std::uint8_t>(block % tile),
                       static_cast<std::uint16_t>(base + block / tile * k_words + kb),
                       random_bytes(random, kWordBytes)};
        for (unsigned i = 0; i < kEdge; ++i) {
          for (unsigned j = 0; j < kEdge; ++j) {
            const unsigned row = block * kEdge + i, col = kb * kEdge + j;
            if (row >= rows || col >= k) continue;
            put(beat.data, 4 * (beat.transpose ? j * kEdge + i : i * kEdge + j), 4, codes[row * k + col]);
          }
        }
        job.beats.push_back(std::move(beat));
      }
    }
    return codes;
  }
  void load_c(Job& job, unsigned base, const Bytes& image) {
    for (std::size_t at = 0; at < image.size(); at += kWordBytes) {
      const auto from = image.begin() + static_cast<std::ptrdiff_t>(at);
      job.beats.push_back({sim::Space::c, random.chance(50), static_cast<std::uint8_t>(random.bits(8)),
                           static_cast<std::uint16_t>(base + at / kWordBytes),
                           Bytes(from, from + kWordBytes)});
    }
  }

  void fill(Job& job) {
    const Descriptor& d = job.d;
    const bool gemm = d.op == kGemm;
    const unsigned rows = stored_rows(d), cols = stored_cols(d);
    const Needs n = needs(d, shape);
    std::vector<std::uint32_t> x(std::size_t{rows} * cols);  // words of S
    std::vector<std::uint32_t> state(x.size());              // of an update
    const bool update = d.out_format == kUpdate;

    if (gemm) {
      const auto a = operand(job, sim::Space::a, d.m, d.a_base),
                 b = operand(job, sim::Space::b, d.n, d.b_base);
      const auto b2 = d.two_terms ? operand(job, sim::Space::b, d.n, d.b2_base) : std::vector<std::uint8_t>{};
      const auto sum = [&](const std::vector<std::uint8_t>& codes, unsigned i, unsigned j) {
        std::uint32_t total = 0;
        for (unsigned k = 0; k < d.k; ++k) {
          const int left = golden::decode_a(static_cast<AFormat>(d.a_format), d.zero_point, a[i * d.k + k]);
          const int right = golden::decode(static_cast<Format>(d.b_format), codes[j * d.k + k]);
          total += static_cast<std::uint32_t>(left * right);
        }
        return total;
      };
      for (unsigned i = 0; i < d.m; ++i) {
        for (unsigned j = 0; j < d.n; ++j) {
          std::uint32_t total = sum(b, i, j);
          if (d.two_terms) total = (total << d.term_shift) + sum(b2, i, j);
          x[d.transpose ? j * cols + i : i * cols + j] = total;
        }
      }
      job.steps = n.a / ceil_div(d.k, kEdge) * n.b * (d.two_terms ? 2 : 1);
    }

    // Addend or source.
    if (n.c != 0) {
      Bytes image = random_bytes(random, n.c * kWordBytes);
      if (gemm && d.addend == 1) {
        for (unsigned j = 0; j < d.n; ++j) {
          const auto word = static_cast<std::uint32_t>(random.word());
          put(image, std::size_t{j} * 32, 32, word);
          for (unsigned i = 0; i < d.m; ++i)
            x[d.transpose ? j * cols + i : i * cols + j] += word << d.addend_shift;
        }
      } else {
        const unsigned width = gemm ? 32 : 8u << d.source;
        for (unsigned row = 0; row < rows; ++row) {
          for (unsigned col = 0; col < cols; ++col) {
            auto word = update ? random_state(random) : static_cast<std::uint32_t>(random.word());
            if (width == 16) word = static_cast<std::uint32_t>(static_cast<std::int16_t>(word));
            if (width == 8) word &= 0xff;
            put(image, element(row, col, cols, kEdge) * width, width, word);
            if (update)
              state[row * cols + col] = word;
            else
              x[row * cols + col] += gemm ? word << d.addend_shift : word;
          }
        }
      }
      load_c(job, d.c_base, image);
    }
    std::vector<char> keep(x.size(), 1);
    if (d.mask_in) {
      Bytes image = random_bytes(random, n.mask_in * kWordBytes);
      for (unsigned row = 0; row < rows; ++row) {
        for (unsigned col = 0; col < cols; ++col) {
          const std::size_t e = element(row, col, cols, kEdge);
          keep[row * cols + col] = random.chance(50);
          put(image, e / kBlock * kWordBytes * 8 + e % kBlock, 1, keep[row * cols + col] != 0);
        }
      }
      load_c(job, d.mask_in_base, image);
    }

    Outcome result = outcome(d, shape, x, keep, state);
    job.want = result.response;
    job.words = std::move(result.words);
    for (std::size_t i = job.beats.size(); i > 1; --i)
      std::swap(job.beats[i - 1], job.beats[random.below(i)]);
  }

  // ---- the ports

  void drive_load() {
    core_.in.load_valid = false;
    Job* const job = pick([](const Job& j) { return !j.beats.empty(); });
    if (job != nullptr && random.chance(pace.load)) {
      beat_ = std::move(job->beats.back());
      job->beats.pop_back();
      idle_ = 0;
    } else if (random.chance(pace.noise)) {
      // Any word that belongs to no command.
      const auto pad = static_cast<Pad>(random.below(3));
      beat_ = {static_cast<sim::Space>(pad), random.chance(50),
               static_cast<std::uint8_t>(random.below(pad == kPadA ? DUT_ROWS / kEdge : DUT_COLS / kEdge)),
               static_cast<std::uint16_t>(random.below(used_[pad].size())), random_bytes(random, kWordBytes)};
      if (used_[pad][beat_.addr] != 0) return;
    } else {
      return;
    }
    core_.in.load_valid = true;
    core_.in.load_space = beat_.space;
    core_.in.load_transpose = beat_.transpose;
    core_.in.load_sub = beat_.sub;
    core_.in.load_addr = beat_.addr;
    core_.in.load_data = beat_.data.data();
    core_.in.load_bytes = kWordBytes;
    ++loads;
  }

  // True when the core takes a command at the coming edge. An offer stands until it is taken.
  bool drive_command() {
    core_.in.cmd_valid = false;
    if (!offered_ && !pace.hold && random.chance(pace.cmd)) {
      Job* job = pick([](const Job& j) { return !j.issued && j.beats.empty(); });
      if (pace.in_order) {
        const auto first = std::find_if(jobs_.begin(), jobs_.end(), [](const Job& j) { return !j.issued; });
        job = first != jobs_.end() && first->beats.empty() ? &*first : nullptr;
      }
      if (job != nullptr) {
        offered_ = job->d;
        job->issued = true;
      }
    }
    if (!offered_) return false;
    core_.in.cmd_valid = true;
    core_.in.cmd = offered_->bits();
    if (!core_.cmd_ready()) return false;
    offered_.reset();
    ++pending_;
    idle_ = 0;
    return true;
  }

  std::optional<std::uint16_t> drive_store() {
    core_.in.store_valid = false;
    std::optional<std::uint16_t> addr;
    Job* const job = pick([](const Job& j) { return j.answered; });
    if (job != nullptr && random.chance(pace.store)) {
      addr = job->stores.back();
      job->stores.pop_back();
      if (job->stores.empty()) finish_job(*job);
      idle_ = 0;
    } else if (!checks_.empty()) {
      addr = checks_.back();
      checks_.pop_back();
    } else if (random.chance(pace.noise)) {
      addr = static_cast<std::uint16_t>(random.below(DUT_RESULTDEPTH));
    }
    if (!addr) return addr;
    core_.in.store_valid = true;
    core_.in.store_addr = *addr;
    ++stores;
    return addr;
  }

  // A word that a command still works on may hold anything.
  void check_word(std::uint16_t addr) {
    const auto want = mirror_.find(addr);
    if (want == mirror_.end()) return;
    const Bytes got(core_.store_data(), core_.store_data() + kWordBytes);
    if (got == want->second) return;
    unsigned byte = 0;
    while (got[byte] == want->second[byte]) ++byte;
    INFO("cycle " << cycles << " R word " << addr << " byte " << byte << " " << last_words_[addr]);
    REQUIRE(+got[byte] == +want->second[byte]);
  }

  void answer(const sim::Response& response) {
    const auto job =
        std::find_if(jobs_.begin(), jobs_.end(), [&](const Job& j) { return j.d.tag == response.tag; });
    if (job == jobs_.end() || !job->issued || job->answered)
      FAIL("a response that nobody waits for, tag " << response.tag);
    order.push_back(response.tag);
    INFO(to_text(job->d));
    REQUIRE(to_text(static_cast<Field>(response.field)) == to_text(static_cast<Field>(job->want.field)));
    REQUIRE(response.absmax == job->want.absmax);
    REQUIRE(response.sumabs == job->want.sumabs);
    REQUIRE(response.saturated == job->want.saturated);
    --pending_;
    idle_ = 0;
    steps += job->steps;
    const Needs n = job->want.field == 0 ? needs(job->d, shape) : Needs{};
    if (job->d.op == kNop || job->want.field != 0) {
      jobs_.erase(job);
      return;
    }
    release(kPadA, job->d.a_base, n.a);
    release(kPadB, job->d.b_base, n.b);
    release(kPadB, job->d.b2_base, n.b2);
    release(kPadC, job->d.c_base, n.c);
    release(kPadC, job->d.mask_in_base, n.mask_in);
    for (auto& [addr, word] : job->words) {
      mirror_[addr] = word;
      last_words_[addr] = to_text(job->d);
      job->stores.push_back(addr);
    }
    job->answered = true;
  }
  void finish_job(Job& job) {
    const Needs n = needs(job.d, shape);
    release(kPadR, job.d.r_base, n.r);
    release(kPadR, job.d.r2_base, n.r2);
    release(kPadR, job.d.mask_out_base, n.mask_out);
    jobs_.erase(jobs_.begin() + (&job - jobs_.data()));
  }

  template <class F>
  Job* pick(F&& fits) {
    std::vector<Job*> found;
    for (Job& job : jobs_) {
      if (fits(job)) found.push_back(&job);
    }
    return found.empty() ? nullptr : found[random.below(found.size())];
  }
  static bool same(const sim::Response& x, const sim::Response& y) {
    return x.tag == y.tag && x.field == y.field && x.absmax == y.absmax && x.sumabs == y.sumabs &&
           x.saturated == y.saturated;
  }
  sim::VerilatedCore<DUT> core_;
  std::vector<Job> jobs_;
  std::array<std::vector<char>, kPads> used_;
  std::map<std::uint16_t, Bytes> mirror_;            // R, where it is known
  std::map<std::uint16_t, std::string> last_words_;  // and who wrote it
  std::vector<std::uint16_t> checks_;
  std::optional<sim::Response> held_;
  std::optional<Descriptor> offered_;
  Job::Beat beat_;
  unsigned pending_ = 0, pending_before_ = 0, idle_ = 0, sequence_ = 0;
};

unsigned random_size(Random& random) {
  return random.chance(70) ? 2 * kEdge + 2 : (DUT_LANES >= 16 ? 3 : 6) * kEdge;
}

// One command of any kind, if there is room for it.
std::optional<Job> any_job(Bench& bench, unsigned illegal_percent = 15) {
  if (bench.random.chance(illegal_percent))
    return bench.illegal(kFieldOrder[bench.random.below(kFieldOrder.size())]);
  const unsigned op = bench.random.chance(10) ? kNop : bench.random.chance(50) ? kGemm : kQuantize;
  return bench.legal(op, random_size(bench.random));
}

// `jobs` random commands, up to twelve in work.
void mix(Bench& bench, unsigned jobs) {
  while (jobs != 0 || bench.alive() != 0) {
    if (jobs != 0 && bench.alive() < 12) {
      if (auto job = any_job(bench)) {
        bench.submit(std::move(*job));
        --jobs;
      }
    }
    bench.cycle();
  }
}

// The commands follow each other at once: everything is loaded before the first one goes.
void back_to_back(Bench& bench) {
  bench.pace.hold = true;
  bench.pace.in_order = true;
  while (!bench.loaded()) bench.cycle();
  bench.pace.hold = false;
  bench.drain();
}

}  // namespace

TEST_CASE("cuatro_core: GEMM and quantize commands leave the contract's words, statistics and nothing else") {
  for (const unsigned op : {kGemm, kQuantize}) {
    Bench bench("exact");
    for (unsigned i = 0; i < kJobs / 2; ++i) {
      if (auto job = bench.legal(op, random_size(bench.random))) bench.submit(std::move(*job));
      bench.drain();
    }
    bench.finish();
  }
}

TEST_CASE("cuatro_core: tensors that fill the deepest scratchpads: every block, row and column, and the largest statistics") {
  if (!kDeep) return;
  Bench bench("deep");
  struct Size {
    unsigned m, n, source;
  };
  for (const Size& size : {Size{512, 500, 2}, Size{65535, 1, 0}, Size{1, 65535, 1}}) {
    Descriptor d = random_legal(bench.random, shape, kQuantize, kEdge);
    d.m = static_cast<std::uint16_t>(size.m);
    d.n = static_cast<std::uint16_t>(size.n);
    d.source = static_cast<std::uint8_t>(size.source);
    d.mask_in = d.mask_out = false;
    auto job = bench.place(d);
    REQUIRE(job);
    bench.submit(std::move(*job));
    bench.drain();
  }
  bench.finish();
}

TEST_CASE("cuatro_core: one response a command, whatever the ports' pace") {
  const Pace paces[] = {{},
                        {.cmd = 100, .rsp = 10, .load = 100, .store = 100},
                        {.cmd = 20, .rsp = 50, .load = 30, .store = 30},
                        {.cmd = 100, .rsp = 1, .load = 100, .store = 5},
                        {.cmd = 5, .rsp = 100, .load = 100, .store = 100}};
  for (const Pace& pace : paces) {
    Bench bench("pace");
    bench.pace = pace;
    mix(bench, kJobs);
    CHECK(bench.order.size() == kJobs);
    bench.finish();
  }
}

TEST_CASE("cuatro_core: an illegal command is answered with its field, the next command is exact") {
  Bench bench("illegal");
  unsigned tried = 0;
  for (const Field field : kFieldOrder) {
    for (int i = 0; i < 4; ++i) {
      auto wrong = bench.illegal(field);
      if (!wrong) continue;
      ++tried;
      // Legal, illegal, legal.
      const auto submit_legal = [&] {
        auto job = bench.legal(bench.random.chance(50) ? kGemm : kQuantize, 2 * kEdge + 1);
        REQUIRE(job);
        bench.submit(std::move(*job));
      };
      if (i % 2 != 0) submit_legal();
      bench.submit(std::move(*wrong));
      submit_legal();
      back_to_back(bench);
    }
  }
  CHECK(tried == 4 * kFieldOrder.size());
  bench.finish();
}

TEST_CASE("cuatro_core: commands run back to back and leave no state behind") {
  Bench bench("back to back");
  for (int round = 0; round < (DUT_LANES >= 16 ? 20 : 60); ++round) {
    for (int i = 0; i < 6; ++i) {
      if (auto job = bench.legal(bench.random.chance(50) ? kGemm : kQuantize, 2 * kEdge + 2))
        bench.submit(std::move(*job));
    }
    back_to_back(bench);
  }
  bench.finish();
}

TEST_CASE("cuatro_core: GEMM and QUANTIZE run at the same time, responses come in order of completion") {
  Bench bench("same time");
  for (int round = 0; round < 10; ++round) {
    const auto job = [&](unsigned op, unsigned m, unsigned n, unsigned k) {
      Descriptor d = random_legal(bench.random, shape, op, 1);
      d.m = static_cast<std::uint16_t>(m);
      d.n = static_cast<std::uint16_t>(n);
      d.k = static_cast<std::uint16_t>(k);
      d.two_terms = false;
      auto placed = bench.place(d);
      REQUIRE(placed);
      bench.submit(*placed);
      return placed->d.tag;
    };
    bench.order.clear();
    // The GEMM's first tile takes longer than both other commands together.
    const auto gemm = job(kGemm, 1, 1, 24 * kEdge), quantize = job(kQuantize, 1, 1, 1),
               nop = job(kNop, 1, 1, 1);
    back_to_back(bench);
    CHECK(bench.order == std::vector<std::uint16_t>{nop, quantize, gemm});
  }
  bench.finish();
}

TEST_CASE("cuatro_core: tiles that take as long as their drain follow each other without a stall") {
  Bench bench("no stall");
  constexpr unsigned groups = kBlock / DUT_DRAINWIDTH, blocks = DUT_ROWS / kEdge * (DUT_COLS / kEdge);
  // A block of four groups gives the shadow free a cycle late.
  constexpr unsigned slices = blocks * groups + (groups > 4 ? 0 : 1);
  for (const unsigned k : {slices, slices - 1}) {
    for (const bool transpose : {false, true}) {
      Descriptor d = random_legal(bench.random, shape, kGemm, 1);
      // An update takes two cycles a group.
      while (d.out_format == kUpdate) d = random_legal(bench.random, shape, kGemm, 1);
      d.m = 2 * DUT_ROWS;
      d.n = 2 * DUT_COLS;
      d.k = static_cast<std::uint16_t>(k * kEdge);
      d.transpose = transpose;
      d.two_terms = d.mask_in = false;
      auto job = bench.place(d);
      REQUIRE(job);
      const std::uint64_t before = bench.drain_stalls();
      bench.submit(*job);
      back_to_back(bench);
      // A slice less, and the array waits.
      CHECK((bench.drain_stalls() == before) == (k == slices));
    }
  }
  bench.finish();
}

TEST_CASE("cuatro_core: updates between raw words, codes and quantize commands, both orientations, one and two terms") {
  Bench bench("updates");
  unsigned updates = 0;
  for (int round = 0; round < (DUT_LANES >= 16 ? 16 : 80); ++round) {
    for (int i = 0; i < 6; ++i) {
      Descriptor d = random_legal(bench.random, shape, bench.random.chance(75) ? kGemm : kQuantize, random_size(bench.random));
      if (d.op == kGemm && bench.random.chance(60)) make_update(bench.random, d);
      // The one before ends while this one is drained: short ones too.
      if (bench.random.chance(30)) d.k = static_cast<std::uint16_t>(1 + bench.random.below(2 * kEdge));
      d.two_terms = d.op == kGemm && (round & 1) != 0;
      d.transpose = d.op == kGemm && (round & 2) != 0;
      if (auto job = bench.place(d)) {
        updates += d.out_format == kUpdate ? 1 : 0;
        bench.submit(std::move(*job));
      }
    }
    back_to_back(bench);
  }
  CHECK(updates > 20);
  bench.finish();
}

TEST_CASE("cuatro_core: commands wait while eight responses have not been taken, and none is lost") {
  Bench bench("eight");
  for (const unsigned op : {kNop, kQuantize, kGemm}) {
    bench.order.clear();
    std::vector<std::uint16_t> tags;
    for (unsigned i = 0; i < kResponses + 3; ++i) {
      auto job = bench.legal(op, 1);
      REQUIRE(job);
      tags.push_back(job->d.tag);
      bench.submit(std::move(*job));
    }
    bench.pace = {.hold = true};
    bench.pace.in_order = true;
    while (!bench.loaded()) bench.cycle();
    bench.pace.hold = false;
    bench.pace.rsp = 0;
    for (int i = 0; i < 1000; ++i) bench.cycle();
    CHECK(bench.pending() == kResponses);
    CHECK(bench.cmd_ready() == false);
    CHECK(bench.rsp_valid());
    CHECK(bench.order.empty());
    bench.pace.rsp = 100;
    bench.drain();
    CHECK(bench.order == tags);
  }
  bench.finish();
}

TEST_CASE("cuatro_core: port traffic while commands run changes nothing") {
  Bench bench("noise");
  bench.pace = {.cmd = 100, .rsp = 70, .load = 50, .store = 50, .noise = 80};
  mix(bench, kJobs);
  bench.finish();
}

TEST_CASE("cuatro_core: reset in the middle of work, then normal operation") {
  Bench bench("reset");
  for (int round = 0; round < 25; ++round) {
    bench.pace = {.cmd = 100, .rsp = bench.random.chance(50) ? 100u : 20u, .load = 100, .store = 50};
    const std::uint64_t stop = bench.cycles + 20 + bench.random.below(400);
    while (bench.cycles < stop) {
      if (bench.alive() < 12) {
        if (auto job = any_job(bench)) bench.submit(std::move(*job));
      }
      bench.cycle();
    }
    bench.reset();
    CHECK(bench.cmd_ready());
    CHECK(bench.rsp_valid() == false);
    mix(bench, 8);
    CHECK(bench.order.size() == 8);
    bench.finish();
  }
}
