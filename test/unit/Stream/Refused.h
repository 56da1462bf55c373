// What it means that a check refuses a program: it was fine before one change.
#ifndef HYBRIDC_TEST_STREAM_REFUSED_H
#define HYBRIDC_TEST_STREAM_REFUSED_H

#include "hybridc/Stream/Program.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace hybridc::stream {

using Change = std::function<void(Program &)>;

/// Expects `errorOf` to call `program` "fine", and to say `words` of it after
/// `change`.
inline void
expectRefused(Program program, std::string_view words, const Change &change,
              const std::function<std::string(const Program &)> &errorOf) {
  ASSERT_EQ(errorOf(program), "fine") << "before the change";
  change(program);
  std::string error = errorOf(program);
  EXPECT_NE(error.find(words), std::string::npos)
      << "expected: " << words << "\nactual:   " << error;
}

} // namespace hybridc::stream

#endif // HYBRIDC_TEST_STREAM_REFUSED_H
