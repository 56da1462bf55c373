//===- Executor.h - Runs a command stream ---------------------*- C++ -*-===//
//
// Computes the values of a program: verified once, each command prepared once
// (attributes parsed, oneDNN primitives made, scratch sized), then run as
// often as wanted. Time and energy are the clock's business
// (Executor/Clock.h), not this one's.
//
// Values do not depend on the number of threads, nor on how the queues of a
// segment happen to be interleaved (the semaphores order every conflict).
//
// Typical use
//   auto exec = Executor::create(program, {.threads = 4, .noise = false});
//   (*exec)->setInput("x", data, bytes);
//   (*exec)->run();
//   auto y = (*exec)->output("y");
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_EXECUTOR_EXECUTOR_H
#define HYBRIDC_EXECUTOR_EXECUTOR_H

#include "hybridc/Clock/Clock.h"
#include "hybridc/Kernels/Kernels.h"
#include "hybridc/Kernels/Tensor.h"
#include "hybridc/Stream/Program.h"
#include "hybridc/Support/Result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hybridc::exec {

enum class Compensate : uint8_t { None, Global, Column };

struct ExecOptions {
  /// OpenMP threads; 0 = as many as OpenMP offers.
  unsigned threads = 0;
  /// Device physics of the arrays. Off: quantised but noiseless, and updates
  /// of arrays that train are exact.
  bool noise = true;
  uint64_t seed = 0;
  /// Seconds since programming; 0 = right after it.
  double age_s = 0;
  /// Read-out correction for drift.
  Compensate compensate = Compensate::Global;
  /// What is broken: as chip::loadFaults takes it; without a value, what the
  /// program itself says. Faults act with noise and without it, but not on
  /// products that are ideal.
  std::optional<std::string> faults = {};
  /// Run the program's recalibrations that fall before `age_s`: the weights
  /// are as old as their last programming, gains are those of the last
  /// read-out since, and `compensate` is not used. No effect without any.
  bool recalibrate = true;
  /// Decide the order of straight-line segments beforehand, and there skip
  /// transfers whose source can as well be read in place, or whose target
  /// written, and run a vector command piece by piece with the product that
  /// it follows. Values are the same either way.
  bool unroll = true, elideCopies = true, fuse = true;
  /// Sees what passes through kernels `observe` (KernelTable.h), in the order
  /// of execution.
  Observer observe = {};
  /// Measure the wall time of each origin (Executor::profile()).
  bool profile = false;
  /// Largest number of commands that one run() may execute, and the largest
  /// number of elementary steps of them all: what keeps a hostile program
  /// with huge loops from running for ever.
  uint64_t maxCommands = 4'000'000'000;
  double maxWork = 1e16;
};

/// Wall time spent in the commands of one origin.
struct OriginTime {
  uint32_t origin = 0;
  stream::Op op = stream::Op::Copy;
  uint64_t commands = 0;
  double seconds = 0;
};

/// What updates did to one array tile since its cells were drawn.
struct UpdateCount {
  uint32_t array = 0;   ///< index into Program::arrays
  uint64_t updates = 0; ///< outer products
  /// Pulses that cells got, all together and the most of one cell; 0 when
  /// updates were exact (no noise, or ideal).
  uint64_t pulses = 0, mostPulses = 0;
  /// One-sided pairs that were reset and written anew, each time counted.
  uint64_t refreshedPairs = 0;
  /// Cells that pulses have worn out, out of how many, and the first of them:
  /// row and column of the tile, and which of a weight's cells (of a pair 0 is
  /// added, 1 subtracted).
  struct Place {
    uint32_t row = 0, col = 0, cell = 0;
    bool operator==(const Place &) const = default;
  };
  static constexpr uint64_t mostPlaces = 64;
  uint64_t wornCells = 0, cells = 0;
  std::vector<Place> worn;
};

class Executor {
public:
  /// Verifies and prepares `program`, which is not needed afterwards (blobs
  /// are kept alive by their owners; one without owner must stay valid).
  /// Errors: InvalidInput (not well formed, view outside its memory),
  /// Unsupported (an operand combination that no kernel computes),
  /// DoesNotFit (not enough host memory).
  static Result<std::unique_ptr<Executor>>
  create(const stream::Program &program, const ExecOptions &options = {});

  virtual ~Executor() = default;

  /// The tensors at the edge of an entry; nullptr when there is no such entry.
  virtual const std::vector<stream::Binding> *
  inputs(std::string_view entry = "infer") const = 0;
  virtual const std::vector<stream::Binding> *
  outputs(std::string_view entry = "infer") const = 0;

  /// Copies an input into its place: exactly the bytes of the binding.
  virtual Status setInput(std::string_view name, const void *data, size_t bytes,
                          std::string_view entry = "infer") = 0;
  /// Likewise, and checks type and shape.
  virtual Status setInput(std::string_view name, const Tensor &tensor,
                          std::string_view entry = "infer") = 0;

  /// Runs an entry. Before the first run of another entry, the entry
  /// "program" runs if there is one.
  virtual Status run(std::string_view entry = "infer") = 0;

  virtual Result<Tensor> output(std::string_view name,
                                std::string_view entry = "infer") const = 0;
  virtual Status copyOutput(std::string_view name, void *data, size_t bytes,
                            std::string_view entry = "infer") const = 0;

  /// Where an output lies (dense row-major), valid until the next run; nullptr
  /// when there is none of that name.
  virtual const void *outputData(std::string_view name,
                                 std::string_view entry = "infer") const = 0;

  /// Arrays that train keep what updates made of them from run to run. This
  /// gives the arrays another noise seed and age (seconds) and has them
  /// programmed anew before the next run.
  virtual void reseed(uint64_t seed, double age_s) = 0;

  /// Commands executed so far.
  virtual uint64_t numExecuted() const = 0;
  /// Which way the last run() went at each If and Loop, for the clock
  /// (ClockOptions::decisions); nullptr when there were too many to keep.
  virtual const std::vector<uint8_t> *decisions() const = 0;
  /// Of the tiles that were updated, by array, over all runs.
  virtual std::vector<UpdateCount> updateCounts() const = 0;
  /// Of the products on arrays whose chip says how cells are read
  /// (chip::ArrayKind::describesCells), in all runs of an entry together, by
  /// origin and kind.
  virtual std::vector<CellEnergy>
  cellEnergies(std::string_view entry = "infer") const = 0;
  /// By origin, then op; empty unless ExecOptions::profile.
  virtual std::vector<OriginTime> profile() const = 0;
};

} // namespace hybridc::exec

#endif // HYBRIDC_EXECUTOR_EXECUTOR_H
