//===- SubjectStudies.h - One function a study ------------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_STUDIES_SUBJECTSTUDIES_H
#define HYBRIDC_LIB_STUDIES_SUBJECTSTUDIES_H

#include "hybridc/Studies/DeviceSubject.h"
#include "hybridc/Studies/SubjectStudy.h"

#include <algorithm>

namespace hybridc::studies {

inline bool contains(const std::vector<std::string> &names,
                     const std::string &name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// program, drift. `ages` of these three in seconds; none: a study's own.
Result<exec::StatTable> studyCells(const SubjectStudy &asked,
                                   const Subject &subject,
                                   const std::vector<double> &ages);
/// compensation
Result<exec::StatTable> studyCompensation(const SubjectStudy &asked,
                                          const Subject &subject,
                                          const std::vector<double> &ages);
/// mvm
Result<exec::StatTable> studyProducts(const SubjectStudy &asked,
                                      const Subject &subject,
                                      std::vector<double> ages);

Result<exec::StatTable> studyPulses(const SubjectStudy &asked,
                                    const Subject &subject);
Result<exec::StatTable> studyUpdates(const SubjectStudy &asked,
                                     const Subject &subject);
Result<exec::StatTable> studyRegression(const SubjectStudy &asked,
                                        const Subject &subject);

} // namespace hybridc::studies

#endif // HYBRIDC_LIB_STUDIES_SUBJECTSTUDIES_H
