//===- Resize.cpp - Interpolation -----------------------------------------===//

#include "../Node.h"
#include "../Table.h"

#include <cmath>

using namespace mlir;

namespace hybridc::import {
namespace {

struct Settings {
  std::string mode = "nearest";
  std::string coordinates = "asymmetric";
  std::string nearest = "floor";
  std::vector<double> scales, roi;
  Ints sizes;
};

/// Nearest by whole factors is a broadcast: every form of coordinates in use
/// takes the same element.
bool isRepetition(const Settings &settings, Value x, ArrayRef<int64_t> shape) {
  if (settings.mode != "nearest")
    return false;
  bool floors =
      settings.coordinates == "asymmetric" && settings.nearest == "floor";
  bool centred = settings.coordinates == "half_pixel" &&
                 settings.nearest.rfind("round_prefer", 0) == 0;
  if (!floors && !centred)
    return false;
  for (auto [d, extent] : llvm::enumerate(Node::shapeOf(x))) {
    if (extent == 0 || shape[d] % extent)
      return false;
    int64_t factor = shape[d] / extent;
    if (!settings.scales.empty() &&
        settings.scales[d] != static_cast<double>(factor))
      return false;
  }
  return true;
}

Value repeat(Node &n, Value x, ArrayRef<int64_t> shape) {
  Ints cut, wide;
  for (auto [d, extent] : llvm::enumerate(Node::shapeOf(x))) {
    int64_t factor = shape[d] / extent;
    cut.push_back(extent);
    wide.push_back(extent);
    if (factor != 1) {
      cut.push_back(1);
      wide.push_back(factor);
    }
  }
  return n.reshape(n.expand(n.reshape(x, cut), wide), shape);
}

void resize(Node &n, Value x, const Settings &settings) {
  int64_t rank = Node::rankOf(x);
  Ints shape = settings.sizes;
  if (shape.empty()) {
    if (static_cast<int64_t>(settings.scales.size()) != rank)
      n.invalid("scales must have one entry a dimension");
    for (int64_t d = 0; d < rank; ++d) {
      double scale = settings.scales[d];
      if (!(scale > 0) || scale > 1e6)
        n.invalid(fmt::format("scales holds {}", scale));
      // Scales are single precision, and so is their product: exporters write
      // out / in, which falls short of out by less than that rounds away.
      shape.push_back(static_cast<int64_t>(
          std::floor(static_cast<float>(Node::shapeOf(x)[d]) *
                     static_cast<float>(scale))));
    }
  }
  if (ArrayRef<int64_t>(shape) == Node::shapeOf(x) &&
      settings.coordinates != "tf_crop_and_resize" &&
      llvm::all_of(settings.scales, [](double s) { return s == 1; }))
    return n.out(0, x);
  auto type = n.tensor(shape, Node::elem(x));
  if (isRepetition(settings, x, shape))
    return n.out(0, repeat(n, x, shape));
  SmallVector<NamedAttribute> attributes{
      n.named("mode", llvm::StringRef(settings.mode)),
      n.named("coordinates", llvm::StringRef(settings.coordinates)),
      n.named("nearest", llvm::StringRef(settings.nearest)),
      n.named("cubic_a", n.floatAttr("cubic_coeff_a", -0.75)),
      n.named("exclude_outside", n.intAttr("exclude_outside", 0)),
      n.named("extrapolation", n.floatAttr("extrapolation_value", 0)),
      n.named("antialias", n.intAttr("antialias", 0))};
  if (!settings.scales.empty())
    attributes.push_back(n.named("scales", ArrayRef<double>(settings.scales)));
  if (!settings.roi.empty())
    attributes.push_back(n.named("roi", ArrayRef<double>(settings.roi)));
  n.out(0, n.host("resize", x, type, attributes)[0]);
}

/// Opset 10 does not say how nearest rounds; onnxruntime rounds up along axes
/// that shrink, else down.
void resizeOfOpset10(Node &n, Value x, Settings settings) {
  auto shrinks = [](double scale) { return scale < 1; };
  bool any = llvm::any_of(settings.scales, shrinks);
  if (settings.mode == "nearest" && any) {
    settings.nearest = "ceil";
    if (llvm::any_of(settings.scales, [](double s) { return s > 1; }))
      n.unsupported("grows along one axis and shrinks along another; two "
                    "nodes, one for each, would help");
  }
  resize(n, x, settings);
}

std::string modeOf(Node &n) {
  std::string mode = n.stringAttr("mode", "nearest");
  if (mode == "bilinear" || mode == "trilinear")
    mode = "linear";
  if (mode != "nearest" && mode != "linear" && mode != "cubic")
    n.invalid("mode is '" + mode + "'");
  return mode;
}

std::vector<double> scalesFrom(Node &n, int input) {
  auto scales = Node::constantFloats(n.in(input));
  if (!scales)
    n.unsupported("scales must be known at compile time");
  return *scales;
}

/// Scales: an attribute in opset 7, then an input.
void importUpsample(Node &n) {
  Settings settings;
  settings.mode = modeOf(n);
  settings.scales = n.opset < 9 ? n.floatsAttr("scales") : scalesFrom(n, 1);
  resize(n, n.in(0), settings);
}

/// Values given for some axes, spread over all.
template <typename T>
void spread(Node &n, std::vector<T> &values, ArrayRef<int64_t> axes,
            const std::vector<T> &all) {
  if (values.size() != axes.size())
    n.invalid("scales, sizes and axes must have the same number of entries");
  std::vector<T> wide = all;
  for (auto [axis, value] : llvm::zip(axes, values))
    wide[axis] = value;
  values = wide;
}

void importResize(Node &n) {
  Value x = n.in(0);
  int64_t rank = Node::rankOf(x);
  Settings settings;
  settings.mode = modeOf(n);
  if (n.opset < 11) {
    settings.scales = scalesFrom(n, 1);
    return resizeOfOpset10(n, x, settings);
  }
  settings.coordinates =
      n.stringAttr("coordinate_transformation_mode", "half_pixel");
  settings.nearest = n.stringAttr("nearest_mode", "round_prefer_floor");
  Ints axes = n.intsAttr("axes");
  if (axes.empty())
    for (int64_t d = 0; d < rank; ++d)
      axes.push_back(d);
  for (int64_t &axis : axes)
    axis = n.axisOf(axis, rank);
  auto given = [&](int i) {
    return n.has(i) && Node::typeOf(n.in(i)).getNumElements() > 0;
  };
  std::vector<double> ones(rank, 1);
  if (given(3)) {
    Ints sizes = n.requireInts(3, "sizes");
    std::string policy = n.stringAttr("keep_aspect_ratio_policy", "stretch");
    if (sizes.size() != axes.size())
      n.invalid("sizes must have one entry for each axis");
    if (policy != "stretch") {
      // One scale for all axes: the smallest or the largest that is asked for.
      double scale = 0;
      for (auto [i, axis] : llvm::enumerate(axes)) {
        double own = static_cast<double>(sizes[i]) /
                     static_cast<double>(Node::shapeOf(x)[axis]);
        scale = i == 0                   ? own
                : policy == "not_larger" ? std::min(scale, own)
                                         : std::max(scale, own);
      }
      settings.scales.assign(axes.size(), scale);
      spread(n, settings.scales, axes, ones);
      for (auto [i, axis] : llvm::enumerate(axes))
        sizes[i] = static_cast<int64_t>(std::floor(
            scale * static_cast<double>(Node::shapeOf(x)[axis]) + 0.5));
    }
    std::vector<int64_t> all(sizes.begin(), sizes.end());
    spread(n, all, axes, {Node::shapeOf(x).begin(), Node::shapeOf(x).end()});
    settings.sizes.assign(all.begin(), all.end());
  } else if (given(2)) {
    settings.scales = scalesFrom(n, 2);
    spread(n, settings.scales, axes, ones);
  } else {
    n.invalid("neither scales nor sizes are given");
  }
  if (settings.coordinates == "tf_crop_and_resize") {
    if (!given(1))
      n.invalid("tf_crop_and_resize needs a roi");
    auto roi = Node::constantFloats(n.in(1));
    if (!roi || roi->size() != 2 * axes.size())
      n.unsupported("roi must be known at compile time, two entries an axis");
    settings.roi.assign(2 * rank, 0);
    std::fill(settings.roi.begin() + rank, settings.roi.end(), 1);
    for (auto [i, axis] : llvm::enumerate(axes)) {
      settings.roi[axis] = (*roi)[i];
      settings.roi[rank + axis] = (*roi)[axes.size() + i];
    }
  }
  resize(n, x, settings);
}

/// The place of element `i` of `extent` between -1 and 1, which are the borders
/// of the outer elements or, when `aligned`, their centres.
double placeOf(int64_t i, int64_t extent, bool aligned) {
  double at = static_cast<double>(i), n = static_cast<double>(extent);
  if (aligned)
    return extent > 1 ? 2 * at / (n - 1) - 1 : -1;
  return (2 * at + 1) / n - 1;
}

/// The places of all elements, with a 1 behind, times theta.
void importAffineGrid(Node &n) {
  Value theta = n.in(0);
  Ints size = n.requireInts(1, "size");
  bool aligned = n.intAttr("align_corners", 0) != 0;
  int64_t spatial = static_cast<int64_t>(size.size()) - 2;
  if (spatial < 2 || spatial > 3 || Node::rankOf(theta) != 3 ||
      Node::shapeOf(theta)[0] != size[0] ||
      Node::shapeOf(theta)[1] != spatial ||
      Node::shapeOf(theta)[2] != spatial + 1)
    n.invalid("size must be N, C and 2 or 3 extents, theta N matrices of as "
              "many rows and one column more");
  ArrayRef<int64_t> extents = ArrayRef<int64_t>(size).drop_front(2);
  auto grid = n.tensor(extents, n.f32()); // refuses what overflows
  if (grid.getNumElements() > (int64_t(1) << 24))
    n.unsupported("has more than 2^24 places");
  std::vector<double> places;
  for (int64_t at = 0; at < grid.getNumElements(); ++at) {
    int64_t rest = at; // the last dimension is the first coordinate
    for (int64_t d = spatial; d-- > 0; rest /= extents[d])
      places.push_back(placeOf(rest % extents[d], extents[d], aligned));
    places.push_back(1);
  }
  Type own = Node::elem(theta);
  Type wide = own.isF64() ? own : n.f32();
  Value all = n.reshape(n.floats(places, wide),
                        {1, grid.getNumElements(), spatial + 1});
  Value y = n.matmul(all, n.transpose(n.cast(theta, wide), {0, 2, 1}));
  Ints shape{size[0]};
  llvm::append_range(shape, extents);
  shape.push_back(spatial);
  n.out(0, n.cast(n.reshape(y, shape), own));
}

const OpRow rows[] = {
    {"AffineGrid", 20, "matmul", "a size known only at run time",
     importAffineGrid},
    {"Resize", 10, "host resize, or a broadcast for whole factors",
     "scales or sizes known only at run time", importResize},
    {"Upsample", 7, "as Resize", "scales known only at run time",
     importUpsample},
};
} // namespace

OpFamily resizeOps() { return {"Interpolation", rows}; }

} // namespace hybridc::import
