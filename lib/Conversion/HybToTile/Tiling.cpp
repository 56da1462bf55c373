//===- Tiling.cpp - Groups cut into tiles that fit ------------------------===//
#include "Tiling.h"

#include <numeric>

using namespace mlir;
using namespace hybridc;
using namespace hybridc::lower;

static int64_t bytesOf(Value value, const Box &box) {
  auto type = cast<RankedTensorType>(value.getType());
  return box.numElements() * tile::sizeOf(type.getElementType());
}

FailureOr<TilePlan> hybridc::lower::planTile(const GroupBody &body,
                                             const Box &request) {
  TilePlan plan;
  plan.boxes[body.result] = request;
  for (Operation *op : llvm::reverse(body.ops)) {
    auto found = plan.boxes.find(op->getResult(0));
    if (found == plan.boxes.end())
      continue; // nothing in this tile needs it
    Box wanted = found->second;
    if (op == body.analog) {
      // All columns of the arrays are read out at once.
      size_t d = isa<hyb::ConvOp>(op) ? 1 : wanted.lo.size() - 1;
      wanted.lo[d] = 0;
      wanted.size[d] =
          cast<RankedTensorType>(op->getResult(0).getType()).getDimSize(d);
    }
    auto regions = regionsFor(op, wanted);
    if (failed(regions))
      return failure();
    found->second = regions->computed;
    for (auto [index, operand] : llvm::enumerate(op->getOperands())) {
      if (op == body.analog && index == 1)
        continue; // weights stay in the arrays
      auto [entry, isNew] =
          plan.boxes.try_emplace(operand, regions->inputs[index]);
      if (!isNew)
        entry->second.include(regions->inputs[index]);
    }
    plan.work += regions->work;
    plan.regions.try_emplace(op, std::move(*regions));
  }
  for (auto &[value, box] : plan.boxes)
    plan.bytes += llvm::alignTo(bytesOf(value, box), 64);
  return plan;
}

int64_t Tiling::numTiles(ArrayRef<int64_t> shape) const {
  int64_t count = 1;
  for (auto [extent, part] : llvm::zip(shape, tile))
    count *= llvm::divideCeil(extent, part);
  return count;
}

/// The box of the first tile that lies inside (its windows meet no padding if
/// any does not): the largest one.
static Box largestBox(ArrayRef<int64_t> shape, ArrayRef<int64_t> tile) {
  Box box;
  for (auto [extent, part] : llvm::zip(shape, tile)) {
    bool hasInner = extent >= 3 * part;
    box.lo.push_back(hasInner ? part : 0);
    box.size.push_back(std::min(part, extent));
  }
  return box;
}

namespace {
/// How good a choice of tile extents is.
struct Rating {
  double score = 0;
  int64_t bytes = 0;
  SmallVector<int64_t> order;
};
} // namespace

/// Scores tile extents: bytes over the DRAM port, plus what is computed more
/// than once, both as bytes (16 multiply-accumulates weigh as one).
static std::optional<Rating>
rate(const GroupBody &body, ArrayRef<int64_t> shape, ArrayRef<int64_t> tile) {
  auto plan = planTile(body, largestBox(shape, tile));
  if (failed(plan))
    return std::nullopt;
  SmallVector<int64_t> count, cut;
  for (auto [d, extent] : llvm::enumerate(shape)) {
    count.push_back(llvm::divideCeil(extent, tile[d]));
    if (count.back() > 1)
      cut.push_back(d);
  }
  // Which cut dimensions each operand from outside depends on: it is loaded
  // anew whenever one of them moves, and every loop outside of them repeats.
  struct Load {
    double bytes;
    uint64_t dims;
  };
  SmallVector<Load> loads;
  for (auto &[value, ref] : body.args) {
    auto box = plan->boxes.find(value);
    if (box == plan->boxes.end())
      continue;
    uint64_t dims = 0;
    for (int64_t d : cut) {
      SmallVector<int64_t> whole(tile);
      whole[d] = shape[d];
      auto other = planTile(body, largestBox(shape, whole));
      if (failed(other) ||
          other->boxes.lookup(value).size != box->second.size ||
          other->boxes.lookup(value).lo != box->second.lo)
        dims |= uint64_t(1) << d;
    }
    loads.push_back({static_cast<double>(bytesOf(value, box->second)), dims});
  }
  Rating best;
  best.bytes = plan->bytes;
  best.score = -1;
  SmallVector<int64_t> order(cut);
  if (order.size() > 4)
    order.resize(4); // permute the outer ones, keep the rest inside
  do {
    SmallVector<int64_t> full(order);
    for (int64_t d : cut)
      if (!llvm::is_contained(full, d))
        full.push_back(d);
    double traffic = 0;
    for (const Load &load : loads) {
      double times = 1, upToHere = 1;
      for (int64_t d : full) {
        upToHere *= static_cast<double>(count[d]);
        if (load.dims >> d & 1)
          times = upToHere;
      }
      traffic += load.bytes * times;
    }
    if (best.score < 0 || traffic < best.score) {
      best.score = traffic;
      best.order = full;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  double tiles = 1;
  for (int64_t n : count)
    tiles *= static_cast<double>(n);
  // A command costs its set-up: many small tiles are dear.
  best.score += plan->work * tiles / 16 + tiles * 4096;
  return best;
}

/// The next smaller tile extent worth trying.
static int64_t smaller(int64_t part, int64_t extent) {
  int64_t count = llvm::divideCeil(extent, part);
  int64_t next = llvm::divideCeil(extent, 2 * count);
  // Keep vector-friendly multiples while there is room.
  if (next > 32)
    next = llvm::alignTo(next, 16);
  // Tiles of one size where possible: sums are then taken in the same order.
  next = llvm::divideCeil(extent, llvm::divideCeil(extent, next));
  return next < part ? next : part / 2;
}

Tiling hybridc::lower::chooseTiling(const GroupBody &body, int64_t budget) {
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(body.result.getType()).getShape();
  SmallVector<int64_t> tile;
  for (int64_t extent : shape)
    tile.push_back(std::max<int64_t>(extent, 1));
  auto current = rate(body, shape, tile);
  while (current && current->bytes > budget) {
    // Halve the dimension that brings the bytes down at the least cost.
    std::optional<Rating> best;
    size_t bestDim = 0;
    double bestPrice = 0;
    for (size_t d = 0; d < shape.size(); ++d) {
      if (tile[d] <= 1)
        continue;
      SmallVector<int64_t> candidate(tile);
      candidate[d] = smaller(tile[d], shape[d]);
      auto rating = rate(body, shape, candidate);
      if (!rating || rating->bytes >= current->bytes)
        continue;
      double saved = std::log(static_cast<double>(current->bytes)) -
                     std::log(static_cast<double>(
                         std::max<int64_t>(rating->bytes, budget)));
      double price =
          (std::log(rating->score + 1) - std::log(current->score + 1)) / saved;
      if (!best || price < bestPrice) {
        best = rating;
        bestDim = d;
        bestPrice = price;
      }
    }
    if (!best)
      break;
    tile[bestDim] = smaller(tile[bestDim], shape[bestDim]);
    current = best;
  }
  Tiling out;
  out.tile = tile;
  if (current) {
    out.order = current->order;
    out.bytes = current->bytes;
  }
  for (size_t d = 0; d < shape.size(); ++d)
    if (!llvm::is_contained(out.order, static_cast<int64_t>(d)))
      out.order.push_back(d);
  return out;
}
