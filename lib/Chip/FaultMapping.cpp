//===- FaultMapping.cpp - Rows and columns of a tile onto good lines ------===//
#include "hybridc/Chip/FaultMapping.h"

#include <algorithm>
#include <map>

namespace hybridc::chip {
namespace {

constexpr uint32_t kNone = UINT32_MAX;

/// A place where something is stuck.
struct Defect {
  uint32_t row = 0, column = 0;
  CellState cells;
};

std::vector<Defect> defectsOf(const TileProblem &problem) {
  std::map<std::pair<uint32_t, uint32_t>, Defect> places;
  for (const StuckSlice &stuck : problem.stuck) {
    if (stuck.slice >= 16)
      continue;
    const StuckCell &cell = stuck.cell;
    Defect &defect = places[{cell.row, cell.column}];
    defect.row = cell.row;
    defect.column = cell.column;
    (cell.negative ? defect.cells.negative
                   : defect.cells.positive)[stuck.slice] = cell.at;
  }
  std::vector<Defect> list;
  for (auto &[place, defect] : places)
    list.push_back(defect);
  return list;
}

/// Looks from physical lines to logical ones, and weighs errors.
class Mapper {
public:
  explicit Mapper(const TileProblem &problem)
      : p(problem), defects(defectsOf(problem)) {}

  /// Squared error of W[k][n] at a defect, stored with this sign.
  double errorAt(const Defect &defect, uint32_t k, uint32_t n, bool flip,
                 bool aware = true) const {
    double scale = p.scale[n];
    if (!(scale > 0) || !p.code.isUsual())
      return 0;
    double r = double(p.weights[size_t(k) * p.cols + n]) / scale;
    double wanted = std::clamp(flip ? -r : r, -1.0, 1.0);
    float plus[16], minus[16];
    // What quantisation alone costs is no fault's doing.
    double ideal = writeWeight(wanted, p.code, CellState(), plus, minus);
    double got = aware ? writeWeight(wanted, p.code, defect.cells, plus, minus)
                       : blind(defect, plus, minus);
    return (got - ideal) * (got - ideal) * scale * scale;
  }

  double total(const TileMapping &mapping, bool aware) const {
    std::vector<uint32_t> row = inverse(mapping.rowMap),
                          col = inverse(mapping.colMap);
    double sum = 0;
    for (const Defect &d : defects)
      if (d.row < row.size() && d.column < col.size() && row[d.row] != kNone &&
          col[d.column] != kNone)
        sum += errorAt(d, row[d.row], col[d.column],
                       mapping.flipped[col[d.column]] != 0, aware);
    return sum;
  }

  /// Best columns and signs for these rows.
  void assignColumns(TileMapping &mapping) const {
    std::vector<uint32_t> row = inverse(mapping.rowMap);
    size_t m = p.goodCols.size();
    std::vector<uint32_t> number = numbersOf(p.goodCols);
    // [column, place], for either sign
    std::vector<double> cost[2];
    for (auto &c : cost)
      c.assign(p.cols * m, 0.0);
    for (const Defect &d : defects) {
      if (d.row >= row.size() || row[d.row] == kNone ||
          d.column >= number.size() || number[d.column] == kNone)
        continue;
      for (uint32_t n = 0; n < p.cols; ++n)
        for (bool flip : {false, true})
          cost[flip][n * m + number[d.column]] +=
              errorAt(d, row[d.row], n, flip);
    }
    std::vector<double> least(p.cols * m);
    for (size_t i = 0; i < least.size(); ++i)
      least[i] = std::min(cost[0][i], cost[1][i]);
    std::vector<uint32_t> places = assign(least, p.cols, m);
    for (uint32_t n = 0; n < p.cols; ++n) {
      size_t at = n * m + places[n];
      mapping.colMap[n] = p.goodCols[places[n]];
      mapping.flipped[n] = cost[1][at] < cost[0][at];
    }
  }

  /// Best rows for these columns and signs.
  void assignRows(TileMapping &mapping) const {
    std::vector<uint32_t> col = inverse(mapping.colMap);
    size_t m = p.goodRows.size();
    std::vector<uint32_t> number = numbersOf(p.goodRows);
    std::vector<double> cost(p.rows * m, 0.0);
    for (const Defect &d : defects) {
      if (d.column >= col.size() || col[d.column] == kNone ||
          d.row >= number.size() || number[d.row] == kNone)
        continue;
      uint32_t n = col[d.column];
      for (uint32_t k = 0; k < p.rows; ++k)
        cost[k * m + number[d.row]] +=
            errorAt(d, k, n, mapping.flipped[n] != 0);
    }
    std::vector<uint32_t> places = assign(cost, p.rows, m);
    for (uint32_t k = 0; k < p.rows; ++k)
      mapping.rowMap[k] = p.goodRows[places[k]];
  }

private:
  double blind(const Defect &defect, float *plus, float *minus) const {
    double top = p.code.bits ? double((1u << p.code.bits) - 1) : 1.0;
    double sum = 0;
    uint32_t slices = p.code.bits ? p.code.slices : 1;
    for (uint32_t s = 0; s < slices; ++s) {
      double a = defect.cells.positive[s] >= 0 ? defect.cells.positive[s] * top
                                               : plus[s];
      double b = !p.code.isPair ? 0
                 : defect.cells.negative[s] >= 0
                     ? defect.cells.negative[s] * top
                     : minus[s];
      sum += (a - b) * double(uint64_t(1) << (p.code.bits * (slices - 1 - s)));
    }
    if (!p.code.bits)
      return p.code.isPair ? sum : 2 * sum - 1;
    double full = double(uint64_t(1) << (p.code.bits * slices));
    return p.code.isPair ? sum / (full - 1) : (sum - full / 2) / (full / 2 - 1);
  }

  static std::vector<uint32_t> inverse(const std::vector<uint32_t> &map) {
    uint32_t end = 0;
    for (uint32_t place : map)
      end = std::max(end, place + 1);
    std::vector<uint32_t> out(end, kNone);
    for (uint32_t i = 0; i < map.size(); ++i)
      out[map[i]] = i;
    return out;
  }
  static std::vector<uint32_t> numbersOf(const std::vector<uint32_t> &lines) {
    return inverse(lines);
  }

  const TileProblem &p;
  std::vector<Defect> defects;
};

} // namespace

TileMapping mapTile(const TileProblem &problem) {
  TileMapping mapping;
  mapping.rowMap.assign(problem.goodRows.begin(),
                        problem.goodRows.begin() + problem.rows);
  mapping.colMap.assign(problem.goodCols.begin(),
                        problem.goodCols.begin() + problem.cols);
  mapping.flipped.assign(problem.cols, 0);
  Mapper mapper(problem);
  mapping.error = mapper.total(mapping, true);
  for (unsigned round = 0; round < 6 && mapping.error > 0; ++round) {
    TileMapping next = mapping;
    mapper.assignColumns(next);
    mapper.assignRows(next);
    next.error = mapper.total(next, true);
    if (!(next.error < mapping.error * (1 - 1e-9)))
      break;
    mapping = std::move(next);
  }
  return mapping;
}

double mappingError(const TileProblem &problem, const TileMapping &mapping,
                    bool aware) {
  return Mapper(problem).total(mapping, aware);
}

GoodLines goodLines(std::span<const ArrayFaults> slices,
                    const ArrayKind &kind) {
  std::vector<bool> row(kind.physicalRows(), true),
      col(kind.physicalCols(), true);
  bool isAlive = true;
  for (const ArrayFaults &faults : slices) {
    isAlive &= !faults.dead;
    for (uint32_t r : faults.deadRows)
      row[r] = false;
    for (uint32_t c : faults.deadColumns)
      col[c] = false;
    uint32_t share = std::max(1u, kind.adc_share);
    for (const BrokenAdc &adc : faults.brokenAdcs)
      for (uint32_t c = adc.adc * share;
           c < std::min((adc.adc + 1) * share, kind.physicalCols()); ++c)
        col[c] = false;
  }
  GoodLines good;
  for (uint32_t r = 0; isAlive && r < row.size(); ++r)
    if (row[r])
      good.rows.push_back(r);
  for (uint32_t c = 0; isAlive && c < col.size(); ++c)
    if (col[c])
      good.cols.push_back(c);
  return good;
}

WorkingArrays workingArrays(const Faults &faults, const ArrayKind &kind) {
  if (faults.empty())
    return {kind.count, kind.rows, kind.cols, kind.count};
  std::vector<std::pair<uint32_t, uint32_t>> extents;
  std::vector<uint32_t> rows, cols;
  for (uint32_t at = 0; at + kind.slices <= kind.count; at += kind.slices) {
    std::vector<ArrayFaults> slices;
    for (uint32_t s = 0; s < kind.slices; ++s)
      slices.push_back(faultsOf(faults, kind, at + s, {}, {}));
    GoodLines good = goodLines(slices, kind);
    if (good.rows.empty() || good.cols.empty())
      continue;
    rows.push_back(std::min<uint32_t>(kind.rows, uint32_t(good.rows.size())));
    cols.push_back(std::min<uint32_t>(kind.cols, uint32_t(good.cols.size())));
    extents.emplace_back(rows.back(), cols.back());
  }
  WorkingArrays working;
  if (extents.empty())
    return working;
  std::sort(rows.begin(), rows.end());
  std::sort(cols.begin(), cols.end());
  working.usable = uint32_t(extents.size()) * kind.slices;
  working.rows = rows[rows.size() / 4];
  working.cols = cols[cols.size() / 4];
  for (auto [r, c] : extents)
    if (r >= working.rows && c >= working.cols)
      working.typical += kind.slices;
  return working;
}

std::vector<StuckSlice> stuckOf(std::span<const ArrayFaults> slices) {
  std::vector<StuckSlice> out;
  for (uint32_t s = 0; s < slices.size(); ++s)
    for (const StuckCell &cell : slices[s].stuck)
      out.push_back({s, cell});
  return out;
}

} // namespace hybridc::chip
