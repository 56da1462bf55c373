//===- PeerNames.h - What aihwkit calls devices, fields and values --------===//
//
// People hold this model against IBM's aihwkit 1.1 and bring its names along:
// `characterize` takes them for its own. docs/Devices.md has the table.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_STUDIES_PEERNAMES_H
#define HYBRIDC_STUDIES_PEERNAMES_H

#include "hybridc/Support/Result.h"

#include <string>
#include <vector>

namespace hybridc::studies {

/// This project's name of a device, or `name` itself: HermesNoiseModel is
/// pcm-hermes, EcRamPresetDevice ecram-li.
std::string ownDeviceName(const std::string &name);

/// FIELD=VALUE with this project's fields; several where one of the peer's says
/// what several do here: prog_coeff=1,2,3. Anything else comes back as it is.
/// Errors (Usage): what this project has no field for.
Result<std::vector<std::string>> ownSettings(const std::string &setting);

/// Place of `value` among `words` by its own or the peer's name, whatever its
/// case and underscores: PCMRead, PCM_READ and pcm_read. Negative: none of
/// them.
int wordAmong(const std::vector<std::string> &words, const std::string &value);

/// 1 of True, on, yes; 0 of False, off, no; negative: no switch.
int switchValue(const std::string &value);

} // namespace hybridc::studies

#endif // HYBRIDC_STUDIES_PEERNAMES_H
