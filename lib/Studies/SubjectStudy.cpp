//===- SubjectStudy.cpp - A device's or an array's statistics -------------===//
#include "SubjectStudies.h"

#include "hybridc/Studies/PeerNames.h"
#include "hybridc/Support/Parse.h"

#include <fmt/ranges.h>

using namespace hybridc;
using namespace hybridc::studies;

/// The fields that --set takes.
static Result<exec::StatTable> listFields(const Subject &subject) {
  auto fields = fieldsOf(subject);
  if (!fields)
    return fields.error();
  exec::StatTable table;
  table.columns = {"field", "value"};
  for (const auto &[name, value] : *fields)
    table.rows.push_back({name, value});
  return table;
}

static Result<exec::StatTable> studyOf(const SubjectStudy &asked,
                                       const Subject &subject) {
  if (asked.what == "fields")
    return listFields(subject);
  std::vector<double> ages;
  for (const std::string &text : asked.ages) {
    auto age = parseDuration(text);
    if (!age)
      return age.error();
    ages.push_back(*age);
  }
  const std::string &what = asked.what;
  if (what == "program" || what == "drift" || what == "mvm" ||
      what == "compensation") {
    if (contains(exec::pulsedDeviceNames(), subject.device))
      return usage(fmt::format("'{}' is a training device: --what is pulse, "
                               "update or regression",
                               subject.device));
    return what == "mvm"            ? studyProducts(asked, subject, ages)
           : what == "compensation" ? studyCompensation(asked, subject, ages)
                                    : studyCells(asked, subject, ages);
  }
  if (!ages.empty())
    return usage("--age counts for --what drift and mvm only");
  if (contains(exec::inferenceDeviceNames(), subject.device))
    return usage(fmt::format("'{}' is a device for inference: --what is "
                             "program, drift or mvm; training devices are {}",
                             subject.device,
                             fmt::join(exec::pulsedDeviceNames(), ", ")));
  return what == "pulse"    ? studyPulses(asked, subject)
         : what == "update" ? studyUpdates(asked, subject)
                            : studyRegression(asked, subject);
}

/// Where a device goes by the peer's name, the table says that name.
static void nameAsTyped(exec::StatTable &table, const std::string &typed,
                        const std::string &device) {
  if (typed == device || ownDeviceName(typed) != device)
    return;
  for (const char *column : {"device", "model"})
    if (int at = table.column(column); at >= 0)
      for (auto &row : table.rows)
        if (row[at].text.starts_with(device))
          row[at].text.replace(0, device.size(), typed);
}

Result<exec::StatTable> studies::runSubjectStudy(const SubjectStudy &study) {
  auto subject = findSubject(study.subject, study.array, study.what);
  if (!subject)
    return subject.error();
  if (!study.io.empty())
    subject->array.periphery = subject->training.periphery =
        standardPeriphery(study.io);
  if (auto algorithm = exec::trainingAlgorithm(study.algorithm))
    subject->training.algorithm = *algorithm;
  if (Status status = setFields(study.set, study.what, *subject); !status)
    return status.error();
  auto table = studyOf(study, *subject);
  if (table)
    nameAsTyped(*table, study.subject, subject->device);
  return table;
}
