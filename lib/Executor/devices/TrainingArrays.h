//===- TrainingArrays.h - The constructors of the algorithms ---*- C++ -*-===//
//
// Private to lib/Executor/devices.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_EXECUTOR_DEVICES_TRAININGARRAYS_H
#define HYBRIDC_LIB_EXECUTOR_DEVICES_TRAININGARRAYS_H

#include "hybridc/Executor/devices/TrainingArray.h"

namespace hybridc::exec::detail {

using TrainingResult = Result<std::unique_ptr<TrainingArray>>;

TrainingResult makePlain(const TrainingConfig &config, size_t rows, size_t cols,
                         Key key);
TrainingResult makePair(const TrainingConfig &config, size_t rows, size_t cols,
                        Key key);
TrainingResult makeTransfer(const TrainingConfig &config, size_t rows,
                            size_t cols, Key key);
TrainingResult makeMixed(const TrainingConfig &config, size_t rows, size_t cols,
                         Key key);

} // namespace hybridc::exec::detail

#endif // HYBRIDC_LIB_EXECUTOR_DEVICES_TRAININGARRAYS_H
