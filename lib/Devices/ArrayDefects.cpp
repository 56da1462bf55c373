//===- ArrayDefects.cpp - Cells and lines that do not work ----------------===//
//
// A stuck cell has its conductance whatever is written, without drift and read
// noise. A dead line carries no current: both cells of a pair contribute
// nothing. A converter that is broken is ArrayMvm.cpp's business.
//
//===----------------------------------------------------------------------===//

#include "ArrayImpl.h"
#include "ArrayKernels.h"

#include "hybridc/Chip/FaultMapping.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace hybridc::exec {

using namespace detail;

void AnalogArray::Impl::writeAround(size_t slice, size_t firstRow, size_t count,
                                    float *positive, float *negative) const {
  chip::WeightCode code;
  code.isPair = config.mapping == WeightMapping::Differential;
  code.slices = config.slices;
  code.bits = config.cellBits;
  std::map<std::pair<uint32_t, uint32_t>, chip::CellState> places;
  for (const ArrayDefects::Stuck &cell : config.defects.known)
    if (cell.row >= firstRow && cell.row < firstRow + count &&
        cell.slice < 16 && cell.col < cols) {
      chip::CellState &state = places[{cell.row, cell.col}];
      (cell.negative ? state.negative : state.positive)[cell.slice] = cell.at;
    }
  unsigned levels = device->levels();
  for (const auto &[place, state] : places) {
    auto [row, col] = place;
    double w = target[size_t(row) * cols + col];
    double r = scale[col] > 0 ? w / scale[col] : 0;
    float plus[16], minus[16];
    chip::writeWeight(std::clamp(r, -1.0, 1.0) * double(signOf(col)), code,
                      state, plus, minus);
    // Cells with levels take the nearest one.
    if (code.bits == 0 && levels > 1)
      for (float *value : {plus, minus})
        *value = std::nearbyint(*value * float(levels - 1)) / float(levels - 1);
    size_t at = (row - firstRow) * cols + col;
    positive[at] = plus[slice];
    if (code.isPair)
      negative[at] = minus[slice];
  }
}

void AnalogArray::Impl::injectStuck(size_t slice, bool negative,
                                    size_t firstRow, size_t count,
                                    float *codes) const {
  float steps =
      config.cellBits == 0 ? 1.0f : float((1u << config.cellBits) - 1);
  for (const ArrayDefects::Stuck &cell : config.defects.stuck)
    if (cell.slice == slice && cell.negative == negative &&
        cell.row >= firstRow && cell.row < firstRow + count && cell.col < cols)
      codes[(cell.row - firstRow) * cols + cell.col] = float(cell.at) * steps;
}

void AnalogArray::Impl::injectDead(size_t slice) {
  PanelMatrix &out = cells[slice];
  std::vector<float> nothing(cols, 0.0f);
  for (uint32_t row : config.defects.deadRows)
    if (row < rows)
      out.setRow(row, nothing.data(), cols);
  for (uint32_t col : config.defects.deadCols)
    for (size_t k = 0; col < cols && k < rows; ++k)
      out.at(k, col) = 0;
}

void AnalogArray::Impl::compensate(std::vector<double> fresh,
                                   std::vector<double> now, bool perColumn) {
  if (!perColumn) {
    double before = 0, after = 0;
    for (size_t n = 0; n < cols; ++n) {
      before += fresh[n];
      after += now[n];
    }
    fresh.assign(1, before / double(cols));
    now.assign(1, after / double(cols));
  }
  compensation.clear();
  for (size_t i = 0; i < now.size(); ++i)
    // A column without weights has nothing to compensate.
    compensation.push_back(
        fresh[i] > 0 ? float(fresh[i] / std::max(now[i], 1e-4)) : 1.0f);
}

void AnalogArray::setDefects(ArrayDefects defects) {
  impl->config.defects = std::move(defects);
}

void AnalogArray::readOut(double seconds, uint64_t epoch, unsigned reads) {
  Impl &a = *impl;
  a.mode = ArrayMode::Noisy;
  if (a.baseline.empty()) {
    a.realiseAll(CellState::Programmed, 0, 0);
    a.baseline = a.readOneHot(Purpose::Baseline, 0);
  }
  a.realiseAll(CellState::Aged, std::max(seconds, 0.0), epoch);
  a.readings = a.readOneHot(Purpose::Compensate, epoch, reads);
  a.setColumnFactors();
}

void AnalogArray::updateGain(bool perColumn) {
  Impl &a = *impl;
  if (a.readings.empty())
    return;
  a.compensate(a.baseline, a.readings, perColumn);
  a.setColumnFactors();
}

} // namespace hybridc::exec
