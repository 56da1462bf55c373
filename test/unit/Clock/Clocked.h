// A program of one entry, clocked; a failure of the test when it is refused.
#ifndef HYBRIDC_TEST_UNIT_EXECUTOR_CLOCKED_H
#define HYBRIDC_TEST_UNIT_EXECUTOR_CLOCKED_H

#include "hybridc/Clock/Clock.h"

#include <gtest/gtest.h>

namespace hybridc::exec {

inline ClockResult clocked(const stream::Program &program,
                           const chip::Chip &chip, ClockOptions options = {}) {
  auto result = runClock(program, chip, "infer", options);
  if (!result) {
    ADD_FAILURE() << result.error().message;
    return {};
  }
  return *result;
}

/// With each command's start and end.
inline ClockResult clockedWithEvents(const stream::Program &program,
                                     const chip::Chip &chip) {
  ClockOptions options;
  options.events = true;
  return clocked(program, chip, options);
}

/// One command on each queue; no array tiles.
inline stream::Program
programOf(std::vector<std::pair<std::string, stream::Command>> queues) {
  stream::Segment segment;
  for (auto &[engine, command] : queues)
    segment.queues.push_back({engine, {{std::move(command)}}});
  stream::Program program;
  program.dramBytes = 1 << 24;
  program.sramBytes = 1 << 16;
  program.origins.resize(1);
  stream::Entry entry;
  entry.name = "infer";
  entry.body.nodes = {{segment}};
  program.entries.push_back(std::move(entry));
  return program;
}

} // namespace hybridc::exec

#endif // HYBRIDC_TEST_UNIT_EXECUTOR_CLOCKED_H
