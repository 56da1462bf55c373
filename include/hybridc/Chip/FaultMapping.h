//===- FaultMapping.h - Weights onto lines that work ----------*- C++ -*-===//
//
// How a weight is written into cells of which some are stuck, and which
// logical row and column of a tile goes to which physical line, so that the
// squared error of its weights is least. The compiler chooses with it, the
// array's controller (the executor) writes with it: one rule for both.
//
// A pair w ∝ g⁺ − g⁻ with one stuck cell still reaches every weight of one
// sign through its partner; with a column's sign swapped (its weights are
// stored negated, its output is negated digitally) it is the other sign. Bit
// slices that are stuck are made up for by the other slices as far as they
// reach.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_CHIP_FAULTMAPPING_H
#define HYBRIDC_CHIP_FAULTMAPPING_H

#include "hybridc/Chip/Faults.h"

#include <span>

namespace hybridc::chip {

/// The cells of one weight.
struct WeightCode {
  bool isPair = true;  ///< differential, else offset
  uint32_t slices = 1; ///< most significant first
  uint32_t bits = 0;   ///< of a cell; 0: any conductance, one slice

  /// What arrays are built with; others are taken to have no faults.
  bool isUsual() const { return slices <= 16 && bits * slices <= 20; }
};

/// What is stuck among the cells of one weight: for each slice the value of
/// its positive and its negative cell, −1 when it works, else a part of the
/// range of conductance: 0 the least, 1 the largest. At most 16 slices.
struct CellState {
  double positive[16], negative[16];
  CellState() {
    for (unsigned s = 0; s < 16; ++s)
      positive[s] = negative[s] = -1;
  }
};

/// Writes the weight r (−1 … 1, relative to the column's scale) as well as
/// the cells allow. positive[s], negative[s]: what the cells then hold, in
/// steps of a cell (digits; 0 … 1 without bits; negative only for pairs).
/// Returns the weight that they make up.
double writeWeight(double r, const WeightCode &code, const CellState &cells,
                   float *positive, float *negative);

/// A stuck cell with the slice that it belongs to, at a physical place.
struct StuckSlice {
  uint32_t slice = 0;
  StuckCell cell;
};

/// One tile to be placed onto one array (or one array a slice).
struct TileProblem {
  uint32_t rows = 0, cols = 0;
  std::span<const float> weights; ///< [rows, cols]
  std::span<const double> scale;  ///< of each column
  WeightCode code;
  std::vector<uint32_t> goodRows, goodCols; ///< physical, ascending
  std::vector<StuckSlice> stuck;
};

struct TileMapping {
  std::vector<uint32_t> rowMap, colMap; ///< logical → physical
  std::vector<uint8_t> flipped;         ///< per logical column: stored negated
  double error = 0; ///< Σ (w − what is written)², stuck cells alone
};

/// The mapping of least error among those found by assigning columns
/// optimally (with the better sign) for given rows, rows optimally for given
/// columns, and so on until nothing improves. Needs goodRows.size() >= rows,
/// goodCols.size() >= cols.
TileMapping mapTile(const TileProblem &problem);

/// Error of a given mapping; `aware`: written around the stuck cells, as
/// writeWeight does, else as if all worked.
double mappingError(const TileProblem &problem, const TileMapping &mapping,
                    bool aware);

/// Row i of the result is the column assigned to row i, of a cost matrix
/// [n, m], n <= m, with the least sum (Jonker and Volgenant's shortest
/// augmenting paths).
std::vector<uint32_t> assign(std::span<const double> cost, size_t n, size_t m);

/// The lines of `slices` arrays in a row (one weight's slices lie at the same
/// place of each) that work in all of them: no dead line, no broken ADC.
struct GoodLines {
  std::vector<uint32_t> rows, cols;
};
GoodLines goodLines(std::span<const ArrayFaults> slices, const ArrayKind &kind);

/// What is left of the arrays of one kind.
struct WorkingArrays {
  uint32_t usable = 0;         ///< arrays of which some line works
  uint32_t rows = 0, cols = 0; ///< extents that three quarters of those have
  uint32_t typical = 0;        ///< arrays that have both
};
WorkingArrays workingArrays(const Faults &faults, const ArrayKind &kind);

/// Cells of a problem: what is stuck in `slices`.
std::vector<StuckSlice> stuckOf(std::span<const ArrayFaults> slices);

} // namespace hybridc::chip

#endif // HYBRIDC_CHIP_FAULTMAPPING_H
