//===- Verify.h - Is a command stream safe to run? ------------*- C++ -*-===//
//
// verifyProgram checks every rule (S…), (C…) and (V…) of docs/CommandStream.md:
// after it, whoever runs the program may index memories, arrays, programs and
// semaphores without further checks of their own. What remains for run time is
// what depends on data: values of indices (gather, kernels) and the attributes
// of named kernels. Whether the semaphores order every conflict is not checked
// here: see Stream/Hazards.h.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_STREAM_VERIFY_H
#define HYBRIDC_STREAM_VERIFY_H

#include "hybridc/Stream/CommandSpec.h"
#include "hybridc/Stream/Program.h"
#include "hybridc/Support/Result.h"

#include <optional>
#include <string_view>

namespace hybridc::stream {

// Limits, so that a small hostile file cannot ask for unbounded memory or time.
// The executor also refuses what the chip description does not have.
constexpr uint64_t kMaxDramBytes = uint64_t(1) << 40;
/// All segments without a blob together: what a run has to allocate.
constexpr uint64_t kMaxScratchBytes = uint64_t(64) << 30;
constexpr uint64_t kMaxSramBytes = uint64_t(4) << 30;
constexpr uint64_t kSegmentAlignment = 64; ///< of DRAM segments' addresses
constexpr uint64_t kMaxTrips = uint64_t(1) << 32;       ///< of a hardware loop
constexpr uint64_t kMaxLoopTrips = INT64_MAX;           ///< of a loop of blocks
constexpr uint64_t kMaxDynamicCommands = 1'000'000'000; ///< of one entry
constexpr uint32_t kMaxSemaphores = 1u << 20;           ///< of one segment
constexpr uint64_t kMaxRecalibrations = 1u << 20;       ///< of one entry
constexpr uint32_t kMaxArrayRows = 1u << 16;            ///< and columns
constexpr uint64_t kMaxCells = uint64_t(1) << 32;       ///< of all arrays
constexpr unsigned kMaxDmaChannels = 64;

/// Fine, or InvalidInput with the place ("entry 'infer', node 0, queue dma0,
/// item 3, copy: y: …") and the reason.
Status verifyProgram(const Program &program);

/// The kind of an engine instance: "dma0" … "dma63", "mac", "vec", "ctl", or
/// the engine of one of the program's arrays. Empty when it is none of these.
std::optional<EngineKind> engineKindOf(const Program &program,
                                       std::string_view engine);

/// The DRAM segment that holds bytes [first, last), or null.
const DramSegment *findSegment(const Program &program, uint64_t first,
                               uint64_t last);

} // namespace hybridc::stream

#endif // HYBRIDC_STREAM_VERIFY_H
