//===- Refuse.cpp - refuse_when -------------------------------------------===//
#include "Ctl.h"

#include <fmt/format.h>

namespace hybridc::exec::ctl {
namespace {

/// What a branch computes that cannot be compiled for the extents at hand. It
/// looks at the branch's condition itself, so that it may run anywhere.
class RefuseWhenKernel final : public Kernel {
public:
  RefuseWhenKernel(const Command &command)
      : value(command.intOr("value", 1) != 0),
        reason(command.textOr("reason", "")),
        bytes(stream::sizeOf(command.outs[0].type)) {
    nest = makeNest(command.outs[0].shape, {byteStrides(command.outs[0])});
  }

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *) override {
    if ((loadAs<uint8_t>(ins[0]) != 0) == value)
      return invalidInput(reason);
    Odometer at;
    at.seek(nest, nest.rank(), 0);
    for (int64_t i = 0, n = nest.total(); i < n; ++i) {
      std::memset(outs[0] + at.offset[0], 0, bytes);
      at.next(nest, nest.rank());
    }
    return {};
  }

private:
  bool value;
  std::string reason;
  unsigned bytes;
  Nest nest;
};

std::string checkRefuseWhen(const Command &command) {
  const View &flag = command.ins[0];
  if (flag.type != DType::Bool || stream::numElements(flag) != 1)
    return fmt::format("the condition must be one bool, is {}", describe(flag));
  return {};
}

} // namespace

void addRefuse(std::vector<KernelSpec> &rows) {
  rows.push_back(
      {"refuse_when",
       1,
       1,
       {{"reason", kText, true, "what is said"},
        {"value", kInts, false, "of the condition that ends the run (1)"}},
       "zeros, unless the condition has the value: then the run ends",
       checkRefuseWhen,
       [](const Command &command, const PrepareOptions &) -> Prepared {
         return std::unique_ptr<Kernel>(
             std::make_unique<RefuseWhenKernel>(command));
       }});
}

} // namespace hybridc::exec::ctl
