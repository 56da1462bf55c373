//===- Conv.cpp - Convolutions --------------------------------------------===//

#include "Conv.h"

#include "../Table.h"

using namespace mlir;

namespace hybridc::import {

/// What a stride, dilation, kernel extent or padding may at most be: products
/// of two of them must not overflow.
constexpr int64_t maxExtent = int64_t(1) << 30;

static Ints entries(Node &n, const char *name, size_t count, int64_t fallback,
                    int64_t least) {
  Ints values = n.intsAttr(name);
  if (values.empty())
    values.assign(count, fallback);
  if (values.size() != count)
    n.invalid(fmt::format("{} must have {} entries, has {}", name, count,
                          values.size()));
  for (int64_t value : values)
    if (value < least || value > maxExtent)
      n.invalid(fmt::format("{} holds {}", name, value));
  return values;
}

Window windowOf(Node &n, ArrayRef<int64_t> in, ArrayRef<int64_t> kernel) {
  size_t rank = in.size();
  if (rank < 1 || rank > 3)
    n.unsupported(fmt::format("needs 1 to 3 spatial dimensions, has {}", rank));
  Window w;
  w.kernel = Ints(kernel);
  if (kernel.empty()) {
    if (!n.hasAttr("kernel_shape"))
      n.invalid("kernel_shape is missing");
    w.kernel = entries(n, "kernel_shape", rank, 1, 1);
  } else if (n.hasAttr("kernel_shape") &&
             ArrayRef<int64_t>(n.intsAttr("kernel_shape")) != kernel) {
    n.invalid("kernel_shape differs from the extents of the weights");
  }
  for (int64_t extent : w.kernel)
    if (extent < 1 || extent > maxExtent)
      n.invalid(fmt::format("the kernel has extent {}", extent));
  w.strides = entries(n, "strides", rank, 1, 1);
  w.dilations = entries(n, "dilations", rank, 1, 1);
  Ints pads = entries(n, "pads", 2 * rank, 0, 0);
  std::string mode = n.stringAttr("auto_pad", "NOTSET");
  bool same = mode == "SAME_UPPER" || mode == "SAME_LOWER";
  if (!same && mode != "NOTSET" && mode != "VALID" && !mode.empty())
    n.invalid("auto_pad is '" + mode + "'");
  bool ceil = n.intAttr("ceil_mode", 0) != 0;
  for (size_t d = 0; d < rank; ++d) {
    int64_t taps = (w.kernel[d] - 1) * w.dilations[d] + 1;
    int64_t stride = w.strides[d], begin = pads[d], end = pads[rank + d];
    if (mode == "VALID")
      begin = end = 0;
    if (same) {
      int64_t out = (in[d] + stride - 1) / stride;
      int64_t total = std::max<int64_t>((out - 1) * stride + taps - in[d], 0);
      begin = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
      end = total - begin;
    }
    int64_t padded = in[d] + begin + end;
    if (padded < taps)
      n.invalid(fmt::format("the window covers {} elements of dimension {}, "
                            "which has {} with padding",
                            taps, d, padded));
    int64_t out = (padded - taps) / stride + 1;
    int64_t added = 0;
    if (ceil && !same) {
      out = (padded - taps + stride - 1) / stride + 1;
      // A window that would start in the padding behind is left out.
      if ((out - 1) * stride >= in[d] + begin)
        --out;
      added = std::max<int64_t>((out - 1) * stride + taps - padded, 0);
    }
    w.begin.push_back(begin);
    w.end.push_back(end + added);
    w.ceiled.push_back(added);
    w.out.push_back(out);
  }
  return w;
}

static Ints joined(ArrayRef<int64_t> begin, ArrayRef<int64_t> end) {
  Ints all(begin);
  llvm::append_range(all, end);
  return all;
}

Value convolve(Node &n, Value x, Value w, Type element, int64_t xZero,
               int64_t wZero) {
  if (Node::rankOf(x) < 3 || Node::rankOf(w) != Node::rankOf(x))
    n.invalid("input and weights must have the same rank, 3 or more");
  Window window = windowOf(n, Node::shapeOf(x).drop_front(2),
                           Node::shapeOf(w).drop_front(2));
  int64_t groups = n.intAttr("group", 1);
  Ints shape{Node::shapeOf(x)[0], Node::shapeOf(w)[0]};
  llvm::append_range(shape, window.out);
  auto type = n.tensor(shape, element);
  if (Node::typeOf(x).getNumElements() == 0 ||
      Node::typeOf(w).getNumElements() == 0)
    return n.splat(shape, element, 0); // sums of nothing
  return n.emit<hyb::ConvOp>(type, x, w, window.strides,
                             joined(window.begin, window.end), window.dilations,
                             groups, xZero, wZero, /*x_block=*/0,
                             /*y_block=*/0);
}

static Value addBias(Node &n, Value y, Value bias) {
  if (!bias)
    return y;
  return n.mapAlong(y, bias, 1,
                    [](Scalars &s, ValueRange v) { return s.add(v[0], v[1]); });
}

namespace {
void importConv(Node &n) {
  Value x = n.in(0);
  Value y = convolve(n, x, n.in(1), Node::elem(x), 0, 0);
  n.out(0, addBias(n, y, n.inOrNull(2)));
}

void importConvTranspose(Node &n) {
  Value x = n.in(0), w = n.in(1);
  int64_t rank = Node::rankOf(x) - 2, groups = n.intAttr("group", 1);
  if (rank < 1 || rank > 3 || Node::rankOf(w) != rank + 2 || groups < 1)
    n.invalid("input and weights must have the same rank, 3 to 5");
  if (Node::shapeOf(w)[1] > maxExtent || groups > maxExtent)
    n.invalid("has too many channels");
  size_t count = static_cast<size_t>(rank);
  Ints strides = entries(n, "strides", count, 1, 1);
  Ints dilations = entries(n, "dilations", count, 1, 1);
  Ints extra = entries(n, "output_padding", count, 0, 0);
  Ints pads = entries(n, "pads", 2 * count, 0, 0);
  std::string mode = n.stringAttr("auto_pad", "NOTSET");
  bool same = mode == "SAME_UPPER" || mode == "SAME_LOWER";
  Ints wanted = n.intsAttr("output_shape");
  if (wanted.size() == count + 2) // some exporters give N and C too
    wanted.erase(wanted.begin(), wanted.begin() + 2);
  if (!wanted.empty() && wanted.size() != count)
    n.invalid("output_shape must have one entry a spatial dimension");
  Ints shape{Node::shapeOf(x)[0], Node::shapeOf(w)[1] * groups};
  Ints begin, end;
  for (int64_t d = 0; d < rank; ++d) {
    int64_t in = Node::shapeOf(x)[2 + d];
    int64_t kernel = Node::shapeOf(w)[2 + d];
    if (kernel < 1 || kernel > maxExtent || in > maxExtent)
      n.invalid(fmt::format("the kernel has extent {}", kernel));
    int64_t full =
        strides[d] * (in - 1) + extra[d] + (kernel - 1) * dilations[d] + 1;
    int64_t low = mode == "VALID" ? 0 : pads[d];
    int64_t high = mode == "VALID" ? 0 : pads[rank + d];
    int64_t out = full - low - high;
    if (!wanted.empty() || same) {
      out = wanted.empty() ? in * strides[d] : wanted[d];
      int64_t total = std::max<int64_t>(full - out, 0);
      low = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
      high = total - low;
    }
    if (out < 1 || out > maxExtent)
      n.invalid(fmt::format("the result would have extent {}", out));
    begin.push_back(low);
    end.push_back(high);
    shape.push_back(out);
  }
  auto type = n.tensor(shape, Node::elem(x));
  bool isEmpty = Node::typeOf(x).getNumElements() == 0 ||
                 Node::typeOf(w).getNumElements() == 0;
  Value y = isEmpty ? n.splat(shape, Node::elem(x), 0) // sums of nothing
                    : n.emit<hyb::ConvTransposeOp>(type, x, w, strides,
                                                   joined(begin, end),
                                                   dilations, groups);
  n.out(0, addBias(n, y, n.inOrNull(2)));
}

const OpRow rows[] = {
    {"Conv", 7, "conv, map", "more than 3 spatial dimensions", importConv},
    {"ConvTranspose", 7, "conv_transpose, map",
     "more than 3 spatial dimensions", importConvTranspose},
};
} // namespace

OpFamily convOps() { return {"Convolutions", rows}; }

} // namespace hybridc::import
