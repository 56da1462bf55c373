//===- ArrayFields.h - What --set can change of an array --------*- C++ -*-===//
#ifndef HYBRIDC_LIB_STUDIES_ARRAYFIELDS_H
#define HYBRIDC_LIB_STUDIES_ARRAYFIELDS_H

#include "hybridc/Studies/DeviceSubject.h"

namespace hybridc::studies {

/// The number of FIELD=NUMBER, or a switch as 0 or 1; `setting` for messages.
Result<double> numberOf(const std::string &setting, const std::string &value);

/// A field of the array or its periphery; false if there is none of that name.
Result<bool> setArrayField(Subject &subject, exec::ArrayPeriphery &p,
                           const std::string &name, const std::string &value);
bool isOfPeriphery(const std::string &name);
/// Appends names and values.
void listArrayFields(const Subject &subject,
                     std::vector<std::pair<std::string, std::string>> &out);

} // namespace hybridc::studies

#endif // HYBRIDC_LIB_STUDIES_ARRAYFIELDS_H
