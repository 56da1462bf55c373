//===- TrainingMixed.cpp - Mixed-precision training -----------------------===//
//
// Nandakumar et al., Front. Neurosci. 2020: gradients are added up digitally,
// χ += x·dᵀ; every transfer_every mini-batches the outputs' columns are
// written one after the other: n = trunc(χ/ε) pulses for each cell, χ −= n·ε.
// Like any update these pulses are Bernoulli trains, as long as the largest n
// of the column, so that others come to n on average. No feedback tells what
// they really did.
//
//===----------------------------------------------------------------------===//

#include "hybridc/Devices/TrainingArrays.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

namespace {

class Mixed final : public TrainingArray {
public:
  Mixed(std::unique_ptr<Cells> cells, const TrainingConfig &config, Key key)
      : cells(std::move(cells)), config(config), key(key),
        step(config.granularity * this->cells->granularity()),
        chi(this->cells->rows() * this->cells->cols(), 0.0f) {
    rule = config.rule;
    rule.updateManagement = rule.lengthManagement = true;
  }

  std::span<const float> weights() const override { return cells->weights(); }

  void update(std::span<const float> x, std::span<const float> d,
              double lr) override {
    std::vector<float> qx = quantised(x, config.xBins, 0);
    std::vector<float> qd = quantised(d, config.dBins, 1);
    for (size_t k = 0; k < qx.size(); ++k)
      for (size_t n = 0; n < qd.size(); ++n)
        chi[k * qd.size() + n] += float(lr) * qx[k] * qd[n];
    // The count of this sample itself is not yet in: columns are written while
    // the next mini-batch's first sample is taken.
    uint64_t every = uint64_t(config.transferEvery * batchSize);
    if (every > 0 && updates > 0 && updates % every == 0)
      transfer();
    ++updates;
  }

  void endBatch(double) override { cells->endBatch(); }
  unsigned cellsPerWeight() const override { return cells->perWeight(); }

private:
  std::vector<float> quantised(std::span<const float> v, double bins,
                               uint64_t which) const {
    std::vector<float> q(v.begin(), v.end());
    double half = std::floor(bins / 2), most = 0;
    for (float value : v)
      most = std::max(most, std::fabs(double(value)));
    if (half < 1 || most == 0)
      return q;
    double width = most / half;
    std::vector<float> shift(v.size(), 0.5f);
    if (config.stochasticBins)
      uniforms(subKey(subKey(key, which), updates), 0, shift.data(),
               shift.size());
    for (size_t i = 0; i < q.size(); ++i)
      q[i] = float(
          std::clamp(std::rint(v[i] / width + shift[i] - 0.5), -half, half) *
          width);
    return q;
  }

  void transfer() {
    size_t rows = cells->rows(), cols = cells->cols();
    size_t count = config.rowsPerTransfer < 0
                       ? cols
                       : std::min(cols, size_t(config.rowsPerTransfer));
    if (config.randomSelection && count < cols) {
      float chance;
      uniforms(subKey(key, 2), updates, &chance, 1);
      column = std::min(cols - 1, size_t(chance * float(cols)));
    }
    std::vector<float> whole(rows), oneHot(cols, 0.0f);
    for (size_t done = 0; done < count; ++done, column = (column + 1) % cols) {
      for (size_t k = 0; k < rows; ++k) {
        float &value = chi[k * cols + column];
        whole[k] = float(std::trunc(value / step));
        value -= float(whole[k] * step);
      }
      oneHot[column] = 1;
      cells->update(whole, oneHot, step * config.transferLr, rule,
                    unsigned(count));
      oneHot[column] = 0;
    }
  }

  std::unique_ptr<Cells> cells;
  TrainingConfig config;
  UpdateRule rule;
  Key key;
  double step;
  std::vector<float> chi;
  size_t column = 0;
  uint64_t updates = 0;
};

} // namespace

TrainingResult detail::makeMixed(const TrainingConfig &config, size_t rows,
                                 size_t cols, Key key) {
  auto cells = makeCells(config, rows, cols, subKey(key, 1));
  if (!cells)
    return cells.error();
  return TrainingResult(
      std::make_unique<Mixed>(std::move(*cells), config, subKey(key, 2)));
}

} // namespace hybridc::exec
