//===- Elide.cpp - Transfers that need not be done ------------------------===//
//
// Two rewrites of a list of commands in running order, by intervals of bytes:
//
//  load   copy S → T, then readers of T.      Readers read S; the copy goes,
//                                             if nothing else sees T.
//  store  producer → V, then copy V → D.      The producer writes D, later
//                                             readers of V read D; the copy
//                                             goes, if nothing else sees V.
//
// Both hold as long as what is read instead is not written meanwhile. Every
// doubt keeps the copy.
//
//===----------------------------------------------------------------------===//
#include "Trace.h"
#include "hybridc/Kernels/Conv.h"
#include "hybridc/Kernels/Spans.h"

#include <algorithm>

namespace hybridc::exec {
namespace {

constexpr size_t kMostSteps = 20000; ///< commands looked at for one copy

/// Whether the view touches every byte of its span.
bool isSolid(const View &view) {
  Span span = spanOf(view);
  int64_t bytes = stream::numElements(view) * stream::sizeOf(view.type);
  if (span.end - span.begin != bytes)
    return false;
  for (size_t d = 0; d < view.shape.size(); ++d)
    if (view.shape[d] > 1 && view.strides[d] <= 0)
      return false;
  return true; // no zero strides and as many bytes as elements take
}

/// Equal shapes, and equal strides where they matter.
bool sameLayout(const View &a, const View &b) {
  if (a.type != b.type || a.shape != b.shape)
    return false;
  for (size_t d = 0; d < a.shape.size(); ++d)
    if (a.shape[d] > 1 && a.strides[d] != b.strides[d])
      return false;
  return true;
}

/// Contiguous or repeating along the innermost dimension.
bool innermostContiguous(const View &view) {
  for (size_t d = view.shape.size(); d-- > 0;)
    if (view.shape[d] > 1)
      return view.strides[d] == 1 || view.strides[d] == 0;
  return true;
}

/// `reader` lies in `from`; the view of the same elements in `to`, given that
/// `to` holds what `from` holds, element by element.
bool mapView(const View &reader, const View &from, const View &to,
             View &result) {
  if (reader.type != from.type)
    return false;
  int64_t size = stream::sizeOf(reader.type);
  int64_t offset =
      static_cast<int64_t>(reader.address) - static_cast<int64_t>(from.address);
  result = reader;
  result.space = to.space;
  if (isDense(from) && isDense(to)) { // byte for byte
    result.address = to.address + static_cast<uint64_t>(offset);
    return true;
  }
  // A box of the same dimensions.
  if (reader.shape.size() != from.shape.size() || offset < 0 ||
      !isDense(from) || offset % size != 0)
    return false;
  offset /= size;
  int64_t target = 0;
  for (size_t d = 0; d < from.shape.size(); ++d) {
    if (reader.shape[d] > 1 && reader.strides[d] != from.strides[d])
      return false;
    int64_t index = 0;
    if (from.shape[d] > 1) {
      index = offset / from.strides[d];
      offset -= index * from.strides[d];
    }
    if (index + reader.shape[d] > from.shape[d])
      return false;
    target += index * to.strides[d];
    result.strides[d] = to.strides[d];
  }
  if (offset != 0)
    return false;
  result.address = to.address + static_cast<uint64_t>(target * size);
  return true;
}

/// Whether a kernel reads (writes) such a view without copying it first.
bool fits(const Command &command, const View &view) {
  switch (command.op) {
  case stream::Op::Conv: {
    if (isDense(view) || isPlainDepthwise(command))
      return innermostContiguous(view);
    // A product reads any channel stride, if pixels lie together.
    if (!isPointwise(command))
      return false;
    int64_t expected = 1;
    for (size_t d = view.shape.size(); d-- > 2; expected *= view.shape[d])
      if (view.shape[d] > 1 && view.strides[d] != expected)
        return false;
    return true;
  }
  case stream::Op::Matmul:
  case stream::Op::Copy:
  case stream::Op::Vec:
  case stream::Op::Pool:
  case stream::Op::Reduce:
  case stream::Op::Normalize:
    return innermostContiguous(view);
  case stream::Op::Mvm:
    return command.intOr("ideal", 0) == 0 || isDense(view);
  default:
    return isDense(view);
  }
}

/// Bytes of a span that are still as they were.
class Remaining {
public:
  explicit Remaining(Span whole) : space(whole.space) {
    if (whole.begin < whole.end)
      pieces.push_back({whole.begin, whole.end});
  }
  bool empty() const { return pieces.empty(); }
  bool touches(const Span &s) const {
    return s.space == space &&
           std::any_of(pieces.begin(), pieces.end(), [&](const Piece &p) {
             return p.begin < s.end && s.begin < p.end;
           });
  }
  bool contains(const Span &s) const {
    return s.space == space &&
           std::any_of(pieces.begin(), pieces.end(), [&](const Piece &p) {
             return p.begin <= s.begin && s.end <= p.end;
           });
  }
  void remove(const Span &s) {
    if (s.space != space)
      return;
    std::vector<Piece> left;
    for (const Piece &p : pieces) {
      if (p.begin < std::min(p.end, s.begin))
        left.push_back({p.begin, std::min(p.end, s.begin)});
      if (std::max(p.begin, s.end) < p.end)
        left.push_back({std::max(p.begin, s.end), p.end});
    }
    pieces = std::move(left);
  }

private:
  struct Piece {
    int64_t begin, end;
  };
  stream::Space space;
  std::vector<Piece> pieces;
};

struct Redirect {
  size_t command, operand;
  View view;
};

class Elider {
public:
  Elider(std::vector<Command> &trace, bool sramDies)
      : trace(trace), sramDies(sramDies), gone(trace.size(), false) {}

  void run() {
    for (size_t i = 0; i < trace.size(); ++i)
      if (trace[i].op == stream::Op::Copy && !gone[i])
        tryLoad(i);
    for (size_t i = 0; i < trace.size(); ++i)
      if (trace[i].op == stream::Op::Copy && !gone[i])
        tryStore(i);
    size_t kept = 0;
    for (size_t i = 0; i < trace.size(); ++i) {
      if (gone[i])
        continue;
      if (kept != i)
        trace[kept] = std::move(trace[i]);
      ++kept;
    }
    trace.resize(kept);
  }

private:
  /// From command `start` on, all that read `held` shall read `instead`.
  bool redirectReaders(size_t start, const View &held, const View &instead,
                       std::vector<Redirect> &redirects) const {
    Span heldSpan = spanOf(held), insteadSpan = spanOf(instead);
    if (heldSpan.space != stream::Space::Sram || heldSpan.overlaps(insteadSpan))
      return false;
    Remaining live(heldSpan);  // may still be read
    Remaining clean(heldSpan); // is what `instead` is
    bool valid = true;         // `instead` has not been written
    for (size_t j = start; j < trace.size() && !live.empty(); ++j) {
      if (gone[j])
        continue;
      if (j - start > kMostSteps)
        return false;
      const Command &command = trace[j];
      for (size_t k = 0; k < command.ins.size(); ++k) {
        Span read = spanOf(command.ins[k]);
        if (read.begin == read.end || !live.touches(read))
          continue;
        Redirect redirect{j, k, {}};
        if (!valid || !clean.contains(read) ||
            !mapView(command.ins[k], held, instead, redirect.view) ||
            !(redirect.view.strides == command.ins[k].strides ||
              fits(command, redirect.view)))
          return false;
        // Kernels do not expect their results to overlap what they read.
        for (const View &out : command.outs)
          if (spanOf(out).overlaps(insteadSpan))
            return false;
        redirects.push_back(std::move(redirect));
      }
      // What is added onto is read as well.
      if (command.intOr("accumulate", 0) != 0)
        for (const View &out : command.outs)
          if (live.touches(spanOf(out)))
            return false;
      for (const View &out : command.outs) {
        Span written = spanOf(out);
        if (written.overlaps(insteadSpan))
          valid = false;
        clean.remove(written);
        if (isSolid(out))
          live.remove(written);
      }
    }
    return live.empty() || sramDies;
  }

  void apply(const std::vector<Redirect> &redirects) {
    for (const Redirect &r : redirects)
      trace[r.command].ins[r.operand] = r.view;
  }

  void tryLoad(size_t i) {
    const View from = trace[i].ins[0], to = trace[i].outs[0];
    if (!isSolid(to) || !innermostContiguous(from))
      return;
    std::vector<Redirect> redirects;
    if (!redirectReaders(i + 1, to, from, redirects))
      return;
    apply(redirects);
    gone[i] = true;
  }

  /// Ops whose kernels write each output element once and read it never.
  static bool canWriteElsewhere(const Command &command) {
    switch (command.op) {
    case stream::Op::Vec:
    case stream::Op::Copy:
    case stream::Op::Pool:
    case stream::Op::Reduce:
    case stream::Op::Normalize:
    case stream::Op::Conv:
    case stream::Op::Matmul:
    case stream::Op::Mvm:
      return command.intOr("accumulate", 0) == 0;
    default:
      return false;
    }
  }

  void tryStore(size_t i) {
    const View from = trace[i].ins[0], to = trace[i].outs[0];
    if (!isSolid(from) || !innermostContiguous(to))
      return;
    Span held = spanOf(from), target = spanOf(to);
    if (held.space != stream::Space::Sram || held.overlaps(target) ||
        held.begin == held.end)
      return;
    // The one that wrote it last; nothing in between may look at either place.
    size_t p = i, output = 0;
    bool found = false;
    while (!found && p-- > 0) {
      if (i - p > kMostSteps)
        return;
      if (gone[p])
        continue;
      const Command &command = trace[p];
      for (size_t k = 0; k < command.outs.size(); ++k)
        if (spanOf(command.outs[k]).overlaps(held)) {
          if (found)
            return;
          found = true;
          output = k;
        }
      for (const View &in : command.ins)
        if (spanOf(in).overlaps(target) ||
            (!found && spanOf(in).overlaps(held)))
          return;
      for (const View &out : command.outs)
        if (spanOf(out).overlaps(target))
          return;
    }
    if (!found || !canWriteElsewhere(trace[p]))
      return;
    const View &written = trace[p].outs[output];
    View elsewhere = written;
    elsewhere.space = to.space;
    if (sameLayout(written, from) && written.address == from.address) {
      elsewhere.address = to.address;
      elsewhere.strides = to.strides;
    } else if (written.type == from.type && isDense(written) && isDense(from) &&
               isDense(to) && written.address == from.address &&
               stream::numElements(written) == stream::numElements(from)) {
      elsewhere.address = to.address;
    } else {
      return;
    }
    if (!fits(trace[p], elsewhere))
      return;
    std::vector<Redirect> redirects;
    if (!redirectReaders(i + 1, from, to, redirects))
      return;
    trace[p].outs[output] = elsewhere;
    apply(redirects);
    gone[i] = true;
  }

  std::vector<Command> &trace;
  bool sramDies;
  std::vector<bool> gone;
};

} // namespace

void elideCopies(std::vector<Command> &trace, bool sramDies) {
  Elider(trace, sramDies).run();
}

} // namespace hybridc::exec
