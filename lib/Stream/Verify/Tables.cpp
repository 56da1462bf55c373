//===- Tables.cpp - Arrays, origins, vector programs, bindings ------------===//
#include "Verifier.h"

#include <cmath>
#include <set>

#include <fmt/format.h>

namespace hybridc::stream::verify {

std::string checkName(std::string_view name) {
  if (name.empty())
    return "has no name";
  for (unsigned char c : name)
    if (c < 0x20 || c == 0x7f)
      return "has a control character in its name";
  return {};
}

namespace {

// (S5) Array tiles have names, an engine of their own kind and sizes within the
// limits.
std::string checkArray(const ArrayTile &tile) {
  if (tile.engine.empty() || !checkName(tile.engine).empty())
    return "its engine has no printable name";
  Program none;
  if (engineKindOf(none, tile.engine))
    return fmt::format("engine '{}' is no array kind", tile.engine);
  if (tile.rows == 0 || tile.rows > kMaxArrayRows || tile.cols == 0 ||
      tile.cols > kMaxArrayRows)
    return fmt::format("{} rows and {} columns must be within 1 to {}",
                       tile.rows, tile.cols, kMaxArrayRows);
  if (tile.slices == 0 || tile.slices > 64)
    return fmt::format("{} slices must be within 1 to 64", tile.slices);
  if (tile.cellBits > 16)
    return fmt::format("{} bits in a cell are more than 16", tile.cellBits);
  if (tile.slices > 1 && tile.cellBits == 0)
    return "several slices need cells with bits";
  if (tile.mapping > 1)
    return fmt::format("unknown mapping {}", tile.mapping);
  return {};
}

// (S26) A tile that is mapped around faults says where each row and each column
// lies, all in places of their own, and which columns are negated.
std::string checkMaps(const ArrayTile &tile) {
  if (tile.rowMap.empty() && tile.colMap.empty() && tile.flipped.empty())
    return {};
  auto check = [](const std::vector<uint32_t> &map, uint32_t count,
                  const char *what) -> std::string {
    if (map.size() != count)
      return fmt::format("{} places for {} {}s", map.size(), count, what);
    std::vector<bool> isTaken(2 * kMaxArrayRows);
    for (uint32_t place : map) {
      if (place >= isTaken.size())
        return fmt::format("a {} at {}, which is too large", what, place);
      if (isTaken[place])
        return fmt::format("two {}s at {}", what, place);
      isTaken[place] = true;
    }
    return {};
  };
  std::string error = check(tile.rowMap, tile.rows, "row");
  if (error.empty())
    error = check(tile.colMap, tile.cols, "column");
  if (!error.empty() || tile.flipped.empty())
    return error;
  if (tile.flipped.size() != tile.cols)
    return fmt::format("{} signs for {} columns", tile.flipped.size(),
                       tile.cols);
  for (uint8_t flip : tile.flipped)
    if (flip > 1)
      return fmt::format("a sign of {}, which must be 0 or 1", flip);
  return {};
}

std::string checkArrays(const Program &program) {
  std::set<std::string_view> names;
  uint64_t cells = 0;
  for (size_t i = 0; i < program.arrays.size(); ++i) {
    const ArrayTile &tile = program.arrays[i];
    std::string error = checkName(tile.name);
    if (error.empty() && !names.insert(tile.name).second)
      error = "has the name of another";
    if (error.empty())
      error = checkArray(tile);
    if (error.empty())
      error = checkMaps(tile);
    if (error.empty())
      error = checkOrigin(program, tile.origin);
    if (!error.empty())
      return fmt::format("array {} '{}': {}", i, tile.name, error);
    cells += uint64_t(tile.rows) * tile.cols * tile.slices;
    if (cells > kMaxCells)
      return fmt::format("arrays have more than {} cells", kMaxCells);
  }
  return {};
}

} // namespace

// (S6) An origin that exists; 0 when there are none.
std::string checkOrigin(const Program &program, uint32_t origin) {
  if (origin < std::max<size_t>(program.origins.size(), 1))
    return {};
  return fmt::format("origin {} does not exist", origin);
}

std::string checkTables(const Program &program) {
  // (S1) Names are printable and unique.
  std::set<std::string_view> names;
  for (const DramSegment &segment : program.segments) {
    std::string error = checkName(segment.name);
    if (error.empty() && !names.insert(segment.name).second)
      error = "has the name of another";
    if (!error.empty())
      return fmt::format("DRAM segment '{}': {}", segment.name, error);
  }
  for (size_t i = 0; i < program.blobs.size(); ++i)
    if (program.blobs[i].bytes != 0 && !program.blobs[i].data)
      return fmt::format("blob {} has no data", i);
  for (size_t i = 0; i < program.origins.size(); ++i)
    if (!std::isfinite(program.origins[i].estimatedLatency_ns) ||
        !std::isfinite(program.origins[i].estimatedEnergy_pj))
      return fmt::format("origin {}: its estimate is not finite", i);
  // (S27) The horizon is finite; what recurs is an entry without inputs and
  // outputs, listed once, at ascending times.
  if (!std::isfinite(program.horizon_s) || program.horizon_s < 0)
    return "the horizon must be finite and not negative";
  std::set<std::string_view> recurring;
  for (const Recalibration &r : program.recalibrations) {
    const Entry *entry = program.findEntry(r.entry);
    if (!entry || !entry->inputs.empty() || !entry->outputs.empty())
      return fmt::format("recalibration '{}' is no entry without inputs and "
                         "outputs",
                         r.entry);
    if (!recurring.insert(r.entry).second)
      return fmt::format("recalibration '{}' is listed twice", r.entry);
    if (r.at_s.size() > kMaxRecalibrations)
      return fmt::format("recalibration '{}': {} times are too many", r.entry,
                         r.at_s.size());
    double before = 0;
    for (double at : r.at_s) {
      if (!std::isfinite(at) || at <= before)
        return fmt::format("recalibration '{}': times must ascend from above "
                           "0, not {} s after {} s",
                           r.entry, at, before);
      before = at;
    }
  }
  // (S7) Vector programs are well formed: the (V…) rules.
  for (const VecProgram &vec : program.vecPrograms)
    if (std::string error = checkVecProgram(vec); !error.empty())
      return error;
  return checkArrays(program);
}

// (S8) Bindings are dense row-major DRAM views with unique names; inputs are
// not constant and do not overlap.
std::string checkBindings(const Program &program, const Entry &entry) {
  std::set<std::pair<uint64_t, uint64_t>> written; ///< start, end
  for (bool isInput : {true, false}) {
    std::set<std::string_view> names;
    for (const Binding &binding : isInput ? entry.inputs : entry.outputs) {
      const View &view = binding.view;
      auto failure = [&](std::string_view why) {
        return fmt::format("{} '{}': {}", isInput ? "input" : "output",
                           binding.name, why);
      };
      if (std::string error = checkName(binding.name); !error.empty())
        return failure(error);
      if (!names.insert(binding.name).second)
        return failure("has the name of another");
      if (std::string error = checkPlace(program, view, {}, isInput);
          !error.empty())
        return failure(error);
      if (view.space != Space::Dram)
        return failure("must lie in DRAM");
      if (view.strides != rowMajorStrides(view.shape))
        return failure("must be dense and row-major");
      uint64_t bytes = uint64_t(numElements(view)) * sizeOf(view.type);
      if (!isInput || bytes == 0)
        continue;
      auto [at, isNew] = written.insert({view.address, view.address + bytes});
      if (!isNew ||
          (at != written.begin() && std::prev(at)->second > view.address) ||
          (std::next(at) != written.end() &&
           std::next(at)->first < view.address + bytes))
        return failure("overlaps another input");
    }
  }
  return {};
}

} // namespace hybridc::stream::verify
