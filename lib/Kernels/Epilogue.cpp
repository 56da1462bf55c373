#include "hybridc/Kernels/Epilogue.h"

#include "Pieces.h"
#include "hybridc/Kernels/Spans.h"
#include "hybridc/Stream/VecIsa.h"

#include <array>
#include <atomic>
#include <optional>

namespace hybridc::exec {
namespace {

/// Strides in elements by batch, row, column and lane; those of extents of 1
/// are 0.
using GridStrides = std::array<int64_t, 4>;

/// `view` as [batches][rows][cols][lanes], if its dimensions can be taken
/// together like that.
std::optional<GridStrides> gridStrides(const View &view,
                                       const PieceGrid &grid) {
  const int64_t extents[4] = {grid.batches, grid.rows, grid.cols, grid.lanes};
  GridStrides strides = {};
  size_t d = view.shape.size();
  for (size_t g = 4; g-- > 0;) {
    int64_t taken = 1;
    for (; d > 0 && (taken < extents[g] || view.shape[d - 1] == 1); --d) {
      int64_t extent = view.shape[d - 1], stride = view.strides[d - 1];
      if (extent == 1)
        continue;
      if (taken == 1)
        strides[g] = stride;
      else if (stride != strides[g] * taken)
        return std::nullopt;
      taken *= extent;
    }
    if (taken != extents[g])
      return std::nullopt;
  }
  if (d > 0)
    return std::nullopt;
  return strides;
}

/// An operand of the epilogue: `strides` in bytes.
struct Walk {
  GridStrides strides;
  int64_t offsetOf(const Piece &p) const {
    return p.batch * strides[0] + p.row * strides[1] + p.col * strides[2];
  }
};

class FusedKernel final : public Kernel {
public:
  std::shared_ptr<Kernel> owner;
  PieceKernel *producer = nullptr;
  size_t producerIns = 0, producerOuts = 0;
  std::vector<Walk> ins, outs;
  /// Epilogues of different extents, and which of them a piece takes.
  std::vector<std::unique_ptr<Kernel>> epilogues;
  std::vector<uint8_t> epilogueOf;
  size_t epilogueScratch = 0; ///< where it begins

  void setScratch(unsigned threads) {
    epilogueScratch = alignUp(producer->scratchBytes());
    size_t most = 0;
    for (const auto &epilogue : epilogues)
      most = std::max(most, epilogue->scratchBytes());
    scratchSize = epilogueScratch + alignUp(most) * threads;
  }

  Status run(const std::byte *const *in, std::byte *const *out,
             std::byte *scratch) override {
    std::atomic<bool> failed = false;
    PieceKernel::After after = [&](int64_t i) {
      Piece piece = producer->piece(i);
      const std::byte *from[stream::kMaxOperands];
      std::byte *to[stream::kMaxOperands];
      for (size_t k = 0; k < ins.size(); ++k)
        from[k] = in[producerIns + k] + ins[k].offsetOf(piece);
      for (size_t k = 0; k < outs.size(); ++k)
        to[k] = out[producerOuts + k] + outs[k].offsetOf(piece);
      // Prepared for one thread, a vector kernel inside a team uses the part of
      // its scratch that has this thread's number.
      if (!epilogues[epilogueOf[i]]->run(from, to, scratch + epilogueScratch))
        failed = true;
    };
    if (Status s = producer->runPieces(in, out, scratch, &after); !s)
      return s;
    if (failed)
      return Error{ExitCode::Internal, "an epilogue failed"};
    return {};
  }
};

constexpr int64_t kMostPieces = 1 << 16;
constexpr size_t kMostEpilogues = 16;

} // namespace

std::shared_ptr<Kernel> fuseEpilogue(const Command &producer,
                                     const std::shared_ptr<Kernel> &kernel,
                                     const Command &vec,
                                     const stream::VecProgram &program,
                                     unsigned threads) {
  auto *pieces = dynamic_cast<PieceKernel *>(kernel.get());
  if (!pieces || producer.outs.size() != 1 ||
      producer.ins.size() + vec.ins.size() + vec.outs.size() + 1 >
          stream::kMaxOperands)
    return nullptr;
  const PieceGrid &grid = pieces->grid();
  if (grid.batches <= 0 || grid.rows <= 0 || grid.cols <= 0 ||
      pieces->numPieces() > kMostPieces)
    return nullptr;
  for (const stream::VecInstr &instr : program.instrs)
    if (stream::VecOp(instr.op) == stream::VecOp::Index)
      return nullptr; // would count from the piece's corner

  const View &result = producer.outs[0];
  std::optional<GridStrides> resultStrides = gridStrides(result, grid);
  if (!resultStrides)
    return nullptr;
  auto isResult = [&](const View &view, const GridStrides &strides) {
    return view.space == result.space && view.address == result.address &&
           view.type == result.type && strides == *resultStrides;
  };
  auto fused = std::make_shared<FusedKernel>();
  std::vector<GridStrides> all;
  bool reads = false;
  for (const auto *views : {&vec.ins, &vec.outs})
    for (const View &view : *views) {
      std::optional<GridStrides> strides = gridStrides(view, grid);
      if (!strides)
        return nullptr;
      // The result itself, piece for piece, or nothing of it.
      bool same = isResult(view, *strides);
      if (!same && spanOf(view).overlaps(spanOf(result)))
        return nullptr;
      reads |= same && views == &vec.ins;
      all.push_back(*strides);
    }
  if (!reads)
    return nullptr;
  for (size_t o = 0; o < vec.outs.size(); ++o) {
    Span span = spanOf(vec.outs[o]);
    // Later pieces of the product must find its inputs as they were.
    for (const View &in : producer.ins)
      if (span.overlaps(spanOf(in)))
        return nullptr;
    // So must those of the epilogue: in place is fine, anything else is not.
    const GridStrides &strides = all[vec.ins.size() + o];
    for (size_t i = 0; i < vec.ins.size(); ++i)
      if (span.overlaps(spanOf(vec.ins[i])) &&
          !(vec.ins[i].address == vec.outs[o].address &&
            vec.ins[i].type == vec.outs[o].type && all[i] == strides))
        return nullptr;
    for (size_t other = 0; other < o; ++other)
      if (span.overlaps(spanOf(vec.outs[other])))
        return nullptr;
  }

  // A kernel for each size of piece.
  std::vector<std::pair<int64_t, int64_t>> sizes;
  for (int64_t p = 0; p < pieces->numPieces(); ++p) {
    Piece piece = pieces->piece(p);
    std::pair<int64_t, int64_t> size = {piece.rows, piece.cols};
    if (piece.rows <= 0 || piece.cols <= 0)
      return nullptr;
    size_t at = static_cast<size_t>(
        std::find(sizes.begin(), sizes.end(), size) - sizes.begin());
    if (at == kMostEpilogues)
      return nullptr;
    if (at == sizes.size())
      sizes.push_back(size);
    fused->epilogueOf.push_back(static_cast<uint8_t>(at));
  }
  for (auto [rows, cols] : sizes) {
    Command part = vec;
    size_t v = 0;
    for (auto *views : {&part.ins, &part.outs})
      for (View &view : *views) {
        view.shape = {rows, cols, grid.lanes};
        view.strides = {rows == 1 ? 0 : all[v][1], cols == 1 ? 0 : all[v][2],
                        all[v][3]};
        ++v;
      }
    Prepared epilogue = prepareKernel(part, {.vec = &program, .threads = 1});
    if (!epilogue)
      return nullptr;
    fused->epilogues.push_back(std::move(*epilogue));
  }
  fused->owner = kernel;
  fused->producer = pieces;
  fused->producerIns = producer.ins.size();
  fused->producerOuts = producer.outs.size();
  size_t v = 0;
  for (auto [views, walks] :
       {std::pair{&vec.ins, &fused->ins}, std::pair{&vec.outs, &fused->outs}})
    for (const View &view : *views) {
      GridStrides strides = all[v++];
      for (int64_t &s : strides)
        s *= stream::sizeOf(view.type);
      walks->push_back({strides});
    }
  fused->setScratch(threads);
  return fused;
}

} // namespace hybridc::exec
