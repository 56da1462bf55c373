//===- Activations.h - Activation functions by name -----------*- C++ -*-===//
#ifndef HYBRIDC_LIB_IMPORT_OPS_ACTIVATIONS_H
#define HYBRIDC_LIB_IMPORT_OPS_ACTIVATIONS_H

#include "../Scalars.h"

#include "llvm/ADT/StringRef.h"

#include <functional>
#include <optional>

namespace hybridc::import {

using Activation = std::function<mlir::Value(Scalars &, mlir::Value)>;

/// The activations that RNN, GRU and LSTM may name (in any case), or nothing.
std::optional<Activation> activationByName(llvm::StringRef name, double alpha,
                                           double beta);

mlir::Value softplus(Scalars &s, mlir::Value x);

} // namespace hybridc::import

#endif // HYBRIDC_LIB_IMPORT_OPS_ACTIVATIONS_H
