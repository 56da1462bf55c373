//===- EntryClock.h - Walks the blocks of an entry --------------*- C++ -*-===//
//
// Prepares the segments once (Prepare.cpp), clocks each, and decides branches
// and loops (Walk.cpp); sums up at the end (Clock.cpp).
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_CLOCK_ENTRYCLOCK_H
#define HYBRIDC_LIB_CLOCK_ENTRYCLOCK_H

#include "Alike.h"
#include "Banks.h"
#include "Timeline.h"
#include "WholeTiles.h"

#include <map>
#include <optional>
#include <set>

namespace hybridc::exec::clock {

class EntryClock {
public:
  EntryClock(const stream::Program &program, const chip::Chip &chip,
             const ClockOptions &options)
      : program(program), chip(chip), options(options), banks(chip.sram),
        tiles(program, chip), tally(program.origins.size(), options.powerBins),
        occupancy(program.origins.size()) {}

  Result<ClockResult> run(const stream::Entry &entry);

private:
  const stream::Program &program;
  const chip::Chip &chip;
  const ClockOptions &options;
  Banks banks;
  WholeTiles tiles;
  Alike alike;
  Tally tally;
  Occupancy occupancy;
  std::map<const stream::Segment *, TimedSegment> segments;
  /// The decisions of an If or Loop, as commands of the control core.
  struct Decision {
    stream::Command command;
    TimedCommand timed;
  };
  std::map<const void *, Decision> deciders;
  /// Sums must not depend on where in memory something lies.
  std::vector<const TimedSegment *> inOrder;
  std::vector<const Decision *> decidersInOrder;
  size_t nextDecision = 0;
  uint64_t now = 0;
  std::set<std::string> assumptions;

  Status prepare(const stream::Block &block, std::vector<uint64_t> &trips,
                 unsigned depth);
  /// What the command asks of the memories in each of its cycles.
  void setDemands(TimedCommand &timed, const BankUse &use) const;
  /// What data made of the energy of a product's cells, where that is known.
  void setCells(TimedCommand &timed, const chip::Work &work) const;
  Status prepareItems(const std::vector<stream::Item> &items,
                      TimedSegment &segment, TimedQueue &queue,
                      const std::vector<uint64_t> &blockTrips,
                      std::vector<uint64_t> &trips);
  Status checkTraining(const stream::Command &command,
                       const chip::Work &work) const;
  Status walk(const stream::Block &block);
  Status walkIf(const stream::If &node);
  Status walkLoop(const stream::Loop &node);
  /// The next of the given decisions; nullopt when they have run out.
  std::optional<bool> decision();
  /// Charges the control core for reading `views` and branching.
  void decide(const void *node, const std::vector<const stream::View *> &views,
              uint32_t origin);
  /// How often a loop is assumed to run; `exact` tells a constant count.
  uint64_t assumedTrips(const stream::Loop &node) const;
  std::optional<int64_t> constantOf(const stream::View &view) const;
  std::string nameOf(uint32_t origin) const;
  double slowdownOf(uint32_t engine) const;
  void setPeakTemperature(ClockResult &result) const;
  ClockResult finish();
};

} // namespace hybridc::exec::clock

#endif // HYBRIDC_LIB_CLOCK_ENTRYCLOCK_H
