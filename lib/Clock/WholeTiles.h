//===- WholeTiles.h - Weights that come in whole tiles --------*- C++ -*-===//
//
// Where a matrix engine's weights are stored in whole tiles, the transfers that
// fetch them carry the padding, too (chip::Mac::whole_tiles). A transfer does
// not say what it is for: the products of its segment do.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_CLOCK_WHOLETILES_H
#define HYBRIDC_LIB_CLOCK_WHOLETILES_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Stream/Program.h"

#include <map>
#include <utility>

namespace hybridc::exec::clock {

class WholeTiles {
public:
  WholeTiles(const stream::Program &program, const chip::Chip &chip)
      : program(program), chip(chip) {}

  /// Takes note of the weights that the segment's products read.
  void look(const stream::Segment &segment);
  /// Bytes that the command fetches beside its own.
  uint64_t paddingOf(const stream::Command &command) const;

private:
  const stream::Program &program;
  const chip::Chip &chip;
  /// Place in the scratchpad and bytes of weights → their padding.
  std::map<std::pair<uint64_t, uint64_t>, uint64_t> weights;

  void look(const std::vector<stream::Item> &items);
};

} // namespace hybridc::exec::clock

#endif // HYBRIDC_LIB_CLOCK_WHOLETILES_H
