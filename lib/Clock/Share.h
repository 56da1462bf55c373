//===- Share.h - Commands that compete for alike resources ----*- C++ -*-===//
//
// Up to 64 alike resources: banks of the scratchpad, links of chiplets, or
// one, the DRAM port. What a command asks of each is a part of what the
// resource gives in a cycle.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_CLOCK_SHARE_H
#define HYBRIDC_LIB_CLOCK_SHARE_H

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hybridc::exec::clock {

/// What a command asks for in each cycle, at full speed: `even` of every
/// resource, and `focused` more of each one in `mask`.
struct Demand {
  double even = 0, focused = 0;
  uint64_t mask = 0;

  double most() const { return even + focused; }
};

/// A command at work and the part of its full speed that it may have.
struct Sharer {
  Demand demand;
  double speed = 1;
  uint32_t who = 0; ///< the caller's
};

/// Lowers speeds until no resource is asked for more than it has; max-min fair:
/// all grow together, in what they have of the resource that they want most,
/// until they have what they ask for or a resource that they use is full. For
/// one resource: whoever asks for less than an equal share keeps it, the rest
/// is divided equally. True when some speed was lowered.
class Share {
public:
  bool divide(std::vector<Sharer> &sharers);

private:
  std::vector<uint64_t> classes; ///< sets of resources that none tells apart
  std::vector<size_t> order;
  std::vector<double> mosts;
  std::vector<char> isOpen;

  void splitClasses(const std::vector<Sharer> &sharers);
  double levelOf(uint64_t resources, const std::vector<Sharer> &sharers) const;
};

} // namespace hybridc::exec::clock

#endif // HYBRIDC_LIB_CLOCK_SHARE_H
