//===- CellEnergies.cpp - What cells took of the inputs that there were ---===//
#include "Arrays.h"

#include "hybridc/Chip/Work.h"
#include "hybridc/Clock/Describe.h"

#include <algorithm>
#include <tuple>

namespace hybridc::exec {

double Arrays::expectedCells(const stream::Command &command,
                             const stream::Program &program) const {
  if (!hardware || command.op != stream::Op::Mvm ||
      command.intOr("ideal", 0) != 0)
    return 0;
  chip::Work work = describe(command, program);
  const chip::ArrayKind *kind = hardware->findArray(work.engine);
  if (!kind || !kind->describesCells())
    return 0;
  return chip::cost(*hardware, work)
      .energy_pj[unsigned(chip::Component::ArrayCell)];
}

void Arrays::addCells(const CellEnergy &cells) {
  std::vector<CellEnergy> &all = cellsOf[running];
  auto before = [](const CellEnergy &a, const CellEnergy &b) {
    return std::tie(a.origin, a.engine) < std::tie(b.origin, b.engine);
  };
  auto at = std::lower_bound(all.begin(), all.end(), cells, before);
  if (at == all.end() || before(cells, *at)) {
    all.insert(at, cells);
    return;
  }
  at->energy_pj += cells.energy_pj;
  at->expected_pj += cells.expected_pj;
}

std::vector<CellEnergy> Arrays::cellEnergies(std::string_view entry) const {
  auto found = cellsOf.find(entry);
  return found == cellsOf.end() ? std::vector<CellEnergy>() : found->second;
}

} // namespace hybridc::exec
