//===- Fields.h - Every number of a program -------------------*- C++ -*-===//
#ifndef HYBRIDC_TEST_FUZZ_FIELDS_H
#define HYBRIDC_TEST_FUZZ_FIELDS_H

#include "hybridc/Stream/Program.h"

#include <functional>
#include <random>
#include <vector>

namespace hybridc::stream::fuzz {

using Random = std::mt19937_64;

/// A way to change one number of a program, or the length of one list.
using Change = std::function<void(Random &)>;

/// One change for each number and list that `program` has.
std::vector<Change> changesOf(Program &program);

/// A number worth trying in place of `now`: a limit, a neighbour, a random one.
uint64_t interesting(uint64_t now, Random &random);

} // namespace hybridc::stream::fuzz

#endif // HYBRIDC_TEST_FUZZ_FIELDS_H
