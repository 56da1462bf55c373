//===- Memory.cpp - Memories, and views within them -----------------------===//
#include "Verifier.h"

#include <algorithm>

#include <fmt/format.h>

namespace hybridc::stream {

const DramSegment *findSegment(const Program &program, uint64_t first,
                               uint64_t last) {
  auto after =
      std::upper_bound(program.segments.begin(), program.segments.end(), first,
                       [](uint64_t address, const DramSegment &segment) {
                         return address < segment.address;
                       });
  // Empty segments may share their address with others.
  while (after != program.segments.begin()) {
    --after;
    if (last >= after->address && last - after->address <= after->bytes)
      return &*after;
    if (after->bytes != 0)
      return nullptr;
  }
  return nullptr;
}

namespace verify {

namespace {

using Wide = __int128;

struct Range {
  Wide first = 0, last = 0; ///< bytes [first, last)
};

Range rangeOf(const View &view, const Nest &nest) {
  Range range{view.address, view.address};
  auto extend = [&](Wide distance) {
    (distance < 0 ? range.first : range.last) += distance;
  };
  // Extents are at most 2^34, trips 2^63, strides and steps 2^40, dimensions
  // and loops fewer than 2^6: no sum leaves 128 bits.
  unsigned size = sizeOf(view.type);
  for (size_t i = 0; i < view.shape.size(); ++i)
    extend(Wide(view.shape[i] - 1) * view.strides[i] * size);
  for (size_t i = 0; i < view.steps.size(); ++i)
    extend(Wide(nest[i] - 1) * view.steps[i]);
  range.last += size;
  return range;
}

/// Whether a box certainly visits no element twice: sorted by stride, each
/// stride must step over everything the smaller ones reach.
bool isInjective(const View &view) {
  std::vector<std::pair<Wide, int64_t>> dims;
  for (size_t i = 0; i < view.shape.size(); ++i)
    if (view.shape[i] > 1)
      dims.push_back(
          {view.strides[i] < 0 ? -Wide(view.strides[i]) : view.strides[i],
           view.shape[i]});
  std::sort(dims.begin(), dims.end());
  Wide reach = 0;
  for (auto [stride, extent] : dims) {
    if (stride <= reach)
      return false;
    reach += stride * (extent - 1);
  }
  return true;
}

std::string hex(Wide value) {
  return value < 0 ? fmt::format("-{:#x}", static_cast<uint64_t>(-value))
                   : fmt::format("{:#x}", static_cast<uint64_t>(value));
}

} // namespace

// (S2) Sizes are limited. (S3) DRAM segments are aligned, ascending, disjoint
// and within DRAM. (S4) Constants have a blob, scratch has none, a blob has its
// segment's size.
std::string checkMemories(const Program &program) {
  if (program.dramBytes > kMaxDramBytes)
    return fmt::format("DRAM of {} bytes is more than {}", program.dramBytes,
                       kMaxDramBytes);
  if (program.sramBytes > kMaxSramBytes)
    return fmt::format("SRAM of {} bytes is more than {}", program.sramBytes,
                       kMaxSramBytes);
  uint64_t end = 0, allocated = 0;
  for (const DramSegment &segment : program.segments) {
    auto failure = [&](std::string_view why) {
      return fmt::format("DRAM segment '{}': {}", segment.name, why);
    };
    if (segment.kind > SegmentKind::State)
      return failure("unknown kind");
    if (segment.address % kSegmentAlignment != 0)
      return failure(fmt::format("address {:#x} is no multiple of {}",
                                 segment.address, kSegmentAlignment));
    if (segment.address < end)
      return failure("overlaps the one before, or is out of order");
    if (segment.address > program.dramBytes ||
        segment.bytes > program.dramBytes - segment.address)
      return failure(
          fmt::format("reaches past DRAM of {} bytes", program.dramBytes));
    end = segment.address + segment.bytes;
    bool hasBlob = segment.blob != -1;
    if (hasBlob &&
        (segment.blob < 0 || size_t(segment.blob) >= program.blobs.size()))
      return failure(fmt::format("blob {} does not exist", segment.blob));
    if (segment.kind == SegmentKind::Constant && !hasBlob)
      return failure("is constant, but has no blob");
    if (segment.kind == SegmentKind::Scratch && hasBlob)
      return failure("is scratch, but has a blob");
    if (hasBlob && program.blobs[segment.blob].bytes != segment.bytes)
      return failure(fmt::format("has {} bytes, its blob {}", segment.bytes,
                                 program.blobs[segment.blob].bytes));
    if (segment.kind != SegmentKind::Constant)
      allocated += segment.bytes;
  }
  if (allocated > kMaxScratchBytes)
    return fmt::format("DRAM segments to allocate are {} bytes together, more "
                       "than {}",
                       allocated, kMaxScratchBytes);
  return {};
}

// (S11) No more steps than loops around. (S12) Every byte of every iteration
// lies in one DRAM segment, or in SRAM; a view without elements has none. (S13)
// Elements are aligned.
std::string checkPlace(const Program &program, const View &view,
                       const Nest &nest, bool isWritten) {
  if (std::string error = checkView(view); !error.empty())
    return error;
  if (view.steps.size() > nest.size())
    return fmt::format("has steps for {} loops, is in {}", view.steps.size(),
                       nest.size());
  unsigned size = sizeOf(view.type);
  if (view.address % size != 0)
    return fmt::format("address {:#x} is not aligned to the {} bytes of {}",
                       view.address, size, nameOf(view.type));
  for (int64_t step : view.steps)
    if (step % size != 0)
      return fmt::format("step {} is not aligned to the {} bytes of {}", step,
                         size, nameOf(view.type));

  if (numElements(view) == 0)
    return {}; // no bytes, so none out of place

  Range range = rangeOf(view, nest);
  const DramSegment *segment = nullptr;
  if (view.space == Space::Sram) {
    if (range.first < 0 || range.last > Wide(program.sramBytes))
      return fmt::format("bytes {} to {} are not within SRAM of {} bytes",
                         hex(range.first), hex(range.last), program.sramBytes);
  } else {
    if (range.first >= 0 && range.last <= Wide(program.dramBytes))
      segment = findSegment(program, static_cast<uint64_t>(range.first),
                            static_cast<uint64_t>(range.last));
    if (!segment)
      return fmt::format("bytes {} to {} are not within one DRAM segment",
                         hex(range.first), hex(range.last));
  }
  if (!isWritten)
    return {};
  // (S14) Constants are never written. (S15) No byte is written twice by one
  // command.
  if (segment && segment->kind == SegmentKind::Constant)
    return fmt::format("writes to constant DRAM segment '{}'", segment->name);
  if (!isInjective(view))
    return "its strides let elements overlap, which an output must not";
  return {};
}

} // namespace verify
} // namespace hybridc::stream
