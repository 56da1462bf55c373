//===- Entry.h - An entry and the tensors at its edges ----------*- C++ -*-===//
#ifndef HYBRIDC_LIB_EXECUTOR_ENTRY_H
#define HYBRIDC_LIB_EXECUTOR_ENTRY_H

#include "Interpreter.h"
#include "Memory.h"

#include "hybridc/Kernels/Tensor.h"

namespace hybridc::exec {

struct Entry {
  std::string name;
  std::vector<stream::Binding> inputs, outputs;
  std::vector<std::byte *> inputData, outputData;
  PreparedBlock body;

  /// Finds where the edges lie; the body is left to the Preparer.
  static Result<Entry> create(const stream::Entry &entry, const Memory &memory);

  /// A binding and where it lies.
  struct Place {
    const stream::View &view;
    std::byte *data;
  };
  /// Or an error that lists the names.
  Result<Place> find(std::string_view name, bool isInput) const;

  Status checkInput(std::string_view name, const Tensor &tensor) const;
  Status setInput(std::string_view name, const void *data, size_t bytes) const;
  Result<Tensor> output(std::string_view name) const;
  Status copyOutput(std::string_view name, void *data, size_t bytes) const;
  const void *outputAt(std::string_view name) const;
};

} // namespace hybridc::exec

#endif // HYBRIDC_LIB_EXECUTOR_ENTRY_H
