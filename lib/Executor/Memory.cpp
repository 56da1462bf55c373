#include "Memory.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace hybridc::exec {

using stream::DramSegment;
using stream::SegmentKind;

Result<Pages> Pages::create(size_t bytes) {
  Pages pages;
  if (bytes == 0)
    return pages;
  long pageBytes = sysconf(_SC_PAGESIZE), count = sysconf(_SC_PHYS_PAGES);
  double physical = static_cast<double>(pageBytes) * static_cast<double>(count);
  if (static_cast<double>(bytes) > physical)
    return doesNotFit(fmt::format(
        "the program's memories take {} bytes, this machine has {:.0f}", bytes,
        physical));
  void *base = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED)
    return doesNotFit(fmt::format("cannot allocate {} bytes", bytes));
  madvise(base, bytes, MADV_HUGEPAGE); // fewer TLB misses; may be refused
  pages.base = static_cast<std::byte *>(base);
  pages.size = bytes;
  return pages;
}

Pages::Pages(Pages &&other) noexcept
    : base(std::exchange(other.base, nullptr)),
      size(std::exchange(other.size, 0)) {}

Pages &Pages::operator=(Pages &&other) noexcept {
  std::swap(base, other.base);
  std::swap(size, other.size);
  return *this;
}

Pages::~Pages() {
  if (base)
    munmap(base, size);
}

/// Whether kernels may read the blob where it lies.
static bool usableInPlace(const stream::Program &program,
                          const DramSegment &segment) {
  if (segment.kind != SegmentKind::Constant || segment.blob < 0)
    return false;
  const stream::Blob &blob = program.blobs[segment.blob];
  return blob.bytes >= segment.bytes &&
         reinterpret_cast<uintptr_t>(blob.data) % 8 == 0;
}

Result<Memory> Memory::create(const stream::Program &program) {
  Memory memory;
  auto aligned = [](uint64_t bytes) { return (bytes + 4095) / 4096 * 4096; };
  uint64_t total = aligned(program.sramBytes);
  for (const DramSegment &segment : program.segments)
    if (!usableInPlace(program, segment))
      total += aligned(segment.bytes);
  Result<Pages> pages = Pages::create(total);
  if (!pages)
    return pages.error();
  memory.pages = std::move(*pages);
  std::byte *next = memory.pages.data();
  memory.sram = {0, program.sramBytes, next, true};
  next += aligned(program.sramBytes);
  for (const DramSegment &segment : program.segments) {
    Range range{segment.address, segment.address + segment.bytes, nullptr,
                segment.kind != SegmentKind::Constant};
    const stream::Blob *blob =
        segment.blob >= 0 ? &program.blobs[segment.blob] : nullptr;
    if (usableInPlace(program, segment)) {
      // Never written: ranges of constants are refused as outputs.
      range.host = const_cast<std::byte *>(blob->data);
      memory.owners.push_back(blob->owner);
    } else {
      range.host = next;
      next += aligned(segment.bytes);
      if (blob)
        std::memcpy(range.host, blob->data,
                    std::min(blob->bytes, segment.bytes));
    }
    memory.dram.push_back(range);
  }
  std::sort(memory.dram.begin(), memory.dram.end(),
            [](const Range &a, const Range &b) { return a.begin < b.begin; });
  return memory;
}

Result<std::byte *> Memory::resolve(const stream::View &view,
                                    std::span<const uint64_t> trips,
                                    bool write) const {
  using Wide = __int128;
  Wide low = view.address, high = view.address;
  int64_t size = stream::sizeOf(view.type);
  bool empty = false;
  auto reach = [&](Wide span) { (span < 0 ? low : high) += span; };
  bool misaligned = view.address % size != 0;
  for (size_t d = 0; d < view.shape.size(); ++d) {
    empty |= view.shape[d] <= 0;
    reach(Wide(view.shape[d] - 1) * view.strides[d] * size);
  }
  for (size_t l = 0; l < view.steps.size(); ++l) {
    misaligned |= view.steps[l] % size != 0;
    if (l < trips.size() && trips[l] > 0)
      reach(Wide(trips[l] - 1) * view.steps[l]);
  }
  high += size;
  if (empty) { // nothing is ever read or written there
    static std::byte nowhere[64];
    return nowhere;
  }
  const Range *range = &sram;
  if (view.space == stream::Space::Dram) {
    auto after = std::upper_bound(
        dram.begin(), dram.end(), view.address,
        [](uint64_t address, const Range &r) { return address < r.begin; });
    range = after == dram.begin() ? nullptr : &*(after - 1);
  }
  bool inside = range && low >= Wide(range->begin) && high <= Wide(range->end);
  if (!inside)
    return invalidInput(fmt::format(
        "a view at {} {:#x} leaves its memory",
        view.space == stream::Space::Dram ? "dram" : "sram", view.address));
  if (write && !range->writable)
    return invalidInput(
        fmt::format("a view at dram {:#x} writes a constant", view.address));
  if (misaligned || (view.address - range->begin) % size != 0)
    return invalidInput(fmt::format("a view at {:#x} is not aligned to its {} "
                                    "bytes",
                                    view.address, size));
  return range->host + (view.address - range->begin);
}

bool Memory::isConstant(const stream::View &view) const {
  if (view.space != stream::Space::Dram)
    return false;
  for (const Range &range : dram)
    if (range.begin <= view.address && view.address < range.end)
      return !range.writable;
  return false;
}

} // namespace hybridc::exec
