//===- RunOnce.h - A program with one input and one output, run -*- C++ -*-===//
#ifndef HYBRIDC_TEST_EXECUTOR_RUNONCE_H
#define HYBRIDC_TEST_EXECUTOR_RUNONCE_H

#include "hybridc/Executor/Executor.h"

#include <gtest/gtest.h>
#include <optional>

namespace hybridc::exec::test {

/// Makes commands a chain: each waits for the one before, on whatever queue.
/// Queue i signals semaphore i.
class Chain {
public:
  void append(stream::Segment &segment, int queue, stream::Command command) {
    if (last >= 0)
      command.waits = {{uint32_t(last), counts[last], {}}};
    command.signals = {uint32_t(queue)};
    ++counts[queue];
    last = queue;
    segment.queues[queue].items.push_back({std::move(command)});
  }

private:
  uint64_t counts[3] = {};
  int last = -1;
};

struct Outcome {
  std::vector<std::byte> bytes; ///< of output "y"
  uint64_t executed = 0;        ///< commands
};

/// Runs entry "infer" on `floats` small integers as "x". Nothing, and a failed
/// expectation that names `seed`, when that is refused.
inline std::optional<Outcome> runOnce(const stream::Program &program,
                                      const ExecOptions &options,
                                      int64_t floats, unsigned seed) {
  auto failed = [&](const Error &error) {
    ADD_FAILURE() << "seed " << seed << ": " << error.message;
    return std::nullopt;
  };
  auto executor = Executor::create(program, options);
  if (!executor)
    return failed(executor.error());
  std::vector<float> x(static_cast<size_t>(floats));
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = float(i * 7 % 31) - 9;
  if (Status s = (*executor)->setInput("x", x.data(), x.size() * 4); !s)
    return failed(s.error());
  if (Status s = (*executor)->run(); !s)
    return failed(s.error());
  auto y = (*executor)->output("y");
  if (!y)
    return failed(y.error());
  return Outcome{std::move(y->bytes), (*executor)->numExecuted()};
}

} // namespace hybridc::exec::test

#endif // HYBRIDC_TEST_EXECUTOR_RUNONCE_H
