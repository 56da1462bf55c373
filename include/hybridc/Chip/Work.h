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
};

struct Work {
  WorkKind kind = WorkKind::Transfer;
  std::string engine;       ///< engine kind or array kind: "mac", "pcm", …
  std::string format;       ///< element format of the operands: "i8", "bf16", …
  uint64_t dramReadBytes = 0, dramWriteBytes = 0;
  uint64_t sramReadBytes = 0, sramWriteBytes = 0;
  uint64_t runs = 1;        ///< contiguous runs of a transfer (burst efficiency)
  // Matrix: a GEMM of M × K × N, `batch` times (conv: M = output pixels of a
  // group, N = filters of a group, K = taps × channels, batch = images × groups)
  uint64_t batch = 1, m = 0, n = 0, k = 0;
  // Analog: every vector is driven into all arrays at once, one phase each
  uint64_t vectors = 0;                ///< input vectors
  std::vector<std::array<uint32_t, 2>> arrays; ///< used rows, columns of each
  uint32_t slices = 1;
  // Vector, Control
  uint64_t elements = 0;    ///< elements of the iteration space
  double opsPerElement = 1; ///< vector instructions for each
  /// Multiply-accumulates, for reports.
  uint64_t macs = 0;
};

/// Where energy goes; the order is that of Cost::energy_pj.
enum class Component : uint8_t {
  Dram, Sram, Mac, Vec, Ctl, ArrayCell, Adc, Dac, ArrayDigital, ArrayWrite,
  Link, Leakage,
};
constexpr unsigned kNumComponents = 12;
std::string_view nameOf(Component component);

struct Cost {
  uint64_t cycles = 0; ///< of the chip's clock, engine busy, no contention
  /// Bytes that must pass the shared DRAM port during those cycles: the
  /// clock stretches the command when several engines compete.
  uint64_t dramBytes = 0;
  std::array<double, kNumComponents> energy_pj{};
  double utilization = 0; ///< useful MACs (or lanes) / peak of the engine

  double totalEnergy_pj() const {
    double sum = 0;
    for (double part : energy_pj)
      sum += part;
    return sum;
  }
};

/// The cost of one command on an otherwise idle chip.
Cost cost(const Chip &chip, const Work &work);

} // namespace hybridc::chip

#endif // HYBRIDC_CHIP_WORK_H
