//===- TrainingTransfer.h - A fast array and a slow one ---------*- C++ -*-===//
//
// Private to lib/Devices.
//
// What Tiki-Taka and its successors share: gradients are pulsed into a fast
// array A; every so many updates the next line of A (of one input, or with
// transfer_columns=0 of one output) is read through the periphery and its
// values go, by an algorithm of their own, to the slow array C.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_DEVICES_TRAININGTRANSFER_H
#define HYBRIDC_LIB_DEVICES_TRAININGTRANSFER_H

#include "hybridc/Devices/TrainingArrays.h"

namespace hybridc::exec::detail {

/// The parts that makeTransfer makes.
struct TransferParts {
  std::unique_ptr<Cells> fast, slow;
  WeightReader reader;
  TrainingConfig config;
  Key key;
};

class Transfer : public TrainingArray {
public:
  explicit Transfer(TransferParts parts);

  std::span<const float> weights() const override;
  void update(std::span<const float> x, std::span<const float> d,
              double lr) override;
  void endBatch(double lr) override;
  unsigned cellsPerWeight() const override {
    return fast->perWeight() + slow->perWeight();
  }

protected:
  /// The rate of the update of A; may look at the sample.
  virtual double fastRate(std::span<const float> x, std::span<const float> d,
                          double lr);
  /// `line`'s values `read` go to C; `rate` is the transfer's.
  virtual void move(size_t line, std::span<const float> read, double rate) = 0;
  /// What A's inputs and outputs are multiplied by, ±1.
  virtual float rowSign(size_t) const { return 1; }
  virtual float colSign(size_t) const { return 1; }

  /// A line of C is pulsed: an outer product with a one at `line`.
  void write(size_t line, std::span<const float> values, double rate);
  /// Where value j of a line is in a matrix [k][n].
  size_t at(size_t line, size_t j) const {
    return config.transferColumns ? line * cols + j : j * cols + line;
  }
  size_t lines() const { return config.transferColumns ? rows : cols; }
  size_t lineSize() const { return config.transferColumns ? cols : rows; }
  /// A number in (0, 1), another one at every call.
  float chance();

  std::unique_ptr<Cells> fast, slow;
  TrainingConfig config;
  size_t rows, cols;
  unsigned updateBatch = 1;

private:
  uint64_t every() const;
  void transfer(double lr);
  void sum();

  WeightReader reader;
  Key key;
  size_t next = 0;
  uint64_t updates = 0, chances = 0;
  std::vector<float> oneHot, visible, signedX, signedD, read;
};

/// TTv2 with the choppers of Rasch et al. 2023 (none with a chance of 0), and
/// AGAD.
std::unique_ptr<Transfer> makeChopped(TransferParts parts);
std::unique_ptr<Transfer> makeDynamic(TransferParts parts);

} // namespace hybridc::exec::detail

#endif // HYBRIDC_LIB_DEVICES_TRAININGTRANSFER_H
