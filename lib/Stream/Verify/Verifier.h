//===- Verifier.h - Parts of verifyProgram --------------------*- C++ -*-===//
//
// Each function returns an empty string or the reason; callers put the place
// in front. The labels are those of docs/CommandStream.md.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_STREAM_VERIFIER_H
#define HYBRIDC_LIB_STREAM_VERIFIER_H

#include "hybridc/Stream/Verify.h"

#include <string>
#include <vector>

namespace hybridc::stream::verify {

/// The trip counts of the loops around a command, outermost first. Each is at
/// most kMaxLoopTrips.
using Nest = std::vector<uint64_t>;

/// Names can be printed: not empty, no control characters. (S1)
std::string checkName(std::string_view name);

// Memory.cpp
std::string checkMemories(const Program &program);
/// A view's place, in every iteration of `nest`. Beyond this, `isWritten`
/// views must not be constant (S14) nor overlap themselves (S15).
std::string checkPlace(const Program &program, const View &view,
                       const Nest &nest, bool isWritten);

// Tables.cpp
std::string checkTables(const Program &program);
std::string checkBindings(const Program &program, const Entry &entry);
std::string checkOrigin(const Program &program, uint32_t origin);

// Operands.cpp
std::string checkTilesOf(const Program &program, const Command &command,
                         std::string_view engine);
std::string checkVecOperands(const Program &program, const Command &command);

// Segment.cpp
/// `dynamic` counts the commands that run, saturating.
std::string checkSegment(const Program &program, const Segment &segment,
                         const Nest &nest, uint64_t &dynamic);

inline uint64_t saturatingAdd(uint64_t a, uint64_t b) {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}
inline uint64_t saturatingMul(uint64_t a, uint64_t b) {
  uint64_t product;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

} // namespace hybridc::stream::verify

#endif // HYBRIDC_LIB_STREAM_VERIFIER_H
