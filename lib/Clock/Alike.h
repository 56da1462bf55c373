//===- Alike.h - Commands that differ in their addresses only -*- C++ -*-===//
//
// The tiles of a layer are the same command again and again, at other places.
// What it does and costs is found out once.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_CLOCK_ALIKE_H
#define HYBRIDC_LIB_CLOCK_ALIKE_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"
#include "hybridc/Stream/Program.h"

#include <array>

namespace hybridc::exec::clock {

class Alike {
public:
  struct Known {
    const stream::Command *command = nullptr; ///< described last; null: none
    uint32_t engine = 0;
    uint32_t index = 0; ///< Tally::workIndex() of `work`
    chip::Work work;
    chip::Cost cost; ///< of `work`
    bool isCosted = false;
  };

  /// What is known of commands like this one on that engine. Where its
  /// `command` is null they are the first, and the caller fills it in.
  Known &of(const stream::Command &command, uint32_t engine);

private:
  std::array<Known, 128> slots; ///< by a hash; a newer kind replaces an older
};

} // namespace hybridc::exec::clock

#endif // HYBRIDC_LIB_CLOCK_ALIKE_H
