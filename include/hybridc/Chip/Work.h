//===- Work.h - What a command asks of the chip ---------------*- C++ -*-===//
//
// The neutral description of one command's work, from which its cost is
// computed. The compiler's partitioner builds it from tensor shapes, the
// executor's clock from the commands of a stream: one cost function, two
// callers (cost() below).
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_CHIP_WORK_H
#define HYBRIDC_CHIP_WORK_H

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hybridc::chip {

struct Chip;

enum class WorkKind : uint8_t {
  Transfer,     ///< copy, fill
  Matrix,       ///< matmul, conv on `mac`
  Analog,       ///< mvm on arrays
  ProgramArray, ///< weights into an array
  Vector,       ///< vec, reduce, pool, normalize
  Control,      ///< gather, kernel, branches
  ArrayGain,    ///< new output gains of an array, `elements` columns
  PulsedUpdate, ///< outer products x·dᵀ into an array, `vectors` of them
  RefreshPairs, ///< both cells of an array's pairs read, reset and written
};

struct Work {
  WorkKind kind = WorkKind::Transfer;
  std::string engine; ///< engine kind or array kind: "mac", "pcm", …
  std::string format; ///< element format of the operands: "i8", "bf16", …
  uint64_t dramReadBytes = 0, dramWriteBytes = 0;
  uint64_t sramReadBytes = 0, sramWriteBytes = 0;
  uint64_t runs = 1;     ///< contiguous runs of a transfer, both sides
  uint64_t dramRuns = 0; ///< of its DRAM side alone; 0: as many as `runs`
  // Matrix: a GEMM of M × K × N, `batch` times (conv: M = output pixels of a
  // group, N = filters of a group, K = taps × channels, batch = images ×
  // groups)
  uint64_t batch = 1, m = 0, n = 0, k = 0;
  // Convolutions, for dataflows that see more than a GEMM (row_stationary):
  // filter and output extents; 0 = not a convolution
  uint32_t kernelH = 0, kernelW = 0, outH = 0, outW = 0, stride = 1;
  uint32_t strideW = 0; ///< along a row; 0 = `stride`
  uint32_t groups = 1;  ///< of `batch`: images = batch / groups
  /// Of the bytes read: the M × K and the K × N operand. 0: not known.
  uint64_t inputBytes = 0, weightBytes = 0;
  /// Which of the two come straight from DRAM, and whether results go there.
  bool inputFromDram = false, weightsFromDram = false, outputToDram = false;
  // Analog: every vector is driven into all arrays at once, one phase each
  uint64_t vectors = 0;                        ///< input vectors
  std::vector<std::array<uint32_t, 2>> arrays; ///< used rows, columns of each
  /// First physical array of each; empty: one after the other from the first.
  std::vector<uint32_t> places;
  uint32_t slices = 1;
  uint32_t pulses = 0; ///< RefreshPairs: of a train; 0: the array kind's
  // Vector, Control
  uint64_t elements = 0;        ///< elements of the iteration space
  double opsPerElement = 1;     ///< vector instructions for each
  double specialPerElement = 0; ///< of these: exp, tanh, … (slower)
  /// Multiply-accumulates, for reports.
  uint64_t macs = 0;
  /// Scratchpad: words at the busiest bank / words when they are spread evenly
  /// and whole; 1 or more. Where the operands lie decides (lib/Clock/Banks.h).
  double bankSkew = 1;
  /// Nominal clock of the engine / its present one: its own time grows by it,
  /// that of the memories does not.
  double slowdown = 1;
};

/// Where energy goes; the order is that of Cost::energy_pj.
enum class Component : uint8_t {
  Dram,
  Sram,
  Mac,
  Vec,
  Ctl,
  ArrayCell,
  Adc,
  Dac,
  ArrayDigital,
  ArrayWrite,
  Link,
  Leakage,
};
constexpr unsigned kNumComponents = 12;
std::string_view nameOf(Component component);

/// Bytes that one command moves between the scratchpad and its engine, and so
/// through the scratchpad's ports. A matrix product fetches an operand as often
/// as its dataflow asks for (docs/Targets.md), so these are mostly more than
/// Work::sramReadBytes and sramWriteBytes, which count each element once.
struct SramTraffic {
  double readBytes = 0, writeBytes = 0;
  /// Beside it: partial sums in and out of the matrix engine's accumulators.
  double accumulatorBytes = 0;

  double bytes() const { return readBytes + writeBytes; }
};

/// The only place that says so: energy, bandwidth, bank conflicts and reports
/// take it from here, or from Cost::sram.
SramTraffic sramTraffic(const Chip &chip, const Work &work);

/// What a matrix product's weights take of DRAM beyond Work::weightBytes,
/// where they come in whole tiles (Mac::whole_tiles); 0 elsewhere.
uint64_t tilePaddingBytes(const Chip &chip, const Work &work);

/// Bytes that one command moves between chiplets. Links carry both ways at
/// once.
struct LinkUse {
  double bytes = 0; ///< all; each enters one chiplet
  /// Of these, what enters every chiplet, and more into those of `mask`: bit
  /// ⌊i · n / count⌋ stands for chiplet i, n = min(count, 64).
  double even = 0, focused = 0;
  uint64_t mask = 0;
  double busiest = 0; ///< bytes over the busiest link, in its busier direction
};

/// docs/Targets.md says which operands cross. No bytes for a single chiplet.
LinkUse linkUse(const Chip &chip, const Work &work, uint64_t dramBytes);

struct Cost {
  uint64_t cycles = 0; ///< of the chip's clock, engine busy, no contention
  /// After the engine is free for its next command, until the result is there
  /// (DRAM latency of a transfer).
  uint64_t latencyCycles = 0;
  /// Bytes that must pass the shared DRAM port during those cycles: the
  /// clock stretches the command when several engines compete.
  uint64_t dramBytes = 0;
  /// Of `cycles`: what the command waits for banks of the scratchpad because
  /// its own accesses meet there.
  uint64_t bankCycles = 0;
  SramTraffic sram;
  LinkUse links;
  /// Of `cycles`: what the command lasts longer for its busiest link.
  uint64_t linkCycles = 0;
  std::array<double, kNumComponents> energy_pj{};
  double utilization = 0; ///< useful MACs (or lanes) / peak of the engine

  double totalEnergy_pj() const {
    double sum = 0;
    for (double part : energy_pj)
      sum += part;
    return sum;
  }
};

/// The cost of one command on an otherwise idle chip (docs/Targets.md has the
/// formulas). A format without a rate of its own costs what f32 costs; on an
/// engine that lacks f32 too, what its slowest format costs, four times over.
/// Nothing is refused here: ask supports() before placing work.
/// Leakage is time-based and not part of a command's cost.
Cost cost(const Chip &chip, const Work &work);

/// Words between the scratchpad and a systolic array for one GEMM, as SCALE-Sim
/// counts them: what stays is read once for each fold that it is in, what
/// streams once for each fold that it passes, results leave after each fold of
/// K. sumReads is not in SCALE-Sim: those of the folds before come back to be
/// added to.
struct SystolicAccesses {
  double inputReads = 0, weightReads = 0, outputWrites = 0, sumReads = 0;
};
SystolicAccesses systolicAccesses(std::string_view dataflow, uint64_t rows,
                                  uint64_t cols, uint64_t m, uint64_t n,
                                  uint64_t k);

/// Cycles of one GEMM, S = the systolic dimensions of the dataflow, on an
/// array of R × C PEs (hardware-model.md §5; exact against SCALE-Sim v2).
uint64_t systolicCycles(std::string_view dataflow, uint64_t rows, uint64_t cols,
                        uint64_t m, uint64_t n, uint64_t k);

/// Energy of one conversion in pJ by the fit to the Murmann survey
/// (hardware-model.md §4): resolution in bits, technology in nm, rate in Hz.
double adcEnergy_pj(double bits, double nm, double hz);
/// Area of one ADC in µm² by the same fit.
double adcArea_um2(double bits, double nm, double hz);

} // namespace hybridc::chip

#endif // HYBRIDC_CHIP_WORK_H
