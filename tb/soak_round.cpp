// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "soak_round.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <random>
#include <stdexcept>

#include "axi_rig.h"
#include "bad_entries.h"
#include "descriptor_rules.h"
#include "golden/golden_device.h"
#include "random_ops.h"

namespace cuatro::tb {

namespace {

// Every so many rounds one is long, calm and without faults: the 16-bit counts of entries come round.
constexpr std::uint64_t kLongEvery = 251;
constexpr std::uint32_t kEvents = 13, kEventsOfARound = 4;

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  std::uint64_t x = a * 0x9E3779B97F4A7C15u + b * 0xD1B54A32D192ED03u + 0x8CB92BA72F3D8DD7u;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
  x = (x ^ x >> 27) * 0x94D049BB133111EBu;
  return x ^ x >> 31;
}

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : rng_(seed) {}
  std::uint32_t below(std::uint64_t n) { return static_cast<std::uint32_t>(rng_() % n); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

 private:
  std::mt19937_64 rng_;
};

bool is_long(std::uint64_t seed) { return seed % kLongEvery == kLongEvery - 1; }

sim::MemoryTiming timing_of(const SoakRound& round, SoakCounts& counts) {
  sim::MemoryTiming timing;
  timing.seed = round.seed;
  timing.latency = 1;
  if (round.calm || is_long(round.seed)) return timing;
  Draw draw(mixed(round.seed, 1));
  constexpr std::uint32_t latencies[] = {1, 2, 3, 7, 20, 60, 150, 400};
  timing.latency = latencies[draw.below(8)] + draw.below(5);
  if (draw.one_in(3)) timing.stall_percent = 5 + draw.below(60);
  for (std::uint32_t& c : timing.channel_stalls) c = draw.one_in(3) ? 10 + draw.below(86) : 0;
  if (draw.one_in(4)) {
    timing.bytes_per_cycle = 1 + draw.below(48);
    ++counts["rounds of limited bandwidth"];
  }
  if (draw.one_in(2)) timing.register_stalls = 5 + draw.below(80);
  return timing;
}

class Round {
 public:
  Round(const SoakRound& spec, const MakeSoakBoard& make, SoakCounts& counts)
      : spec_(spec), counts_(counts), own_(make(timing_of(spec, counts))), probe_(*own_.probe), board_(*own_.board, probe_) {
    begin_device();
    shape_ = device_->shape();
  }

  void run() {
    const std::shared_ptr<sim::DeviceMemory> memory = board_.memory();
    try {
      if (is_long(spec_.seed)) run_long();
      else run_steps();
      label_ = "the end";
      compare();
      end_device();
      if (memory->overruns() != 0) throw Failure("bytes behind a buffer were written");
    } catch (...) {
      count_totals();
      throw;
    }
    count_totals();
  }
  const std::string& label() const { return label_; }
  std::uint32_t step() const { return step_; }

 private:
  bool wanted(std::uint32_t step) const {
    return spec_.steps.empty() || std::any_of(spec_.steps.begin(), spec_.steps.end(), [&](const StepRange& r) { return step >= r.first && step <= r.last; });
  }
  void say(std::string what) {
    label_ = std::move(what);
    if (spec_.talk) fmt::print("{} (cycle {})\n", label_, probe_.cycles);
  }

  void begin_step(std::uint32_t i) {
    step_ = i;
    ++counts_["steps"];
    if (spec_.on_step) spec_.on_step(i);
  }

  void run_steps() {
    const std::uint32_t steps = 14 + static_cast<std::uint32_t>(mixed(spec_.seed, 4) % 12), stride = steps / kEventsOfARound;
    for (std::uint32_t i = 0; i < steps; ++i) {
      if (!wanted(i)) continue;
      Draw draw(mixed(spec_.seed, 100 + i));
      ops_->reseed(mixed(spec_.seed, 1'000'000 + i));
      begin_step(i);
      // Events are taken in turns over the rounds, that none of them be left to chance.
      const std::uint32_t number = i / stride;
      if (i % stride == stride - 1 && number < kEventsOfARound) event(spec_.seed * kEventsOfARound + number, draw);
      else if (draw.one_in(8)) compare_in_between();
      else operation(draw);
    }
  }

  // Operations on one device until the counts of the GEMM ring's loads and its head have passed 2^16, and stores a quarter of that: no
  // reset in between, so what the driver and the block remember of jobs long ago must come round rightly.
  void run_long() {
    const auto enough = [&] { return board_.jobs[0] > 66'000 && board_.jobs[4] > 17'000; };
    const std::uint32_t end = spec_.steps.empty() ? 100'000 : spec_.steps.back().last + 1;
    for (std::uint32_t i = 0; i < end && !enough(); ++i) {
      if (!wanted(i)) continue;
      Draw draw(mixed(spec_.seed, 100 + i));
      ops_->reseed(mixed(spec_.seed, 1'000'000 + i));
      begin_step(i);
      operation(draw);
      // Rarely, that the rings fill too.
      if (draw.one_in(40)) compare_in_between();
    }
    compare();
    if (enough()) ++counts_["rounds of 16-bit counts come round"];
  }

  void operation(Draw& draw) {
    const std::uint32_t T = shape_.lanes;
    std::uint32_t side = std::array{T, 2 * T + 1, 5 * T + 3, 5 * T + 3}[draw.below(4)];
    if (is_long(spec_.seed)) side = T + draw.below(T + 2);
    if (spec_.side != 0) side = std::min(side, spec_.side);
    ++counts_["operations"];
    const auto name = [&](const char* kind) {
      ++counts_[kind];
      say(fmt::format("step {}: {}", step_, kind));
    };
    switch (windows_ ? 5 : draw.below(16)) {
      case 0: case 1: case 2:
        name("quantize");
        return ops_->quantize(side);
      case 3: case 4:
        name("update");
        return ops_->updates(side, 1 + static_cast<int>(draw.below(3)));
      case 5: case 6:
        name("unfold");
        return ops_->unfold(side, T);
      case 7:
        name("gather");
        return ops_->gather(side);
      case 8: case 9: case 10:
        if (ops_->again()) return name("gemm of the same tensors");
        break;
      case 11:
        if (spec_.side != 0 || is_long(spec_.seed) || !draw.one_in(2)) break;
        // Up to more than fits a scratchpad: partial sums.
        name("gemm of a long K");
        return ops_->gemm(std::min(24 * T, 200u));
      case 12:
        name("result in halves");
        return ops_->halves(side, false);
      default: break;
    }
    name("gemm");
    ops_->gemm(side);
  }
  void operations(Draw& draw, std::uint32_t count) {
    const std::string event = label_;
    for (std::uint32_t i = 0; i < count; ++i) {
      operation(draw);
      label_ = event + ", " + label_;
    }
    label_ = event;
  }

  void compare_in_between() {
    say(fmt::format("step {}: comparison", step_));
    ++counts_["comparison in between"];
    lockstep_->compare_pending();
    check_bus();
  }
  // Everything that has been asked for, then every byte that entries named, and no other.
  void compare() {
    lockstep_->sync();
    if (!probe_.quiet()) throw Failure("all is done, and something is left on the bus");
    check_bus();
    if (board_.watch.left() != 0) throw Failure(fmt::format("all is done, and {} bytes that entries name were not written", board_.watch.left()));
  }
  void check_bus() {
    if (!board_.watch.fault().empty()) throw Failure(board_.watch.fault());
    if (probe_.reads_outside != 0 || probe_.writes_outside != 0) throw Failure("a burst where no memory is");
    if (board_.loud_resets != 0) throw Failure("a soft reset ended with something left on the bus");
  }

  void begin_device() {
    device_ = make_rtl_device(std::make_unique<LentBoard>(board_));
    golden_ = std::make_unique<golden::GoldenDevice>();
    lockstep_ = std::make_unique<LockstepDevice>(*device_, *golden_, spec_.folder);
    ops_ = std::make_unique<test::RandomOps>(*lockstep_, mixed(spec_.seed, 3 + devices_++));
  }
  void end_device() {
    counts_["words compared"] += lockstep_->words_compared();
    ops_.reset();
    lockstep_.reset();
    device_.reset();
  }

  // ---- events: each arms something, asks for operations, and knows what must come of it

  void event(std::uint64_t number, Draw& draw) {
    const std::uint64_t which = number % kEvents, lap = number / kEvents;
    switch (which) {
      case 0: case 1: case 2: return bus_error(static_cast<unsigned>(which), draw);
      case 3: case 4: return bus_error(3, draw);
      case 5: case 6: return bad_entry(kBadEntries[(2 * lap + which) % std::size(kBadEntries)], draw);
      case 7: return bad_command(draw);
      case 8: return overfill(draw);
      case 9: return stop(draw, true);
      case 10: return stop(draw, false);
      case 11: return make_again(draw);
      default: return meddle(draw);
    }
  }

  // Does `work` and compares. With an error, that must be one of `expected`, and everything that was lost must be refused; whether there was one.
  template <class Work>
  bool survive(Work work, const std::vector<std::string>& expected) {
    try {
      work();
      compare();
      return false;
    } catch (const DeviceError& error) {
      const std::string what = error.what();
      const auto fits = [&](const std::string& e) { return what.find(e) != std::string::npos; };
      if (std::none_of(expected.begin(), expected.end(), fits)) throw Failure("not the error that was to come (" + expected.front() + "): " + what);
      error_ = what;
    }
    for (;;) {
      try {
        lockstep_->sync();
        break;
      } catch (const DeviceError& error) {
        const std::string what_then = error.what();
        if (what_then.find("an earlier error has ended") == std::string::npos) throw Failure("after the error: " + what_then);
        ++counts_["lost result refused"];
      }
    }
    if (!probe_.quiet()) throw Failure("after the error something is left on the bus");
    check_bus();
    return true;
  }

  void bus_error(unsigned channel, Draw& draw) {
    sim::MemoryFaults faults;
    std::vector<std::string> expected;
    const auto arm = [&](unsigned c) {
      const std::uint64_t burst = 1 + draw.below(c < 2 ? 3 : 14);
      if (c < 3) faults.read_burst[c] = probe_.read_bursts[c] + burst;
      else faults.write_burst = probe_.write_bursts + burst;
      if (c < 2) expected.push_back("reading entry");
      else if (c == 2) expected.push_back("in the load of");
      else expected.insert(expected.end(), {"in the store of", "writing the record of"});
      return burst;
    };
    const std::uint64_t burst = arm(channel);
    const bool two = draw.one_in(4);
    if (two) arm(draw.below(4));
    faults.decode = draw.one_in(2);
    faults.read_beat = draw.one_in(2) ? 0 : 1 + draw.below(16);
    say(fmt::format("step {}: bus error {} armed in burst {}{}", step_, channel, burst, two ? " and a second one" : ""));
    const std::uint64_t given = probe_.errors_given;
    probe_.faults = faults;
    const bool came = survive([&] { operations(draw, 2 + draw.below(4)); }, expected);
    probe_.faults = {};
    if (came && probe_.errors_given == given) throw Failure("a bus error was reported and none was answered");
    if (!came && probe_.errors_given != given) throw Failure("a bus error was answered and not reported");
    if (!came) return miss();
    if (error_.find("bus error at 0x") == std::string::npos) throw Failure("an error without its address: " + error_);
    const auto says = [&](const char* text) { return error_.find(text) != std::string::npos; };
    const bool ring = says("reading entry"), load = says("in the load of");
    if (ring) ++counts_[says("of the GEMM ring") ? "bus error reading the GEMM ring" : "bus error reading the quantize ring"];
    else if (load) ++counts_["bus error in a load"];
    else ++counts_[says("in the store of") ? "bus error in a store" : "bus error writing a record"];
    if ((ring || load) && faults.read_beat != 0) ++counts_["error in one beat of a burst"];
    ++counts_[faults.decode ? "DECERR" : "SLVERR"];
    if (two) ++counts_["two bus errors armed"];
  }
  void miss() { ++counts_["error armed that no burst came to"]; }

  // The ring entry that tamper() changed, as the driver names it.
  static std::string entry_name(unsigned lane, std::uint32_t slot) { return fmt::format("entry {} of the {} ring", slot, lane == 0 ? "GEMM" : "quantize"); }

  // `change` is tried on the entries from the first-th on that it fits; the driver must name that entry and `field`.
  void refuse(Draw& draw, const char* kind, std::string_view field, const std::function<bool(unsigned lane, sim::RingEntry&)>& change) {
    std::optional<std::string> where;
    std::uint32_t skip = draw.below(4);
    board_.tamper = [&](unsigned lane, std::uint32_t slot, sim::RingEntry& entry) {
      sim::RingEntry changed = entry;
      if (!change(lane, changed) || skip-- != 0) return false;
      entry = changed;
      where = entry_name(lane, slot);
      return true;
    };
    std::vector<std::string> expected;
    const bool came = survive([&] { operations(draw, 3 + draw.below(4)); }, {"refused: illegal " + std::string(field)});
    board_.tamper = nullptr;
    if (came != where.has_value()) throw Failure(came ? "an entry was refused that is good" : "a bad entry was not refused");
    if (!came) return miss();
    if (!error_.ends_with("illegal " + std::string(field))) throw Failure("another field was named than " + std::string(field) + ": " + error_);
    if (error_.find(*where) == std::string::npos) throw Failure("another entry was refused than " + *where + ": " + error_);
    ++counts_[kind];
  }

  void bad_entry(const BadEntry& bad, Draw& draw) {
    const std::uint32_t any = draw.below(1u << 30);
    say(fmt::format("step {}: a bad entry, {}", step_, bad.name));
    windows_ = bad.name == "window";
    refuse(draw, fmt::format("entry refused: {}", bad.name).c_str(), bad.name, [&](unsigned, sim::RingEntry& entry) { return bad.spoil(entry, any); });
    windows_ = false;
  }

  void bad_command(Draw& draw) {
    Random random(fmt::format("{} {}", spec_.seed, step_));
    const unsigned lane = draw.below(2);
    Descriptor d;
    Field field = kNone;
    while (field == kNone || field == kOp) {
      d = random_legal(random, shape_, lane == 0 ? kGemm : kQuantize, 5 * shape_.lanes);
      const Descriptor legal = d;
      spoil(random, d, legal, kFieldOrder[1 + draw.below(kFieldOrder.size() - 1)], shape_, draw.one_in(2));
      field = illegal_field(d, shape_);
    }
    say(fmt::format("step {}: an illegal descriptor, {}", step_, to_text(d)));
    // A command's error names it by its label, in the middle of the text.
    refuse(draw, "command refused", to_text(field), [&](unsigned at, sim::RingEntry& entry) {
      if (at != lane || !bad::is(entry, sim::EntryKind::command)) return false;
      entry.set_command(d);
      return true;
    });
  }

  void overfill(Draw& draw) {
    const unsigned lane = draw.below(2);
    say(fmt::format("step {}: ring {} overfilled", step_, lane));
    bool done = false;
    // More than 2^12 entries, whatever the ring still holds.
    board_.tail_of = [&](unsigned at, std::uint32_t tail) -> std::uint32_t {
      if (at != lane || std::exchange(done, true)) return tail;
      return (tail + 4097 + 37) & 0xffff;
    };
    const bool came = survive([&] { operations(draw, 2); }, {fmt::format("the {} ring was overfilled", lane == 0 ? "GEMM" : "quantize")});
    board_.tail_of = nullptr;
    if (!came) throw Failure("an overfilled ring was not reported");
    ++counts_["ring overfilled"];
  }

  // In the middle of their work, the device is taken off the block, which is reset before or by its driver's end.
  void stop(Draw& draw, bool by_hand) {
    board_.stop_after = 1 + draw.below(std::array{100, 600, 3000}[draw.below(3)]);
    say(fmt::format("step {}: stopped after {} cycles", step_, board_.stop_after));
    bool stopped = false;
    try {
      operations(draw, 3 + draw.below(5));
      lockstep_->sync();
    } catch (const Stopped&) {
      stopped = true;
    }
    board_.stop_after = ~std::uint64_t{0};
    const bool busy = !probe_.quiet();
    if (by_hand) {
      if (!soft_reset(board_)) throw Failure("the soft reset hangs");
      if (board_.read(regs::STATUS).data != regs::STATUS_IDLE.put(1)) throw Failure("not idle after a soft reset");
      if (board_.read(regs::RING0_HEAD).data != 0 || board_.read(regs::RING1_HEAD).data != 0) throw Failure("a head that is not 0 after a soft reset");
      if (board_.read(regs::ERROR).data != 0 || board_.read(regs::IRQ_STATUS).data != 0) throw Failure("an error or interrupt is left after a soft reset");
      ++counts_[busy ? "soft reset in mid-burst" : "soft reset of an idle block"];
    } else if (stopped && busy) {
      ++counts_["device left in mid-burst"];
    }
    end_device();
    if (!probe_.quiet()) throw Failure("a device that has gone left something on the bus");
    begin_device();
    check_bus();
  }

  void make_again(Draw& draw) {
    say(fmt::format("step {}: the device is made again", step_));
    operations(draw, 2);
    compare();
    if (draw.one_in(2)) {
      if (!soft_reset(board_)) throw Failure("the soft reset hangs");
      ++counts_["soft reset of an idle block"];
    }
    end_device();
    begin_device();
    ++counts_["device made again"];
  }

  // Registers that are read while the block works, and a block that stands still for a while.
  void meddle(Draw& draw) {
    say(fmt::format("step {}: registers read, block disabled", step_));
    const bool pauses = draw.one_in(2);
    board_.meddle_cycles = 20 + draw.below(200);
    board_.meddle = [&] {
      const std::uint32_t reg = 4 * draw.below(draw.one_in(4) ? 1024 : 0x30);
      if (own_.board->read(reg).error == is_register(reg)) {
        throw Failure(fmt::format("register {:#x} answers {}", reg, is_register(reg) ? "with an error" : "and is not there"));
      }
      ++counts_[is_register(reg) ? "register read while running" : "missing register refused"];
      if (!pauses || !draw.one_in(4)) return;
      if (!own_.board->write(regs::CTRL, 0)) throw Failure("CTRL cannot be written");
      own_.board->wait_interrupt(draw.below(400));
      if (!own_.board->write(regs::CTRL, regs::CTRL_ENABLE.put(1))) throw Failure("CTRL cannot be written");
      ++counts_["block disabled and enabled"];
    };
    operations(draw, 2 + draw.below(4));
    compare();
    board_.meddle_cycles = 0;
    board_.meddle = nullptr;
  }

  void count_totals() {
    constexpr const char* channels[] = {"cycles AR was held", "cycles R was held", "cycles AW was held", "cycles W was held", "cycles B was held"};
    for (unsigned c = 0; c < 5; ++c) counts_[channels[c]] += probe_.stalls[c];
    counts_["cycles a register access waited"] += probe_.register_waits;
    counts_["cycles"] += probe_.cycles;
    counts_["bytes written, each named by an entry"] += board_.watch.written();
  }

  const SoakRound& spec_;
  SoakCounts& counts_;
  SoakBoard own_;
  sim::MemoryProbe& probe_;
  RigBoard board_;
  sim::CoreShape shape_;
  std::unique_ptr<RtlDevice> device_;
  std::unique_ptr<golden::GoldenDevice> golden_;
  std::unique_ptr<LockstepDevice> lockstep_;
  std::unique_ptr<test::RandomOps> ops_;
  std::uint32_t step_ = 0, devices_ = 0;
  bool windows_ = false;                 // all operations are to be unfolds
  std::string label_, error_;
};

}  // namespace

void run_soak_round(const SoakRound& spec, const MakeSoakBoard& make, SoakCounts& counts) {
  Round round(spec, make, counts);
  try {
    round.run();
  } catch (const std::exception& error) {
    throw SoakFailure(round.step(), round.label() + ": " + error.what());
  } catch (const Stopped&) {
    throw SoakFailure(round.step(), round.label() + ": stopped where nothing was to stop");
  }
}

}  // namespace cuatro::tb
