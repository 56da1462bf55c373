//===- Arrays.h - The analog arrays of a program --------------*- C++ -*-===//
//
// Programming and products. A product is computed in one of two ways:
//  - ideal: the weights of its tiles are put together once and handed, as an
//    ordinary matmul or conv command, to the digital kernels;
//  - through AnalogArray, tile by tile, the tiles' results added in their
//    order; tiles that train have one that follows their weights. Each row of a
//    product has noise of its own, keyed by seed, array, command and how often
//    that command ran: neither threads nor the interleaving of queues matter.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_EXECUTOR_ARRAYS_H
#define HYBRIDC_LIB_EXECUTOR_ARRAYS_H

#include "TrainingTile.h"
#include "hybridc/Chip/Faults.h"
#include "hybridc/Devices/AnalogArray.h"
#include "hybridc/Executor/Executor.h"
#include "hybridc/Kernels/Kernels.h"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hybridc::exec {

class Arrays {
public:
  static Result<std::unique_ptr<Arrays>> create(const stream::Program &program,
                                                const ExecOptions &options);

  /// Kernels for one command on arrays; `number` tells commands apart. They
  /// keep a pointer to this object.
  Result<std::unique_ptr<Kernel>> prepare(const stream::Command &command,
                                          uint64_t number, unsigned threads,
                                          const stream::Program &program);

  void reseed(uint64_t newSeed, double newAge_s) {
    seed = newSeed;
    age_s = newAge_s;
    ++generation;
  }

  /// How program() leaves an array: aged at once, with compensation
  /// (Settled), or just written (Fresh), for recalibration to follow.
  enum class After { Settled, Fresh };
  /// `programming` counts how often the arrays were written in their life:
  /// each time the errors are others.
  Status beginProgramming(After what, uint64_t programming);
  /// Seconds since the last programming, for readArray().
  void setClock(double seconds) { clock_s = seconds; }
  /// Lets time pass to `seconds` since programming; gains stay.
  void settle(double seconds);

  /// Arrays that were trained rest until an entry begins that only reads them:
  /// it finds them as old as the options say.
  void beginEntry(std::string_view entry);

  Status readArray(size_t array, unsigned reads);
  Status setGain(size_t array, bool perColumn);

  struct Tile {
    size_t rows = 0, cols = 0;
    std::vector<float> weights;           ///< [rows, cols], if used ideally
    std::optional<AnalogArray> analog;    ///< if used with its periphery
    std::optional<TrainingTile> training; ///< if it is of a training kind
    bool keepsWeights = false;
    uint64_t version = 0;    ///< + 1 with each programming and update
    uint64_t generation = 0; ///< when its cells were drawn (training)
  };
  Status program(size_t array, const float *w, size_t ldw, size_t k, size_t n,
                 std::span<const float> scale);
  Tile &tile(size_t array) { return tiles[array]; }
  /// [rows, cols]; empty when never programmed.
  std::span<const float> weightsOf(size_t array);
  /// What a product goes through; errors: never programmed, cannot be read.
  Result<const AnalogArray *> readerOf(size_t array, bool transposed);
  /// What updates did to the tiles that they were of.
  std::vector<UpdateCount> updateCounts() const;
  bool noisy() const { return noise; }
  /// What chip::cost() expects the cells of a product to take; 0 where their
  /// energy is not computed from data.
  double expectedCells(const stream::Command &command,
                       const stream::Program &program) const;
  /// Adds to what the entry that runs has taken so far.
  void addCells(const CellEnergy &cells);
  std::vector<CellEnergy> cellEnergies(std::string_view entry) const;
  /// How often reseed() was called: commands count their runs anew.
  uint64_t generationNumber() const { return generation; }

private:
  Result<std::unique_ptr<Kernel>> prepareUpdate(const stream::Command &command,
                                                unsigned threads);
  Result<std::unique_ptr<Kernel>>
  prepareRefresh(const stream::Command &command);
  Result<std::unique_ptr<Kernel>> prepareRead(const stream::Command &command,
                                              uint64_t number);
  Status addChip(const stream::Program &program, const ExecOptions &options);
  /// What is broken after `programmings` writes more than the first.
  Status applyFaults();

  std::optional<chip::Chip> hardware; ///< when an array is used with physics
  chip::Faults known, injected;
  std::vector<stream::ArrayTile> places; ///< of `tiles`, likewise
  std::vector<Tile> tiles;
  /// Which tiles each entry updates.
  std::map<std::string, std::vector<bool>, std::less<>> updatedBy;
  /// By entry; of each by origin and engine.
  std::map<std::string, std::vector<CellEnergy>, std::less<>> cellsOf;
  std::string running; ///< the entry
  uint64_t seed = 0, generation = 0;
  double age_s = 0, clock_s = 0;
  After after = After::Settled;
  uint64_t programmings = 0;
  bool noise = true;
  Compensate compensate = Compensate::Global;
};

} // namespace hybridc::exec

#endif // HYBRIDC_LIB_EXECUTOR_ARRAYS_H
