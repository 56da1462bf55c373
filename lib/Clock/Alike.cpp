//===- Alike.cpp - Commands that differ in their addresses only -----------===//

#include "Alike.h"

#include <algorithm>

namespace hybridc::exec::clock {

using namespace stream;

namespace {

bool isAlike(const View &a, const View &b) {
  return a.type == b.type && a.space == b.space && a.shape == b.shape &&
         a.strides == b.strides;
}

/// Whether describe() says the same of both: all but addresses, semaphores and
/// what loops add to either.
bool isAlike(const Command &a, const Command &b) {
  auto alike = [](const std::vector<View> &a, const std::vector<View> &b) {
    return std::equal(
        a.begin(), a.end(), b.begin(), b.end(),
        [](const View &x, const View &y) { return isAlike(x, y); });
  };
  return a.op == b.op && alike(a.outs, b.outs) && alike(a.ins, b.ins) &&
         a.attrs == b.attrs;
}

/// Tells apart what often takes turns: ops, shapes, vector programs.
size_t hashOf(const Command &command) {
  uint64_t hash = uint64_t(command.op) + 37 * command.origin;
  if (!command.outs.empty())
    for (int64_t extent : command.outs[0].shape)
      hash = 31 * hash + uint64_t(extent);
  if (!command.attrs.empty() && !command.attrs.back().ints.empty())
    hash = 31 * hash + uint64_t(command.attrs.back().ints[0]);
  hash *= 0x9e3779b97f4a7c15;
  return size_t(hash >> 57);
}

} // namespace

Alike::Known &Alike::of(const Command &command, uint32_t engine) {
  Known &known = slots[hashOf(command)];
  if (known.command &&
      (known.engine != engine || !isAlike(*known.command, command)))
    known.command = nullptr;
  return known;
}

} // namespace hybridc::exec::clock
