//===- DeviceSubject.h - What is characterised ------------------*- C++ -*-===//
#ifndef HYBRIDC_STUDIES_DEVICESUBJECT_H
#define HYBRIDC_STUDIES_DEVICESUBJECT_H

#include "hybridc/Devices/TrainingArray.h"

#include <string>
#include <vector>

namespace hybridc::studies {

/// A device by name, or the arrays of a target, with the fields that --set
/// changed.
struct Subject {
  std::string name, device;
  exec::DeviceParams params;
  exec::ArrayConfig array;       ///< for mvm
  exec::TrainingConfig training; ///< for update and regression
  double inputRange = 0;         ///< for mvm; 0: see the periphery
};

/// `what` tells training arrays from others, `array` names a kind of a target
/// that has several. Errors (Usage) name what there is.
Result<Subject> findSubject(const std::string &name, const std::string &array,
                            const std::string &what);

/// default, training, standard, hwa, perfect: peripheries of hardware-model.md.
const std::vector<std::string> &standardPeripheryNames();
exec::ArrayPeriphery standardPeriphery(const std::string &name);

/// FIELD=VALUE …: of the array (mvm), of its periphery (mvm, regression), of
/// training (update, regression), else of the device.
Status setFields(const std::vector<std::string> &settings,
                 const std::string &what, Subject &subject);

/// The fields that --set takes, with their values.
Result<std::vector<std::pair<std::string, std::string>>>
fieldsOf(const Subject &subject);

} // namespace hybridc::studies

#endif // HYBRIDC_STUDIES_DEVICESUBJECT_H
