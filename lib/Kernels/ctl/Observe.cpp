//===- Observe.cpp - observe ----------------------------------------------===//
#include "Ctl.h"

namespace hybridc::exec::ctl {
namespace {

/// Hands the values that pass through it to whoever runs the program: inside
/// of loops and branches there is no other way to see them.
class ObserveKernel final : public Kernel {
public:
  ObserveKernel(const Command &command, const PrepareOptions &options)
      : observer(options.observer), index(command.intOr("index", 0)),
        count(size_t(stream::numElements(command.ins[0]))) {
    View dense = command.ins[0];
    int64_t stride = 1;
    for (size_t d = dense.shape.size(); d-- > 0;) {
      dense.strides[d] = stride;
      stride *= dense.shape[d];
    }
    pass = makeCopy(command.ins[0], command.outs[0], options.threads);
    scratchSize = pass->scratchBytes();
    if (!observer || isDense(command.ins[0]))
      return;
    gather = makeCopy(command.ins[0], dense, options.threads);
    valueBytes = alignUp(count * sizeof(float));
    scratchSize = valueBytes + std::max(scratchSize, gather->scratchBytes());
  }

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *scratch) override {
    std::byte *rest = scratch + valueBytes;
    const std::byte *values = ins[0];
    if (gather) {
      if (Status status = gather->run(ins, &scratch, rest); !status)
        return status;
      values = scratch;
    }
    if (observer)
      (*observer)(index, {reinterpret_cast<const float *>(values), count});
    return pass->run(ins, outs, rest);
  }

private:
  const Observer *observer;
  int64_t index;
  size_t count, valueBytes = 0;
  std::unique_ptr<Kernel> gather, pass;
};

std::string checkObserve(const Command &command) {
  if (command.ins[0].type != DType::F32)
    return "takes f32, not " + describe(command.ins[0]);
  return checkSame(command.ins[0], command.outs[0], "input and output");
}

} // namespace

void addObserve(std::vector<KernelSpec> &rows) {
  rows.push_back(
      {"observe",
       1,
       1,
       {{"index", kInts, false, "what the observer is told it is (0)"}},
       "its input as it is; who runs the program may look at it",
       checkObserve,
       [](const Command &command, const PrepareOptions &options) -> Prepared {
         return std::unique_ptr<Kernel>(
             std::make_unique<ObserveKernel>(command, options));
       }});
}

} // namespace hybridc::exec::ctl
