//===- SubjectStudy.h - A device's or an array's statistics -----*- C++ -*-===//
//
// characterize --what program, drift, compensation, mvm, pulse, update,
// regression and fields: the studies of Characterize.h on what people name.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_STUDIES_SUBJECTSTUDY_H
#define HYBRIDC_STUDIES_SUBJECTSTUDY_H

#include "hybridc/Studies/Characterize.h"
#include "hybridc/Support/Result.h"

#include <string>
#include <vector>

namespace hybridc::studies {

/// What to study, as people write it. An empty text, and 0 where nothing else
/// is said, leaves a study its own default.
struct SubjectStudy {
  std::string subject; ///< a device (or the peer's name of one), or a target
  std::string what;    ///< which study, see above
  std::string array;   ///< which arrays of a target; empty: the first that fit
  std::string io;      ///< periphery by name, in place of the array's own
  std::vector<std::string> set;  ///< FIELD=VALUE, as fieldsOf lists them
  std::vector<std::string> ages; ///< since programming: 20s, 1h, 1d, 1y
  /// Parts of the largest conductance, or how many even ones; of pulse:
  /// numbers of pulses.
  std::string levels;
  std::string noise = "on"; ///< off: ideal cells, of mvm
  std::string compensate;   ///< none, global, column
  std::string pair;         ///< on, off: pairs of cells or single ones
  std::string inputs, weights = "gauss"; ///< of distributionNames
  std::string algorithm = "sgd";         ///< of trainingAlgorithmNames
  std::string phases;                    ///< of pulse: up,down,alternate,rest
  std::string rates;                     ///< learning rates, between commas
  std::string products;                  ///< of update: X:D,X:D
  std::string cells = "even";            ///< of update: even, own
  uint64_t samples = 0, seed = 0;
  unsigned epochs = 20, batch = 10, seeds = 0;
};

/// Runs it. In the table a device has the name that `study` gives it, so that
/// tables join. Errors (Usage) name the option that does not fit.
Result<exec::StatTable> runSubjectStudy(const SubjectStudy &study);

} // namespace hybridc::studies

#endif // HYBRIDC_STUDIES_SUBJECTSTUDY_H
