// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "sim/rtl_device.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "device/validate.h"
#include "sim/axi_board.h"
#include "sim/operand_loads.h"
#include "sim/ring_driver.h"
#include "sim/scheduler.h"
#include "sim/scratchpad.h"

namespace cuatro {

using namespace sim;

namespace {

constexpr std::uint32_t ceil_div(std::uint32_t a, std::uint32_t b) { return (a + b - 1) / b; }
// `size` in as few steps of at most `most` as can be, of as equal a size as can be.
constexpr std::uint32_t even_step(std::uint32_t size, std::uint32_t most) { return ceil_div(size, ceil_div(size, most)); }

// Cycles of one command: few enough for results to be stored, and used, soon after they are made;
// enough to hide the next command's way through its checks. What all others wait for is shorter:
// the first quantize commands of an operation, each twice the one before, and the last GEMMs.
constexpr std::uint32_t kPieceCycles = 192;
constexpr std::uint32_t kHeadCycles = 32;
// Operand words to fetch before the first command of an operation may start, at most.
constexpr std::uint32_t kHeadWords = 128;

// Tiles of a panel that a long K leaves room for.
constexpr std::uint32_t kPanelTiles = 16;

constexpr std::uint64_t kKeptStats = 65536;

class RtlDeviceImpl final : public RtlDevice {
 public:
  explicit RtlDeviceImpl(std::unique_ptr<JobQueue> queue)
      : queue_(std::move(queue)),
        shape_(queue_->shape()),
        operands_(*queue_),
        a_(0, shape_.operand_depth),
        b_(0, shape_.operand_depth),
        // C: sources of quantize commands, then addends and masks of GEMMs. R: results.
        c_{Scratchpad(shape_.result_depth / 2, shape_.result_depth / 2), Scratchpad(0, shape_.result_depth / 2)},
        r_{Scratchpad(0, shape_.result_depth / 4 * 3), Scratchpad(shape_.result_depth / 4 * 3, shape_.result_depth / 4)} {}

  ~RtlDeviceImpl() override;

  std::string_view name() const override { return "rtl"; }
  const CoreShape& shape() const override { return shape_; }
  void open_trace(const std::string& path) override { queue_->open_trace(path); }

  Result gemm(const Gemm& op, std::string_view label) override;
  Result quantize(const Quantize& op, std::string_view label) override;
  Tensor gather_rows(const Tensor& codes, std::span<const std::uint32_t> rows) override;
  Tensor unfold(const Tensor& codes, const Window& window, std::uint8_t pad_code) override;
  Tensor upload_codes(std::span<const std::uint8_t> codes, std::uint32_t rows, std::uint32_t cols,
                      Format format) override;
  Tensor upload_raw(std::span<const std::int32_t> words, std::uint32_t rows, std::uint32_t cols) override;
  Tensor upload_mask(std::span<const std::uint8_t> bits, std::uint32_t rows, std::uint32_t cols) override;
  std::vector<std::uint8_t> read_codes(const Tensor& t) override {
    validate_read(t, TensorKind::codes, "read_codes");
    return unpack_codes(*settled(image(t)));
  }
  std::vector<std::int32_t> read_raw(const Tensor& t) override {
    validate_read(t, TensorKind::raw, "read_raw");
    await(*image(t));
    return unpack_words(*image(t));
  }
  std::vector<std::uint8_t> read_mask(const Tensor& t) override {
    validate_read(t, TensorKind::mask, "read_mask");
    await(*image(t));
    return unpack_bits(*image(t));
  }
  Stats stats(const Result& result) override;
  void sync() override {
    release();
    guarded([&] { queue_->run(); });
  }
  Counters counters() override {
    Counters counters = queue_->counters();
    counters.useful_macs = useful_macs_;
    return counters;
  }
  std::vector<LabelCycles> cycles_by_label() override { return queue_->cycles_by_label(); }

 private:
  // One GEMM on a stretch of K that fits, with its destination images.
  struct Part {
    const Gemm* op;
    std::uint32_t m, n;
    Span k;                             // blocks
    std::uint32_t k_size;               // elements
    Output out;
    std::shared_ptr<Image> addend;      // matrix, or the state of an update
    int addend_shift = 0;
    bool bias = false, mask = false;
    std::shared_ptr<Image> codes, codes2, mask_out, raw;
    std::shared_ptr<Stats> stats;
    std::string_view label;
  };

  // What an operation's commands told, once the last of them is done.
  struct Told {
    std::shared_ptr<Stats> stats;
    Wait done;
    bool dropped = false;
  };

  // An operation's number, by which its statistics are found; they stay readable for the last kKeptStats operations.
  std::uint64_t begin_operation(std::shared_ptr<Stats> stats) {
    stats_[++next_command_].stats = std::move(stats);
    stats_.erase(next_command_ - kKeptStats);
    return next_command_;
  }
  // All of it is pushed.
  void end_operation(Lane lane, std::uint64_t number) {
    queue_->end_operation(lane);
    stats_[number].done.commands[lane] = queue_->next_command(lane) - 1;
  }
  // Runs until a tensor is in memory; what was asked for after it goes on.
  void await(const Image& image) {
    need(image);
    const Wait stored = producers(image);
    guarded([&] { queue_->run_until(stored); });
    refuse_lost(image);
  }
  static Wait producers(const Image& image) {
    Wait stored;
    std::copy(std::begin(image.last_producer), std::end(image.last_producer), stored.stores.begin());
    return stored;
  }
  // What an error has undone is never taken for a result.
  void refuse_lost(const Image& image) const {
    if (image.unfolding) return refuse_lost(*image.unfolding->source);
    if (image.dropped || queue_->lost(producers(image))) throw DeviceError("rtl: a tensor whose making an earlier error has ended");
  }
  // The same for codes, wherever they are: what lies nowhere is unfolded by the host.
  std::shared_ptr<Image> settled(std::shared_ptr<Image> codes) {
    await(codes->unfolding ? *codes->unfolding->source : *codes);
    if (!codes->unfolding) return codes;
    auto to = make_image(codes->rows, codes->cols, 4);
    for (std::uint32_t i = 0; i < to->block_rows(); ++i) {
      for (std::uint32_t j = 0; j < to->block_cols(); ++j) unfold_block(*codes->unfolding, to->rows, i, j, to->block(i, j));
    }
    return to;
  }
  // After an error nothing that was asked for before is done any more, and operands are where they lie in memory only.
  template <class Run>
  void guarded(Run run) {
    try {
      run();
    } catch (...) {
      drop_held();
      for (Scratchpad* pad : {&a_, &b_}) pad->clear();
      throw;
    }
  }
  static std::shared_ptr<Image> image(const Tensor& t) { return std::static_pointer_cast<Image>(t.storage); }
  std::shared_ptr<Image> make_image(std::uint32_t rows, std::uint32_t cols, std::uint32_t bits) const {
    return std::make_shared<Image>(queue_->memory(), rows, cols, shape_.lanes, bits);
  }
  Tensor tensor(std::shared_ptr<Image> image, TensorKind kind, Format format = Format::int4) {
    Tensor t{++next_id_, image->rows, image->cols, kind, format, nullptr};
    t.storage = std::move(image);
    return t;
  }
  std::uint32_t row_blocks() const { return shape_.rows / shape_.lanes; }
  std::uint32_t col_blocks() const { return shape_.cols / shape_.lanes; }
  std::uint32_t block_cycles() const { return shape_.lanes * shape_.lanes / shape_.drain_width; }   // of the drain
  std::uint32_t result_words(const Part& part) const {          // a block
    return (part.raw ? raw_words() : 0u) + (part.codes ? 1u : 0u) + (part.codes2 ? 1u : 0u) + (part.mask_out ? 1u : 0u);
  }
  std::uint32_t raw_words() const { return shape_.lanes * shape_.lanes * 4 / shape_.word_bytes(); }

  class PieceWalk;
  struct Held;
  // Pushes what is left of the held update; or gives it up.
  void release();
  void drop_held();
  // The same as release if it makes this tensor, or what this one unfolds. Refuses tensors that are lost.
  void need(const Image& image);
  void need(const Tensor& t) {
    if (t) need(*image(t));
  }

  // Codes that loads unfold.
  Tensor windows(Unfolding unfolding, std::uint32_t rows, const Tensor& like) {
    const Window& w = unfolding.window;
    const std::uint32_t cols = w.kernel_h * w.kernel_w * unfolding.source->cols;
    return tensor(std::make_shared<Image>(rows, cols, std::make_shared<const Unfolding>(std::move(unfolding))), TensorKind::codes, like.format);
  }

  Result make_outputs(Part& part, std::uint32_t rows, std::uint32_t cols, std::uint32_t word_bits);
  std::shared_ptr<Image> whole_words(const Tensor& raw);
  void run_part(const Part& part);
  void run_piece(const Part& part, Region& a, Region& b, Region* b2, Span m, Span n);
  std::uint32_t load_blocks(Lane lane, Region& region, Wait wait, const std::shared_ptr<Image>& image, Span rows, Span cols,
                            std::uint32_t words_per_block);
  // The next stores of a lane, to be pushed after their command.
  class Stores;
  void output_fields(Descriptor& d, const Output& out);

  std::unique_ptr<JobQueue> queue_;
  CoreShape shape_;
  OperandLoads operands_;
  Scratchpad a_, b_;
  Scratchpad c_[kLanes], r_[kLanes];
  std::uint64_t next_id_ = 0;
  std::uint64_t next_command_ = 0;
  std::uint64_t useful_macs_ = 0;
  std::unordered_map<std::uint64_t, Told> stats_;
  std::unique_ptr<Held> held_;           // the last update, but for its first command
};

void RtlDeviceImpl::output_fields(Descriptor& d, const Output& out) {
  d.out_format = static_cast<std::uint8_t>(out.format);
  d.rounding = static_cast<std::uint8_t>(out.rounding);
  d.shift = static_cast<std::int8_t>(out.shift);
  d.mult = static_cast<std::uint8_t>(out.mult);                  // of an update: its other shifts
  d.mask_out = out.write_mask;
  d.key = out.key;
}

// A rectangle of an image's blocks, words one after the other in a scratchpad.
static Transfer linear(Image& image, Span rows, Span cols, std::uint32_t words_per_block, std::uint32_t addr) {
  Transfer x;
  x.base = image.block(rows.begin, cols.begin);
  x.pitch = image.block_cols() * image.block_bytes();
  x.rows = rows.size();
  x.cols = cols.size() * words_per_block;
  x.item_bytes = image.block_bytes() / words_per_block;
  x.addr = static_cast<std::uint16_t>(addr);
  x.row_step = static_cast<std::uint16_t>(x.cols);
  return x;
}

// Blocks of a mask, addend or source image into C, in the order of a command's own S.
std::uint32_t RtlDeviceImpl::load_blocks(Lane lane, Region& region, Wait wait, const std::shared_ptr<Image>& image,
                                         Span rows, Span cols, std::uint32_t words_per_block) {
  LoadJob job;
  job.space = Space::c;
  job.wait = wait;
  job.keep = image;
  job.transfer = linear(*image, rows, cols, words_per_block, region.base);
  for (std::uint32_t i = rows.begin; i < rows.end; ++i) {
    for (std::uint32_t j = cols.begin; j < cols.end; ++j) wait_for(job.wait, image->producer[image->block_index(i, j)]);
  }
  return queue_->push(lane, std::move(job));
}

class RtlDeviceImpl::Stores {
 public:
  Stores(JobQueue& queue, Lane lane, const Wait& wait) : queue_(queue), lane_(lane), wait_(wait), next_(queue.next_store(lane)) {}
  void add(const std::shared_ptr<Image>& image, std::uint32_t addr, Span rows, Span cols, std::uint32_t words_per_block) {
    const std::uint32_t producer = next_ << 1 | lane_;
    image->last_producer[lane_] = next_++;
    for (std::uint32_t i = rows.begin; i < rows.end; ++i) {
      for (std::uint32_t j = cols.begin; j < cols.end; ++j) image->producer[image->block_index(i, j)] = producer;
    }
    jobs_[count_++] = {wait_, linear(*image, rows, cols, words_per_block, addr), image};
    jobs_[count_ - 1].transfer.halves = image->element_bits == 16;
  }
  // The number of the last.
  std::uint32_t push() {
    for (unsigned i = 0; i < count_; ++i) queue_.push(lane_, std::move(jobs_[i]));
    return next_ - 1;
  }

 private:
  JobQueue& queue_;
  Lane lane_;
  Wait wait_;
  std::uint32_t next_;
  unsigned count_ = 0;
  StoreJob jobs_[3];                     // at most: codes, second codes, mask
};

Result RtlDeviceImpl::make_outputs(Part& part, std::uint32_t rows, std::uint32_t cols, std::uint32_t word_bits) {
  Result result;
  const Output& out = part.out;
  if (out.format == OutFormat::raw || out.format == OutFormat::update) {
    part.raw = make_image(rows, cols, word_bits);
    result.raw = tensor(part.raw, TensorKind::raw);
  }
  if (out.format != OutFormat::raw) {
    const Format format = code_format(out.format);
    part.codes = make_image(rows, cols, 4);
    result.codes = tensor(part.codes, TensorKind::codes, format);
    if (out.rounding == Rounding::tpr || out.rounding == Rounding::two_term) {
      part.codes2 = make_image(rows, cols, 4);
      result.codes2 = tensor(part.codes2, TensorKind::codes, format);
    }
  }
  if (out.write_mask) {
    part.mask_out = make_image(rows, cols, 1);
    result.mask = tensor(part.mask_out, TensorKind::mask);
  }
  return result;
}

void RtlDeviceImpl::run_piece(const Part& part, Region& a, Region& b, Region* b2, Span m, Span n) {
  const Gemm& op = *part.op;
  const std::uint32_t T = shape_.lanes;
  const bool transpose = part.out.transpose;
  // Blocks of the result that the piece covers, in S.
  const Span mb{m.begin * row_blocks(), std::min(m.end * row_blocks(), ceil_div(part.m, T))};
  const Span nb{n.begin * col_blocks(), std::min(n.end * col_blocks(), ceil_div(part.n, T))};
  const Span rows = transpose ? nb : mb, cols = transpose ? mb : nb;
  const std::uint32_t blocks = rows.size() * cols.size();

  CommandJob command;
  command.label = part.label;
  command.stats = part.stats;
  Descriptor& d = command.descriptor;
  d.op = static_cast<std::uint8_t>(Op::gemm);
  d.a_format = static_cast<std::uint8_t>(op.a_format);
  d.zero_point = static_cast<std::uint8_t>(op.zero_point);
  d.b_format = static_cast<std::uint8_t>(op.b.format);
  d.two_terms = b2 != nullptr;
  d.term_shift = static_cast<std::uint8_t>(op.term_shift);
  d.transpose = transpose;
  output_fields(d, part.out);
  d.m = static_cast<std::uint16_t>(std::min(part.m, m.end * shape_.rows) - m.begin * shape_.rows);
  d.n = static_cast<std::uint16_t>(std::min(part.n, n.end * shape_.cols) - n.begin * shape_.cols);
  d.k = static_cast<std::uint16_t>(part.k_size);
  d.row0 = static_cast<std::uint16_t>(rows.begin * T);
  d.col0 = static_cast<std::uint16_t>(cols.begin * T);

  // Side inputs in C, before the operands: these are the last to be made.
  Wait& wait = command.wait;
  auto need = [&](std::uint32_t load) { wait.loads[kGemmLane] = std::max(wait.loads[kGemmLane], load); };
  const std::uint32_t number = queue_->next_command(kGemmLane);
  Wait until_done;
  until_done.commands[kGemmLane] = number;
  Scratchpad& c = c_[kGemmLane];
  if (part.bias) {
    Wait free;
    const std::uint32_t word_bytes = shape_.word_bytes();
    Region& region = c.allocate(ceil_div(d.n * 4u, word_bytes), free);
    auto words = std::make_shared<Buffer>(queue_->memory(), std::size_t{region.words} * word_bytes);
    std::memcpy(words->data(), op.bias.data() + n.begin * shape_.cols, d.n * 4u);
    LoadJob job;
    job.space = Space::c;
    job.wait = free;
    job.keep = words;
    job.transfer.base = words->data();
    job.transfer.cols = region.words;
    job.transfer.item_bytes = word_bytes;
    job.transfer.addr = static_cast<std::uint16_t>(region.base);
    need(queue_->push(kGemmLane, std::move(job)));
    d.addend = static_cast<std::uint8_t>(Addend::bias);
    d.addend_shift = static_cast<std::uint8_t>(part.addend_shift);
    d.c_base = static_cast<std::uint16_t>(region.base);
    region.free = until_done;
  } else if (part.addend) {
    Wait free;
    Region& region = c.allocate(blocks * raw_words(), free);
    need(load_blocks(kGemmLane, region, free, part.addend, rows, cols, raw_words()));
    d.addend = static_cast<std::uint8_t>(Addend::matrix);
    d.addend_shift = static_cast<std::uint8_t>(part.addend_shift);
    d.c_base = static_cast<std::uint16_t>(region.base);
    region.free = until_done;
  }
  if (part.mask) {
    d.mask_in = true;
    Wait free;
    Region& region = c.allocate(blocks, free);
    need(load_blocks(kGemmLane, region, free, image(op.mask), rows, cols, 1));
    d.mask_in_base = static_cast<std::uint16_t>(region.base);
    region.free = until_done;
  }

  // Operands.
  need(operands_.load(a, image(op.a), Space::a, row_blocks(), ceil_div(part.m, T), m));
  need(operands_.load(b, image(op.b), Space::b, col_blocks(), ceil_div(part.n, T), n));
  if (b2 != nullptr) need(operands_.load(*b2, image(op.b2), Space::b, col_blocks(), ceil_div(part.n, T), n));
  d.a_base = static_cast<std::uint16_t>(a.base + (m.begin - a.tile0) * a.k_blocks);
  d.b_base = static_cast<std::uint16_t>(b.base + (n.begin - b.tile0) * b.k_blocks);
  if (b2 != nullptr) d.b2_base = static_cast<std::uint16_t>(b2->base + (n.begin - b2->tile0) * b2->k_blocks);

  // Results in R and back to memory.
  Region& result = r_[kGemmLane].allocate(blocks * result_words(part), wait);
  Stores stores(*queue_, kGemmLane, until_done);
  std::uint32_t base = result.base;
  const auto store = [&](const std::shared_ptr<Image>& image, std::uint32_t words) {
    const auto at = static_cast<std::uint16_t>(base);
    stores.add(image, base, rows, cols, words);
    base += blocks * words;
    return at;
  };
  // Codes leave first, as far as both are wanted: these are what others wait for.
  if (part.raw && part.codes) {
    d.r2_base = store(part.codes, 1);
    d.r_base = store(part.raw, raw_words());
  } else {
    d.r_base = part.raw ? store(part.raw, raw_words()) : store(part.codes, 1);
  }
  if (part.codes2) d.r2_base = store(part.codes2, 1);
  if (part.mask_out) d.mask_out_base = store(part.mask_out, 1);
  queue_->push(kGemmLane, std::move(command));
  result.free.stores[kGemmLane] = stores.push();
  for (Region* region : {&a, &b, b2}) {
    if (region != nullptr) region->free.merge(until_done);
  }
}

// The commands of a part, one by one: panels of operands that fit, in them column tiles outer, row tiles inner.
class RtlDeviceImpl::PieceWalk {
 public:
  PieceWalk(RtlDeviceImpl& device, const Part& part) : device_(device), part_(part), two_(static_cast<bool>(part.op->b2)) {
    const CoreShape& shape = device.shape_;
    m_tiles_ = ceil_div(part.m, shape.rows);
    n_tiles_ = ceil_div(part.n, shape.cols);
    m_panel_ = std::min(m_tiles_, shape.operand_depth / 2 / part.k.size());
    n_panel_ = std::min(n_tiles_, shape.operand_depth / (two_ ? 4 : 2) / part.k.size());
    // Tiles of result a command: what fits its cycles, and the shares of C and R hold twice over.
    const std::uint32_t tile_blocks = device.row_blocks() * device.col_blocks();
    const std::uint32_t tile_cycles = std::max(part.k.size() * (two_ ? 2 : 1), tile_blocks * device.block_cycles());
    const std::uint32_t r_words = std::max(device.result_words(part), 3u);
    const std::uint32_t c_words = (part.addend ? device.raw_words() : 0) + 1;
    const std::uint32_t most =
        std::min(device.r_[kGemmLane].words() / 2 / r_words, device.c_[kGemmLane].words() / 2 / c_words) / tile_blocks;
    tiles_ = std::clamp(kPieceCycles / tile_cycles, 1u, std::max(1u, most));
    begin_panel();
  }
  ~PieceWalk() { unpin(); }
  PieceWalk(const PieceWalk&) = delete;
  PieceWalk& operator=(const PieceWalk&) = delete;

  bool done() const { return m0_ >= m_tiles_; }
  // Column tiles of which every row is pushed.
  std::uint32_t columns() const { return done() ? n_tiles_ : m_end() == m_tiles_ ? n_ : 0; }
  std::uint32_t columns_wanted() const { return std::min(n_ + n_step_, n_tiles_); }   // by the next command
  // Whether its left and right operand, of one digit, fit at once beside what is pinned.
  bool fits() const {
    return m_panel_ == m_tiles_ && n_panel_ == n_tiles_ && !two_ && device_.a_.fits(m_tiles_ * part_.k.size()) &&
           device_.b_.fits(n_tiles_ * part_.k.size());
  }
  void push() {
    load_panel();
    // The first pieces are small when their operands still have to come, the last ones always: these all others wait for.
    const std::uint32_t head = std::max(1u, kHeadWords / (part_.k.size() * device_.row_blocks()));
    std::uint32_t step = m_most_;
    if (n_ == 0 && a_->loaded[m_ - a_->tile0] == 0) step = std::min(head, m_most_);
    if (n_ + n_step_ >= n_tiles_) step = std::min(step, ceil_div(m_most_, 2));
    const Span piece{m_, std::min(m_ + step, m_end())};
    device_.run_piece(part_, *a_, *b_, b2_, piece, {n_, std::min(n_ + n_step_, n_end())});
    m_ = piece.end;
    if (m_ < m_end()) return;
    m_ = m0_;
    n_ += n_step_;
    if (n_ < n_end()) return;
    unpin();
    n0_ = n_end();
    if (n0_ == n_tiles_) {
      n0_ = 0;
      m0_ = m_end();
    }
    begin_panel();
  }

 private:
  std::uint32_t m_end() const { return std::min(m0_ + m_panel_, m_tiles_); }
  std::uint32_t n_end() const { return std::min(n0_ + n_panel_, n_tiles_); }
  void begin_panel() {
    if (done()) return;
    m_most_ = even_step(m_end() - m0_, tiles_);
    n_step_ = std::clamp(tiles_ / m_most_, 1u, n_end() - n0_);
    m_ = m0_;
    n_ = n0_;
  }
  void load_panel() {
    if (b_ != nullptr) return;
    const Gemm& op = *part_.op;
    const Span mp{m0_, m_end()}, np{n0_, n_end()};
    a_ = &OperandLoads::panel(device_.a_, op.a.id, op.a_transposed, mp, part_.k);
    // B as [N × K]: stored [K × N] is transposed on its way in.
    b_ = &OperandLoads::panel(device_.b_, op.b.id, !op.b_transposed, np, part_.k);
    if (two_) b2_ = &OperandLoads::panel(device_.b_, op.b2.id, !op.b_transposed, np, part_.k);
  }
  void unpin() {
    for (Region* region : {a_, b_, b2_}) {
      if (region != nullptr) region->pinned = false;
    }
    a_ = b_ = b2_ = nullptr;
  }

  RtlDeviceImpl& device_;
  const Part part_;
  bool two_;
  std::uint32_t m_tiles_, n_tiles_, m_panel_, n_panel_, tiles_, m_most_ = 1, n_step_ = 1;
  std::uint32_t m0_ = 0, n0_ = 0, m_ = 0, n_ = 0;       // first tiles of the panels, and of the next command
  Region *a_ = nullptr, *b_ = nullptr, *b2_ = nullptr;
};

// An update is bound by its state's way through memory, 18 write beats a block where the array needs 8 cycles of a batch of 128; the forward pass
// with the new codes hardly uses memory. So an update waits, but for its first command, for the product after it: if that reads its
// codes, the two take turns. Any other product, and whatever asks for what it makes, has the rest of it pushed at once.
struct RtlDeviceImpl::Held {
  Held(RtlDeviceImpl& device, const Gemm& gemm, std::string_view name, Part what)
      : op(gemm), label(name), part(own(std::move(what))), walk(device, part) {}
  bool makes(const Image* image) const { return image == part.raw.get() || image == part.codes.get(); }
  Part own(Part part) const {
    part.op = &op;
    part.label = label;
    return part;
  }

  const Gemm op;
  const std::string label;
  const Part part;
  PieceWalk walk;
  std::uint64_t number = 0;
};

RtlDeviceImpl::~RtlDeviceImpl() = default;

void RtlDeviceImpl::release() {
  if (!held_) return;
  const std::unique_ptr<Held> held = std::move(held_);
  while (!held->walk.done()) held->walk.push();
  end_operation(kGemmLane, held->number);
}

void RtlDeviceImpl::need(const Image& image) {
  if (image.unfolding) return need(*image.unfolding->source);
  if (held_ && held_->makes(&image)) release();
  refuse_lost(image);
}

void RtlDeviceImpl::drop_held() {
  if (!held_) return;
  held_->part.raw->dropped = held_->part.codes->dropped = true;
  stats_[held_->number].dropped = true;
  held_.reset();
}

void RtlDeviceImpl::run_part(const Part& part) {
  PieceWalk walk(*this, part);
  // Strips must be columns of the codes for both, or rows for both, and there must be room for the operands of both.
  const bool turns = held_ && held_->makes(image(part.op->b).get()) && part.op->b_transposed == held_->op.out.transpose && walk.fits();
  if (!turns) release();
  if (held_) {
    const std::unique_ptr<Held> held = std::move(held_);
    while (!held->walk.done()) {
      // A strip behind, so that its codes have been written when their load comes to the head of its queue.
      if (!walk.done() && walk.columns_wanted() < held->walk.columns()) walk.push();
      else held->walk.push();
    }
    end_operation(kGemmLane, held->number);
  }
  while (!walk.done()) walk.push();
}

// A raw tensor with 32 bits a word, as loads to C take it.
std::shared_ptr<Image> RtlDeviceImpl::whole_words(const Tensor& raw) {
  if (image(raw)->element_bits == 32) return image(raw);
  const std::vector<std::int32_t> words = read_raw(raw);
  auto to = make_image(raw.rows, raw.cols, 32);
  pack_words(*to, words.data());
  return to;
}

// Whether a raw result is wanted and 16 bits hold it, whatever the codes are.
static bool halves_hold(const Gemm& op, std::uint32_t k) {
  if (op.out.format != OutFormat::raw || !op.out.for_host || op.addend) return false;
  const std::int64_t a = op.a_format == AFormat::int4 ? 8 : 15;
  const std::int64_t b = op.b.format == Format::log4 ? 4096 : op.b.format == Format::log2 ? 64 : 8;
  std::int64_t bound = a * b * k * (op.b2 ? (1 << op.term_shift) + 1 : 1), bias = 0;
  for (const std::int32_t word : op.bias) bias = std::max(bias, std::abs(std::int64_t{word}));
  bound += bias << op.addend_shift;
  return bound <= INT16_MAX;
}

Result RtlDeviceImpl::gemm(const Gemm& op, std::string_view label) {
  const GemmShape size = validate_gemm(op, label);
  const std::uint32_t T = shape_.lanes;
  // Of a held update only the right operand is waited for by turns.
  for (const Tensor* t : {&op.a, &op.b2, &op.addend, &op.mask, &op.update.state}) need(*t);
  refuse_lost(*image(op.b));
  Part part{};
  part.op = &op;
  part.label = label;
  part.m = size.m;
  part.n = size.n;
  const std::uint32_t k_size = size.k;
  const std::uint32_t k_blocks = ceil_div(k_size, T);
  part.bias = !op.bias.empty();
  part.addend_shift = op.addend_shift;
  if (op.addend) part.addend = whole_words(op.addend);
  const std::uint32_t rows = op.out.transpose ? part.n : part.m, cols = op.out.transpose ? part.m : part.n;
  const bool update = op.out.format == OutFormat::update;
  if (update) part.addend = image(op.update.state);

  // A stretch of K longer than a quarter of a scratchpad goes through raw partial sums; then it is as short as panels of some tiles want
  // it, that operands be used more than once.
  std::uint32_t k_most = std::max(1u, shape_.operand_depth / 4);
  if (k_blocks > k_most / 2 && !update) {
    const std::uint32_t m_tiles = ceil_div(part.m, shape_.rows), n_tiles = ceil_div(part.n, shape_.cols);
    k_most = std::min({k_most, shape_.operand_depth / 2 / std::min(m_tiles, kPanelTiles), shape_.operand_depth / (op.b2 ? 4 : 2) / std::min(n_tiles, kPanelTiles)});
    k_most = even_step(k_blocks, std::max(1u, k_most));
  }
  if (update || k_blocks > k_most) release();
  if (update && k_blocks > k_most) {
    throw DeviceError("gemm (" + std::string(label) + "): K = " + std::to_string(k_size) + " where one command of this core takes " +
                      std::to_string(k_most * T) + ": an update cannot wait for a partial sum");
  }
  Result result;
  for (std::uint32_t k0 = 0; k0 < k_blocks; k0 += k_most) {
    part.k = {k0, std::min(k0 + k_most, k_blocks)};
    part.k_size = std::min(k_size, part.k.end * T) - part.k.begin * T;
    const bool last = part.k.end == k_blocks;
    part.out = op.out;
    if (update) part.out.mult = op.update.code_shift << 4 | op.update.lr_shift;
    part.stats.reset();
    part.mask = last && op.mask;
    part.raw.reset();
    if (last) {
      part.stats = std::make_shared<Stats>();
      result = make_outputs(part, rows, cols, halves_hold(op, k_size) ? 16 : 32);
    } else {
      part.out = Output{};
      part.out.transpose = op.out.transpose;
      part.raw = make_image(rows, cols, 32);
    }
    if (last) result.command = begin_operation(part.stats);
    if (update) {
      auto held = std::make_unique<Held>(*this, op, label, part);
      held->number = result.command;
      held->walk.push();                                           // its operands are in place then
      if (held->walk.done()) end_operation(kGemmLane, held->number);
      else held_ = std::move(held);
      continue;
    }
    run_part(part);
    part.addend = part.raw;
    part.addend_shift = 0;
    part.bias = false;
  }
  useful_macs_ += std::uint64_t{part.m} * part.n * k_size * (op.b2 ? 2 : 1);
  if (!update) end_operation(kGemmLane, result.command);
  return result;
}

Result RtlDeviceImpl::quantize(const Quantize& op, std::string_view label) {
  const auto [rows, cols] = validate_quantize(op, label);
  for (const Tensor* t : {&op.raw, &op.mask}) need(*t);
  std::shared_ptr<Image> source;
  SourceType type = op.type;
  if (op.raw) {
    source = image(op.raw);
    type = source->element_bits == 16 ? SourceType::s16 : SourceType::s32;
  } else {
    source = make_image(rows, cols, 8u << static_cast<unsigned>(type));
    pack_words(*source, op.data);
  }
  Part part{};
  part.out = op.out;
  part.stats = std::make_shared<Stats>();
  Result result = make_outputs(part, rows, cols, 32);

  const std::uint32_t T = shape_.lanes;
  const std::uint32_t source_words = source->block_bytes() / shape_.word_bytes();
  const std::uint32_t images = 1u + (part.codes2 ? 1u : 0u) + (part.mask_out ? 1u : 0u);
  const std::uint32_t most = std::max(1u, std::min({kPieceCycles / block_cycles(), c_[kQuantLane].words() / 4 / (source_words + 1),
                                                    r_[kQuantLane].words() / 4 / images}));
  std::uint32_t step = std::clamp(kHeadCycles / block_cycles(), 1u, most);
  for (std::uint32_t j = 0; j < source->block_cols(); ++j) {
    for (std::uint32_t i = 0; i < source->block_rows();) {
      const std::uint32_t left = source->block_rows() - i;
      const Span block_rows{i, i + std::min(step < most ? step : even_step(left, most), left)}, block_cols{j, j + 1};
      i = block_rows.end;
      step = std::min(2 * step, most);
      CommandJob command;
      command.label = label;
      command.stats = part.stats;
      Descriptor& d = command.descriptor;
      d.op = static_cast<std::uint8_t>(Op::quantize);
      d.source = static_cast<std::uint8_t>(type);
      output_fields(d, op.out);
      d.m = static_cast<std::uint16_t>(std::min(rows, block_rows.end * T) - block_rows.begin * T);
      d.n = static_cast<std::uint16_t>(std::min(cols, block_cols.end * T) - block_cols.begin * T);
      d.k = 1;
      d.row0 = static_cast<std::uint16_t>(block_rows.begin * T);
      d.col0 = static_cast<std::uint16_t>(block_cols.begin * T);

      Wait until_done;
      until_done.commands[kQuantLane] = queue_->next_command(kQuantLane);
      Wait free;
      Region& in = c_[kQuantLane].allocate(block_rows.size() * source_words, free);
      command.wait.loads[kQuantLane] = load_blocks(kQuantLane, in, free, source, block_rows, block_cols, source_words);
      d.c_base = static_cast<std::uint16_t>(in.base);
      in.free = until_done;
      if (op.mask) {
        Wait mask_free;
        Region& mask = c_[kQuantLane].allocate(block_rows.size(), mask_free);
        command.wait.loads[kQuantLane] =
            load_blocks(kQuantLane, mask, mask_free, image(op.mask), block_rows, block_cols, 1);
        d.mask_in = true;
        d.mask_in_base = static_cast<std::uint16_t>(mask.base);
        mask.free = until_done;
      }

      Region& out = r_[kQuantLane].allocate(block_rows.size() * images, command.wait);
      Stores stores(*queue_, kQuantLane, until_done);
      std::uint32_t base = out.base;
      d.r_base = static_cast<std::uint16_t>(base);
      stores.add(part.codes, base, block_rows, block_cols, 1);
      if (part.codes2) {
        d.r2_base = static_cast<std::uint16_t>(base += block_rows.size());
        stores.add(part.codes2, base, block_rows, block_cols, 1);
      }
      if (part.mask_out) {
        d.mask_out_base = static_cast<std::uint16_t>(base += block_rows.size());
        stores.add(part.mask_out, base, block_rows, block_cols, 1);
      }
      queue_->push(kQuantLane, std::move(command));
      out.free.stores[kQuantLane] = stores.push();
    }
  }
  result.command = begin_operation(part.stats);
  end_operation(kQuantLane, result.command);
  return result;
}

Tensor RtlDeviceImpl::gather_rows(const Tensor& codes, std::span<const std::uint32_t> rows) {
  validate_gather(codes, rows);
  const std::shared_ptr<Image>& from = image(codes);
  const auto count = static_cast<std::uint32_t>(rows.size());
  if (from->unfolding && std::adjacent_find(rows.begin(), rows.end(), [](auto a, auto b) { return b != a + 1; }) == rows.end()) {
    Unfolding part = *from->unfolding;
    part.first_row += rows.front();
    if (operands_.unfolds(part, count, codes.cols)) return windows(std::move(part), count, codes);
  }
  auto to = make_image(count, codes.cols, 4);
  sim::gather_rows(*to, *settled(from), rows);
  return tensor(std::move(to), TensorKind::codes, codes.format);
}

Tensor RtlDeviceImpl::unfold(const Tensor& codes, const Window& window, std::uint8_t pad_code) {
  const auto [rows, cols] = validate_unfold(codes, window, pad_code);
  Unfolding unfolding{image(codes), window, pad_code, 0};
  if (shape_.window_lines != 0 && !unfolding.source->unfolding && operands_.unfolds(unfolding, rows, cols)) return windows(std::move(unfolding), rows, codes);
  auto to = make_image(rows, cols, 4);
  sim::unfold(*to, *settled(image(codes)), window, pad_code);
  return tensor(std::move(to), TensorKind::codes, codes.format);
}

Tensor RtlDeviceImpl::upload_codes(std::span<const std::uint8_t> codes, std::uint32_t rows, std::uint32_t cols,
                                   Format format) {
  validate_upload_codes(codes, rows, cols, format);
  auto to = make_image(rows, cols, 4);
  pack_codes(*to, codes);
  return tensor(std::move(to), TensorKind::codes, format);
}

Tensor RtlDeviceImpl::upload_raw(std::span<const std::int32_t> words, std::uint32_t rows, std::uint32_t cols) {
  validate_upload_raw(words, rows, cols);
  auto to = make_image(rows, cols, 32);
  pack_words(*to, words.data());
  return tensor(std::move(to), TensorKind::raw);
}

Tensor RtlDeviceImpl::upload_mask(std::span<const std::uint8_t> bits, std::uint32_t rows, std::uint32_t cols) {
  validate_upload_mask(bits, rows, cols);
  auto to = make_image(rows, cols, 1);
  pack_bits(*to, bits);
  return tensor(std::move(to), TensorKind::mask);
}

Stats RtlDeviceImpl::stats(const Result& result) {
  const auto found = stats_.find(result.command);
  if (found == stats_.end()) throw DeviceError("rtl: stats of a command this device never ran");
  if (held_ && held_->number == result.command) release();
  guarded([&] { queue_->run_until(found->second.done); });
  if (found->second.dropped || queue_->lost(found->second.done)) throw DeviceError("rtl: stats of a command that an earlier error has ended");
  return *found->second.stats;
}

}  // namespace

std::unique_ptr<RtlDevice> make_core_device(std::unique_ptr<CoreModel> core) {
  return std::make_unique<RtlDeviceImpl>(std::make_unique<Scheduler>(std::move(core)));
}

std::unique_ptr<RtlDevice> make_rtl_device(std::unique_ptr<Board> board) {
  return std::make_unique<RtlDeviceImpl>(std::make_unique<RingDriver>(std::move(board)));
}

}  // namespace cuatro
