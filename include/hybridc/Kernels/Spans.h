//===- Spans.h - Which bytes a view may touch -----------------*- C++ -*-===//
#ifndef HYBRIDC_KERNELS_SPANS_H
#define HYBRIDC_KERNELS_SPANS_H

#include "hybridc/Stream/Program.h"

namespace hybridc::exec {

/// Bytes [begin, end) of a memory.
struct Span {
  stream::Space space;
  int64_t begin = 0, end = 0;
  bool overlaps(const Span &o) const {
    return space == o.space && begin < o.end && o.begin < end;
  }
  bool contains(const Span &o) const {
    return space == o.space && begin <= o.begin && o.end <= end;
  }
};

inline Span spanOf(const stream::View &view) {
  Span span{view.space, static_cast<int64_t>(view.address),
            static_cast<int64_t>(view.address)};
  int64_t size = stream::sizeOf(view.type);
  for (size_t d = 0; d < view.shape.size(); ++d) {
    if (view.shape[d] == 0)
      return {view.space, span.begin, span.begin};
    int64_t reach = (view.shape[d] - 1) * view.strides[d] * size;
    (reach < 0 ? span.begin : span.end) += reach;
  }
  span.end += size;
  return span;
}

} // namespace hybridc::exec

#endif // HYBRIDC_KERNELS_SPANS_H
