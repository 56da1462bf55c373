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

/// Narrows a box to one of `parts` parts of a dimension; the last may be empty.
static void takePart(Box &box, int64_t dim, int64_t part, int64_t parts) {
  int64_t most = llvm::divideCeil(box.size[dim], parts);
  int64_t first = std::min(part * most, box.size[dim]);
  box.lo[dim] += first;
  box.size[dim] = std::min(most, box.size[dim] - first);
}

FailureOr<TilePlan> hybridc::lower::planTile(const GroupBody &body,
                                             const Box &request, int64_t part) {
  TilePlan plan;
  plan.boxes[body.result] = request;
  for (Operation *op : llvm::reverse(body.ops)) {
    auto found = plan.boxes.find(op->getResult(0));
    if (found == plan.boxes.end())
      continue; // nothing in this tile needs it
    Box wanted = found->second;
    if (op == body.analog) {
      // All columns of the arrays are read out at once.
      wanted.widen(
          hyb::tensorTypeOf(op->getResult(0)).getShape(),
          {cast<hyb::ContractionOpInterface>(op).getChannelDims().result});
    }
    auto regions = cast<hyb::TileableOpInterface>(op).getRegions(wanted);
    if (failed(regions))
      return failure();
    found->second = regions->computed;
    if (op == body.split)
      for (unsigned index : {0u, 1u}) {
        Box &box = regions->inputs[index];
        takePart(box, *cast<hyb::ContractionOpInterface>(op).getSumDim(index),
                 part, body.parts);
        if (box.numElements() == 0)
          return failure();
      }
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
    if (!body.inPlace.contains(value))
      plan.bytes += llvm::alignTo(bytesOf(value, box), 64);
  return plan;
}

/// Looks for the one contraction of the group whose sums can be taken in
/// parts, and fills `body` in; gives the number of its indices, or 1. Its sums
/// must not be rounded, and nothing else may read what it is made from.
static int64_t prepareSplit(GroupBody &body) {
  Operation *found = nullptr;
  for (Operation *op : body.ops) {
    if (!hyb::isContraction(op))
      continue;
    if (found || op == body.analog)
      return 1;
    found = op;
  }
  if (!found)
    return 1;
  auto sumDim = cast<hyb::ContractionOpInterface>(found).getSumDim(0);
  if (!sumDim)
    return 1;
  auto sums = cast<RankedTensorType>(found->getResult(0).getType());
  if (sums.getElementType().getIntOrFloatBitWidth() < 32)
    return 1;
  body.splitOps = {found};
  for (Operation *op : llvm::reverse(body.ops))
    if (llvm::any_of(op->getUsers(), [&](Operation *user) {
          return body.splitOps.contains(user);
        }))
      body.splitOps.insert(op);
  for (Operation *op : body.splitOps)
    for (Value operand : op->getOperands())
      if (body.args.contains(operand))
        body.splitArgs.insert(operand);
  for (Operation *op : body.ops) {
    if (op != found && body.splitOps.contains(op) &&
        op->getResult(0) == body.result)
      return 1;
    if (body.splitOps.contains(op))
      continue;
    for (Value operand : op->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      if (body.splitArgs.contains(operand) ||
          (producer && producer != found && body.splitOps.contains(producer)))
        return 1;
    }
  }
  body.split = found;
  return cast<RankedTensorType>(found->getOperand(0).getType())
      .getDimSize(*sumDim);
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
    if (box == plan->boxes.end() || body.inPlace.contains(value))
      continue;
    uint64_t dims = 0;
    for (int64_t d : cut) {
      if (body.splitArgs.contains(value)) { // nothing of it is kept
        dims |= uint64_t(1) << d;
        continue;
      }
      SmallVector<int64_t> whole(tile);
      whole[d] = shape[d];
      auto other = planTile(body, largestBox(shape, whole));
      if (failed(other) ||
          other->boxes.lookup(value).size != box->second.size ||
          other->boxes.lookup(value).lo != box->second.lo)
        dims |= uint64_t(1) << d;
    }
    double bytes = static_cast<double>(bytesOf(value, box->second));
    if (body.splitArgs.contains(value))
      bytes *= static_cast<double>(body.parts);
    loads.push_back({bytes, dims});
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
  best.score +=
      plan->work * tiles / 16 + tiles * 4096 * static_cast<double>(body.parts);
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
    out.score = current->score;
  }
  for (size_t d = 0; d < shape.size(); ++d)
    if (!llvm::is_contained(out.order, static_cast<int64_t>(d)))
      out.order.push_back(d);
  return out;
}

Tiling hybridc::lower::chooseSplit(GroupBody &body, int64_t budget) {
  // Beyond this many tiles it is worth looking for another way.
  constexpr int64_t kManyTiles = 1024;
  Tiling best = chooseTiling(body, budget);
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(body.result.getType()).getShape();
  if (best.bytes <= budget && best.numTiles(shape) <= kManyTiles)
    return best;
  GroupBody candidate = body;
  int64_t extent = prepareSplit(candidate);
  for (int64_t parts = 2; parts / 2 < extent; parts *= 2) {
    candidate.parts = std::min(parts, extent);
    Tiling tiling = chooseTiling(candidate, budget);
    bool fits = tiling.bytes <= budget, fitted = best.bytes <= budget;
    if (fits == fitted
            ? (fits ? tiling.score < best.score : tiling.bytes < best.bytes)
            : fits) {
      best = tiling;
      body = candidate;
    }
  }
  return best;
}
