//===- ArrayHealth.h - Faults and wear of a program's arrays --*- C++ -*-===//
//
// What is broken under each array tile of a program, how much of it the mapping
// avoids, and how fast its cells wear out. All of it follows from the program
// and the chip that it carries; nothing is run.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_EXECUTOR_ARRAYHEALTH_H
#define HYBRIDC_EXECUTOR_ARRAYHEALTH_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Faults.h"
#include "hybridc/Executor/Executor.h"
#include "hybridc/Stream/Program.h"

#include <limits>
#include <span>
#include <string>
#include <vector>

namespace hybridc::exec {

/// One array tile: the block of cells that holds one part of a weight matrix.
struct TileHealth {
  std::string name, kind;
  uint32_t array = 0;                ///< index into Program::arrays
  uint32_t physical = 0, origin = 0; ///< first array; Program::origins
  uint32_t rows = 0, cols = 0, slices = 1;
  bool isMapped = false; ///< has places of its own for rows and columns

  uint64_t stuckCells = 0; ///< among the cells in use
  /// Lines in use that carry nothing, or whose converter is broken.
  uint32_t deadRows = 0, deadCols = 0;
  /// Lines that are not at their own number, or even on spare ones; columns
  /// that are stored negated.
  uint32_t movedRows = 0, movedCols = 0, spareLines = 0, negatedCols = 0;
  /// ‖W‖², and the squared error of the weights that faults alone cause: as
  /// placed, and as if it lay on the same array without any mapping.
  double weights2 = 0, error2 = 0, unmappedError2 = 0;

  /// Times that its cells are written until the horizon (of a program without
  /// one: by its entry "program", once), the pulses that this takes, and what
  /// a cell endures; 0: not known.
  uint64_t writes = 0;
  double pulses = 0, endurance = 0;
  /// Part of the cells that have failed at the horizon (chip::wornPart).
  double worn = 0;
  /// Until the median cell has failed, at this rate of writes; infinite
  /// without a horizon, without rewriting or without known endurance.
  double lifetime_s = 0;

  /// Outer products that one run of the entry makes, and the pulses that they
  /// send: to all cells, and to the one that gets most. Without counts of a
  /// run, the second is the longest trains' and the first not known (0).
  uint64_t updates = 0;
  double updatePulses = 0, mostUpdatePulses = 0;
  bool isCounted = false;
  /// Refreshes of its pairs in one run, and the pairs that they rewrote, as the
  /// pulses: counted, or not known (0).
  uint64_t refreshes = 0;
  double refreshedPairs = 0;
  /// Cells that pulses have worn out by the end of the runs counted, how many
  /// it has, and where the first of them are.
  uint64_t wornCells = 0, cells = 0;
  std::vector<UpdateCount::Place> wornAt;
  /// Runs until that cell has failed, and their time one after the other;
  /// infinite without updates or without known endurance.
  double runsLeft = std::numeric_limits<double>::infinity();
  double trainingLife_s = std::numeric_limits<double>::infinity();
};

struct ArrayHealth {
  bool hasFaults = false;
  std::vector<TileHealth> tiles;

  /// √(Σ error² / Σ ‖W‖²) over all tiles, mapped or not.
  double relativeError() const;
  double relativeUnmappedError() const;
};

/// With the faults that the program names. Errors: InvalidInput when chip or
/// faults do not read.
Result<ArrayHealth> inspectArrays(const stream::Program &program);

/// Adds the updates of one run of `entry`, which takes `run_ns`. `counted` are
/// Executor::updateCounts() over `runs` runs; empty: what the program says,
/// every loop run to its end.
void addUpdates(ArrayHealth &health, const stream::Program &program,
                const chip::Chip &chip, std::string_view entry, double run_ns,
                std::span<const UpdateCount> counted = {}, unsigned runs = 1);

} // namespace hybridc::exec

#endif // HYBRIDC_EXECUTOR_ARRAYHEALTH_H
