//===- ArrayPool.cpp - Physical arrays for tiles --------------------------===//
#include "ArrayPool.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hybridc::lower {

/// Arrays whose error is worked out before one is chosen.
static constexpr unsigned kCandidates = 4;

std::vector<ArrayPool::Slot> &ArrayPool::slotsOf(const chip::ArrayKind &kind) {
  auto [found, isNew] = slots.try_emplace(kind.name);
  std::vector<Slot> &list = found->second;
  if (!isNew)
    return list;
  for (uint32_t at = 0; at + kind.slices <= kind.count; at += kind.slices) {
    Slot slot;
    slot.physical = at;
    for (uint32_t s = 0; isCareful() && s < kind.slices; ++s)
      slot.faults.push_back(
          chip::faultsOf(policy.faults, kind, at + s, {}, {}));
    if (isCareful()) {
      slot.good = chip::goodLines(slot.faults, kind);
    } else {
      slot.good.rows.resize(kind.rows);
      slot.good.cols.resize(kind.cols);
      std::iota(slot.good.rows.begin(), slot.good.rows.end(), 0);
      std::iota(slot.good.cols.begin(), slot.good.cols.end(), 0);
    }
    list.push_back(std::move(slot));
  }
  return list;
}

std::pair<uint32_t, uint32_t> ArrayPool::extentOf(const chip::ArrayKind &kind) {
  auto [found, isNew] = widths.try_emplace(kind.name, kind.cols);
  if (isNew && isCareful())
    found->second = std::max(1u, chip::workingArrays(policy.faults, kind).cols);
  return {kind.rows, found->second};
}

static std::vector<double> scalesOf(const std::vector<float> &weights,
                                    uint32_t cols) {
  std::vector<double> scale(cols, 0.0);
  for (size_t i = 0; i < weights.size(); ++i)
    scale[i % cols] =
        std::max(scale[i % cols], std::abs(static_cast<double>(weights[i])));
  for (double &s : scale)
    if (!(s > 0))
      s = 1;
  return scale;
}

static bool isIdentity(const std::vector<uint32_t> &map) {
  for (uint32_t i = 0; i < map.size(); ++i)
    if (map[i] != i)
      return false;
  return true;
}

std::optional<ArrayPlace> ArrayPool::take(const chip::ArrayKind &kind,
                                          uint32_t rows, uint32_t cols,
                                          Weights weights) {
  std::vector<Slot *> fitting;
  Slot *largest = nullptr;
  uint64_t most = 0;
  for (Slot &slot : slotsOf(kind)) {
    if (slot.isTaken)
      continue;
    uint64_t h = std::min<uint64_t>(rows, slot.good.rows.size()),
             w = std::min<uint64_t>(cols, slot.good.cols.size());
    if (h == rows && w == cols)
      fitting.push_back(&slot);
    if (h * w > most) {
      most = h * w;
      largest = &slot;
    }
  }
  if (!largest)
    return std::nullopt;
  // Damaged arrays serve what fits into them; whole ones are kept for more.
  auto area = [](const Slot *slot) {
    return slot->good.rows.size() * slot->good.cols.size();
  };
  std::stable_sort(
      fitting.begin(), fitting.end(),
      [&](const Slot *a, const Slot *b) { return area(a) < area(b); });
  if (fitting.empty())
    fitting.push_back(largest);
  ArrayPlace place;
  place.rows = std::min<uint64_t>(rows, fitting[0]->good.rows.size());
  place.cols = std::min<uint64_t>(cols, fitting[0]->good.cols.size());
  place.weights = weights(place.rows, place.cols);
  place.scale = scalesOf(place.weights, place.cols);
  if (!isCareful()) {
    fitting[0]->isTaken = true;
    place.physical = fitting[0]->physical;
    return place;
  }
  Slot *best = nullptr;
  bool hasStuck = false;
  chip::TileMapping mapping;
  for (size_t i = 0; i < std::min<size_t>(fitting.size(), kCandidates); ++i) {
    chip::TileProblem problem;
    problem.rows = place.rows;
    problem.cols = place.cols;
    problem.weights = place.weights;
    problem.scale = place.scale;
    problem.code = {kind.mapping == "differential", kind.slices,
                    kind.cell_bits};
    problem.goodRows = fitting[i]->good.rows;
    problem.goodCols = fitting[i]->good.cols;
    // Cells are many; only those of candidates are drawn.
    std::vector<chip::ArrayFaults> cells;
    for (uint32_t s = 0; s < kind.slices; ++s)
      cells.push_back(
          chip::faultsOf(policy.faults, kind, fitting[i]->physical + s));
    problem.stuck = chip::stuckOf(cells);
    chip::TileMapping found = chip::mapTile(problem);
    if (best && !(found.error < mapping.error))
      continue;
    best = fitting[i];
    hasStuck = !problem.stuck.empty();
    mapping = std::move(found);
    if (mapping.error == 0)
      break;
  }
  best->isTaken = true;
  place.physical = best->physical;
  if (!isIdentity(mapping.rowMap) || !isIdentity(mapping.colMap) || hasStuck)
    place.mapping = std::move(mapping);
  return place;
}

std::string ArrayPool::describe(const chip::ArrayKind &kind) {
  unsigned broken = 0, taken = 0;
  for (const Slot &slot : slotsOf(kind)) {
    taken += slot.isTaken;
    broken += slot.good.rows.empty() || slot.good.cols.empty();
  }
  std::string text =
      llvm::formatv("{0} of kind '{1}'", kind.count, kind.name).str();
  if (broken)
    text += llvm::formatv(", {0} of them broken and {1} taken",
                          broken * kind.slices, taken * kind.slices)
                .str();
  return text;
}

} // namespace hybridc::lower
