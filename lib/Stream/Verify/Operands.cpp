//===- Operands.cpp - Commands against arrays and vector programs ---------===//
#include "Verifier.h"

#include "hybridc/Stream/VecIsa.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace hybridc::stream::verify {

namespace {

/// Part of W that one tile holds.
struct Tile {
  int64_t k, kEnd, n, nEnd;
};

/// Whether no two tiles overlap: a sweep over k that keeps the intervals of n
/// in use.
bool areDisjoint(std::vector<Tile> tiles) {
  std::sort(tiles.begin(), tiles.end(), [](const Tile &a, const Tile &b) {
    return std::pair(a.k, a.n) < std::pair(b.k, b.n);
  });
  std::multimap<int64_t, const Tile *> endings; // by kEnd
  std::map<int64_t, int64_t> active;            // n → nEnd
  for (const Tile &tile : tiles) {
    while (!endings.empty() && endings.begin()->first <= tile.k) {
      active.erase(endings.begin()->second->n);
      endings.erase(endings.begin());
    }
    auto next = active.lower_bound(tile.n);
    if ((next != active.end() && next->first < tile.nEnd) ||
        (next != active.begin() && std::prev(next)->second > tile.n))
      return false;
    active[tile.n] = tile.nEnd;
    endings.insert({tile.kEnd, &tile});
  }
  return true;
}

/// (S21) The tiles of a command on W exist, are of the queue's array kind and
/// cover W exactly once. Blocked layouts pad channels: rows and columns of the
/// last block may be missing; such rows add nothing, such columns are zero.
std::string checkGroup(const Program &program, const Command &command,
                       std::string_view engine) {
  const std::vector<int64_t> &arrays = command.ints("arrays");
  const std::vector<int64_t> &kOffsets = command.ints("k_offsets");
  const std::vector<int64_t> &nOffsets = command.ints("n_offsets");
  // What runs over K and over N of W, innermost.
  const View *overK = nullptr, *overN = nullptr;
  if (command.op == Op::ReadWeights)
    overN = &command.outs[0];
  else
    overN = command.op == Op::Mvm ? &command.outs[0] : &command.ins[1];
  overK = command.op == Op::ReadWeights ? nullptr : &command.ins[0];
  if (command.intOr("transposed", 0) != 0)
    std::swap(overK, overN);
  const std::vector<int64_t> x =
      overK ? overK->shape : std::vector<int64_t>{overN->shape[0]};
  const std::vector<int64_t> &y = overN->shape;
  bool isConv = command.find("kernel");
  int64_t xBlock = std::max<int64_t>(command.intOr("x_block", 0), 1);
  int64_t yBlock = std::max<int64_t>(command.intOr("y_block", 0), 1);
  __int128 taps = 1;
  for (int64_t extent : command.ints("kernel")) {
    taps *= extent;
    if (taps > kMaxExtent)
      return "attribute 'kernel': is too large";
  }
  __int128 k = isConv ? __int128(x[1]) * xBlock * taps : __int128(x.back());
  __int128 n = isConv ? __int128(y[1]) * yBlock : __int128(y.back());
  std::vector<Tile> tiles;
  __int128 area = 0;
  int64_t kEnd = 0, nEnd = 0;
  for (size_t i = 0; i < arrays.size(); ++i) {
    if (size_t(arrays[i]) >= program.arrays.size())
      return fmt::format("array {} does not exist", arrays[i]);
    const ArrayTile &tile = program.arrays[arrays[i]];
    if (tile.engine != engine)
      return fmt::format("array {} is of engine {}, not {}", arrays[i],
                         tile.engine, engine);
    tiles.push_back({kOffsets[i], kOffsets[i] + tile.rows, nOffsets[i],
                     nOffsets[i] + tile.cols});
    kEnd = std::max(kEnd, tiles.back().kEnd);
    nEnd = std::max(nEnd, tiles.back().nEnd);
    if (kEnd > k || nEnd > n)
      return fmt::format("array {} reaches past the weights", arrays[i]);
    area += __int128(tile.rows) * tile.cols;
  }
  if (k - kEnd >= xBlock * taps || n - nEnd >= yBlock ||
      area != __int128(kEnd) * nEnd || !areDisjoint(std::move(tiles)))
    return "its arrays do not cover the weights exactly once";
  std::vector<int64_t> sorted = arrays;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    return "uses an array twice";
  return {};
}

/// (S28) A cell that is pulsed holds a weight by itself and with its sign.
std::string checkTrains(const Program &program, const Command &command) {
  const char *name = command.find("arrays") ? "arrays" : "array";
  for (int64_t array : command.ints(name)) {
    const ArrayTile &tile = program.arrays[size_t(array)];
    if (tile.cellBits != 0) // as several slices have (S5)
      return fmt::format(
          "array {} '{}' has {} slices of {} bits; only a single "
          "cell without levels can be pulsed",
          array, tile.name, tile.slices, tile.cellBits);
    if (std::find(tile.flipped.begin(), tile.flipped.end(), 1) !=
        tile.flipped.end())
      return fmt::format("array {} '{}' has negated columns, which cannot be "
                         "pulsed",
                         array, tile.name);
  }
  return {};
}

} // namespace

std::string checkTilesOf(const Program &program, const Command &command,
                         std::string_view engine) {
  if (command.find("arrays")) {
    std::string error = checkGroup(program, command, engine);
    if (error.empty() && command.op == Op::PulsedUpdate)
      error = checkTrains(program, command);
    return error;
  }
  // (S20) program_array, read_array, set_gain, refresh_pairs: the array exists,
  // is of the queue's kind and has w's extents, where there is a w.
  int64_t array = command.intOr("array", -1);
  if (array < 0 || size_t(array) >= program.arrays.size())
    return fmt::format("array {} does not exist", array);
  const ArrayTile &tile = program.arrays[array];
  if (tile.engine != engine)
    return fmt::format("array {} is of engine {}, not {}", array, tile.engine,
                       engine);
  if (command.op == Op::RefreshPairs)
    return checkTrains(program, command);
  if (command.op != Op::ProgramArray)
    return {};
  const std::vector<int64_t> &shape = command.ins[0].shape;
  if (shape[0] != tile.rows || shape[1] != tile.cols)
    return fmt::format("w: {}x{} must be the array's {}x{}", shape[0], shape[1],
                       tile.rows, tile.cols);
  return {};
}

// (S22) The vector program exists; operands are as many and of the types that
// it loads and stores; its indices are dimensions of the iteration space.
std::string checkVecOperands(const Program &program, const Command &command) {
  int64_t number = command.intOr("program", -1);
  if (number < 0 || size_t(number) >= program.vecPrograms.size())
    return fmt::format("vector program {} does not exist", number);
  const VecProgram &vec = program.vecPrograms[number];
  if (command.ins.size() != vec.numIns || command.outs.size() != vec.numOuts)
    return fmt::format("has {} inputs and {} outputs, vector program '{}' has "
                       "{} and {}",
                       command.ins.size(), command.outs.size(), vec.name,
                       vec.numIns, vec.numOuts);
  for (const VecInstr &instr : vec.instrs) {
    auto op = static_cast<VecOp>(instr.op);
    bool isLoad = op == VecOp::Load;
    if (isLoad || op == VecOp::Store) {
      const View &view =
          isLoad ? command.ins[instr.imm] : command.outs[instr.imm];
      if (view.type != instr.type)
        return fmt::format("{} {} is {}, vector program '{}' takes {}",
                           isLoad ? "in" : "out", instr.imm, nameOf(view.type),
                           vec.name, nameOf(instr.type));
    } else if (op == VecOp::Index &&
               instr.imm >= command.outs[0].shape.size()) {
      return fmt::format("vector program '{}' uses dimension {} of {}",
                         vec.name, instr.imm, command.outs[0].shape.size());
    }
  }
  return {};
}

} // namespace hybridc::stream::verify
