//===- Prepare.cpp - From a command to its kernel -------------------------===//
#include "hybridc/Kernels/Common.h"
#include "hybridc/Kernels/KernelTable.h"

#include <cstdlib>
#include <fmt/format.h>
#include <limits>
#include <new>
#include <stdexcept>

namespace hybridc::exec {

static Prepared prepareByOp(const Command &command,
                            const PrepareOptions &options) {
  switch (command.op) {
  case stream::Op::Copy:
    return prepareCopy(command, options);
  case stream::Op::Fill:
    return prepareFill(command, options);
  case stream::Op::Matmul:
    return prepareMatmul(command, options);
  case stream::Op::Conv:
    return prepareConv(command, options);
  case stream::Op::Vec:
    return prepareVec(command, options);
  case stream::Op::Reduce:
    return prepareReduce(command, options);
  case stream::Op::Pool:
    return preparePool(command, options);
  case stream::Op::Normalize:
    return prepareNormalize(command, options);
  case stream::Op::Gather:
    return prepareGather(command, options);
  case stream::Op::Kernel: {
    if (std::string error = checkKernel(command); !error.empty())
      return invalidInput(error);
    return findKernel(command.textOr("name", ""))->prepare(command, options);
  }
  case stream::Op::Mvm:
  case stream::Op::ProgramArray:
  case stream::Op::ReadArray:
  case stream::Op::SetGain:
  case stream::Op::PulsedUpdate:
  case stream::Op::ReadWeights:
  case stream::Op::RefreshPairs:
    break;
  }
  return unsupported(fmt::format("{} needs arrays, which only an executor has",
                                 stream::specOf(command.op).name));
}

Result<std::unique_ptr<Kernel>> prepareKernel(const Command &command,
                                              const PrepareOptions &options) {
  if (std::string error = stream::checkCommand(command); !error.empty())
    return invalidInput(error);
  if (command.op == stream::Op::Vec && options.vec)
    if (std::string error = stream::checkVecProgram(*options.vec);
        !error.empty())
      return invalidInput(error);
  PrepareOptions clean = options;
  clean.threads = std::max(1u, options.threads);
  // oneDNN asks OpenMP how many threads a primitive may count on.
  int before = omp_get_max_threads();
  omp_set_num_threads(static_cast<int>(clean.threads));
  auto prepare = [&]() -> Prepared {
    constexpr const char *tooLarge =
        "preparing it needs more memory than there is";
    try {
      return prepareByOp(command, clean);
    } catch (const std::bad_alloc &) {
      return doesNotFit(tooLarge);
    } catch (const std::length_error &) {
      return doesNotFit(tooLarge);
    }
  };
  Prepared kernel = prepare();
  omp_set_num_threads(before);
  return kernel;
}

Status runCommand(const Command &command, std::span<const void *const> ins,
                  std::span<void *const> outs, const stream::VecProgram *vec,
                  unsigned threads) {
  if (ins.size() != command.ins.size() || outs.size() != command.outs.size())
    return invalidInput(fmt::format(
        "{} inputs and {} outputs given for a command with {} and {}",
        ins.size(), outs.size(), command.ins.size(), command.outs.size()));
  PrepareOptions options;
  options.vec = vec;
  options.threads =
      threads ? threads : static_cast<unsigned>(omp_get_max_threads());
  Prepared kernel = prepareKernel(command, options);
  if (!kernel)
    return kernel.error();
  struct Free {
    void operator()(std::byte *p) const { std::free(p); }
  };
  size_t bytes = alignUp(std::max<size_t>((*kernel)->scratchBytes(), 1));
  std::unique_ptr<std::byte, Free> scratch(
      static_cast<std::byte *>(std::aligned_alloc(64, bytes)));
  if (!scratch)
    return doesNotFit(fmt::format("no {} bytes of scratch memory", bytes));
  std::vector<const std::byte *> in;
  std::vector<std::byte *> out;
  for (const void *p : ins)
    in.push_back(static_cast<const std::byte *>(p));
  for (void *p : outs)
    out.push_back(static_cast<std::byte *>(p));
  int before = omp_get_max_threads();
  omp_set_num_threads(static_cast<int>(options.threads));
  Status status = (*kernel)->run(in.data(), out.data(), scratch.get());
  omp_set_num_threads(before);
  return status;
}

double workOf(const Command &command, const stream::VecProgram *vec) {
  auto elements = [](const View &view) {
    double n = 1;
    for (int64_t e : view.shape)
      n *= static_cast<double>(e);
    return n;
  };
  auto product = [](const std::vector<int64_t> &values) {
    double n = 1;
    for (int64_t v : values)
      n *= static_cast<double>(v);
    return n;
  };
  double most = 1;
  for (const auto *views : {&command.ins, &command.outs})
    for (const View &view : *views)
      most = std::max(most, elements(view));
  switch (command.op) {
  case stream::Op::Matmul:
    return elements(command.outs[0]) *
           static_cast<double>(command.ins[0].shape.back());
  case stream::Op::Conv: {
    // Each filter element meets each output pixel (or input pixel).
    double filters = static_cast<double>(command.outs[0].shape[1]) *
                     std::max<double>(1, command.intOr("y_block", 0));
    double perPixel = elements(command.ins[1]) / std::max(1.0, filters);
    double groups = static_cast<double>(command.intOr("groups", 1));
    if (command.intOr("transposed", 0))
      return elements(command.ins[0]) *
             std::max(1.0, elements(command.ins[1]) /
                               static_cast<double>(command.ins[0].shape[1])) /
             std::max(1.0, groups);
    return std::max(most, elements(command.outs[0]) * perPixel);
  }
  case stream::Op::Mvm: {
    double k = command.find("kernel")
                   ? product(command.ints("kernel")) *
                         static_cast<double>(command.ins[0].shape[1]) *
                         std::max<double>(1, command.intOr("x_block", 0))
                   : static_cast<double>(command.ins[0].shape.back());
    return elements(command.outs[0]) * k;
  }
  case stream::Op::PulsedUpdate:
    return elements(command.ins[0]) *
           static_cast<double>(command.ins[1].shape.back());
  case stream::Op::ReadWeights: // every row is a product of its own
    return elements(command.outs[0]) *
           static_cast<double>(command.outs[0].shape[0]) *
           static_cast<double>(command.intOr("reads", 1));
  case stream::Op::Vec:
    return most * static_cast<double>(vec ? vec->instrs.size() : 1);
  case stream::Op::Pool: {
    double taps = 1;
    for (size_t d = 0; d < command.ints("window").size(); ++d)
      taps *= static_cast<double>(
          std::min(command.ints("window")[d], command.ins[0].shape[d]));
    return std::max(most, elements(command.outs[0]) * taps);
  }
  case stream::Op::Kernel: {
    // Of the named kernels, the one whose work is not that of its operands.
    double taps = 1;
    if (command.textOr("name", "") == "pool_indices" && command.find("window"))
      for (size_t d = 0; d < command.ints("window").size() &&
                         2 + d < command.ins[0].shape.size();
           ++d)
        taps *= static_cast<double>(
            std::max<int64_t>(1, std::min(command.ints("window")[d],
                                          command.ins[0].shape[2 + d])));
    return most * taps;
  }
  default:
    return most;
  }
}

} // namespace hybridc::exec
