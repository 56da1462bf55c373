//===- Resize.cpp - Resampling, as ONNX Resize says -----------------------===//
//
// Nearest picks elements by one index table for each axis. Linear and cubic
// are separable: for each axis a table of taps (index, weight) for each output
// coordinate, applied one axis after the other, innermost first.
//
//===----------------------------------------------------------------------===//
#include "../VecLoops.h"
#include "IndexMap.h"
#include "hybridc/Kernels/OneDnn.h"

#include <cmath>
#include <fmt/format.h>

namespace hybridc::exec::ctl {
namespace {

/// One axis: how output coordinates map to input coordinates.
struct Axis {
  int64_t in, out;
  float scale, roiStart, roiEnd;
  std::string_view coordinates;

  /// In single precision, like the scales of the model.
  float source(int64_t i) const {
    float x = static_cast<float>(i);
    float n = static_cast<float>(in), m = static_cast<float>(out);
    if (coordinates == "asymmetric")
      return x / scale;
    if (coordinates == "align_corners")
      return out == 1 ? 0.0f : x * (n - 1) / (m - 1);
    if (coordinates == "pytorch_half_pixel")
      return out > 1 ? (x + 0.5f) / scale - 0.5f : 0.0f;
    if (coordinates == "tf_half_pixel_for_nn")
      return (x + 0.5f) / scale;
    if (coordinates == "tf_crop_and_resize") {
      float start = roiStart * (n - 1);
      return out > 1 ? start + x * (roiEnd - roiStart) * (n - 1) / (m - 1)
                     : 0.5f * (roiStart + roiEnd) * (n - 1);
    }
    float half = (x + 0.5f) / scale - 0.5f;
    if (coordinates == "half_pixel_symmetric") {
      float adjustment = m / (scale * n);
      return n / 2 * (1 - adjustment) + half;
    }
    return half;
  }
  bool outside(float x) const {
    return coordinates == "tf_crop_and_resize" &&
           !(x >= 0 && x <= static_cast<float>(in - 1));
  }
};

Axis axisOf(const Command &command, size_t d) {
  const View &x = command.ins[0], &y = command.outs[0];
  size_t rank = x.shape.size();
  Axis axis{x.shape[d], y.shape[d],
            1,          0,
            1,          command.textOr("coordinates", "half_pixel")};
  const std::vector<double> &scales = command.floats("scales");
  const std::vector<double> &roi = command.floats("roi");
  axis.scale = scales.empty()
                   ? static_cast<float>(axis.out) / static_cast<float>(axis.in)
                   : static_cast<float>(scales[d]);
  if (!roi.empty()) {
    axis.roiStart = static_cast<float>(roi[d]);
    axis.roiEnd = static_cast<float>(roi[rank + d]);
  }
  return axis;
}

int64_t nearestIndex(float x, std::string_view mode) {
  float r = mode == "floor"               ? std::floor(x)
            : mode == "ceil"              ? std::ceil(x)
            : mode == "round_prefer_ceil" ? std::floor(x + 0.5f)
                                          : std::ceil(x - 0.5f);
  return static_cast<int64_t>(std::clamp(r, -1e15f, 1e15f));
}

/// The taps of one axis: `width` for each output coordinate.
struct Taps {
  int64_t width = 0;
  std::vector<int64_t> index;
  std::vector<double> weight;
  std::vector<uint8_t> outside; ///< by output coordinate
  bool identity = false;
};

double filterOf(bool cubic, double a, double t) {
  t = std::fabs(t);
  if (!cubic)
    return t < 1 ? 1 - t : 0;
  if (t <= 1)
    return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
}

Taps tapsOf(const Command &command, const Axis &axis) {
  bool cubic = command.textOr("mode", "nearest") == "cubic";
  bool exclude = command.intOr("exclude_outside", 0) != 0;
  double a = command.floatOr("cubic_a", -0.75);
  // Antialiasing stretches the filter over the inputs of one output.
  double stretch = command.intOr("antialias", 0) != 0 && axis.scale < 1
                       ? static_cast<double>(axis.scale)
                       : 1;
  double support = (cubic ? 2 : 1) / stretch;
  Taps taps;
  taps.width = 2 * static_cast<int64_t>(std::ceil(support));
  taps.identity = axis.in == axis.out;
  for (int64_t i = 0; i < axis.out; ++i) {
    float x = axis.source(i);
    taps.outside.push_back(axis.outside(x));
    taps.identity = taps.identity && x == static_cast<float>(i);
    double at = std::clamp<double>(x, -1e15, 1e15);
    int64_t first = static_cast<int64_t>(std::floor(at)) - taps.width / 2 + 1;
    double sum = 0;
    size_t begin = taps.weight.size();
    for (int64_t t = 0; t < taps.width; ++t) {
      int64_t index = first + t;
      double w =
          filterOf(cubic, a, (static_cast<double>(index) - at) * stretch);
      if (exclude && (index < 0 || index >= axis.in))
        w = 0;
      taps.index.push_back(std::clamp<int64_t>(index, 0, axis.in - 1));
      taps.weight.push_back(w);
      sum += w;
    }
    if (exclude || stretch != 1)
      for (size_t t = begin; t < taps.weight.size() && sum != 0; ++t)
        taps.weight[t] /= sum;
  }
  return taps;
}

/// out[o][j][:] = sum of taps of in[o][·][:].
template <typename T>
HYBRIDC_INLINE void resample(const T *in, T *out, const Taps &taps,
                             int64_t inExtent, int64_t outExtent, int64_t inner,
                             int64_t begin, int64_t end) {
  for (int64_t o = begin; o < end; ++o) {
    int64_t j = o % outExtent;
    const T *plane = in + o / outExtent * inExtent * inner;
    T *row = out + o * inner;
    const int64_t *index = taps.index.data() + j * taps.width;
    const double *weight = taps.weight.data() + j * taps.width;
    for (int64_t i = 0; i < inner; ++i)
      row[i] = 0;
    for (int64_t t = 0; t < taps.width; ++t) {
      if (weight[t] == 0)
        continue;
      T w = static_cast<T>(weight[t]);
      const T *from = plane + index[t] * inner;
      for (int64_t i = 0; i < inner; ++i)
        row[i] += w * from[i];
    }
  }
}
HYBRIDC_CLONES void resampleF32(const float *in, float *out, const Taps &taps,
                                int64_t inExtent, int64_t outExtent,
                                int64_t inner, int64_t begin, int64_t end) {
  resample(in, out, taps, inExtent, outExtent, inner, begin, end);
}
HYBRIDC_CLONES void resampleF64(const double *in, double *out, const Taps &taps,
                                int64_t inExtent, int64_t outExtent,
                                int64_t inner, int64_t begin, int64_t end) {
  resample(in, out, taps, inExtent, outExtent, inner, begin, end);
}

class InterpolateKernel final : public Kernel {
public:
  InterpolateKernel(const Command &command, unsigned threads)
      : x(command.ins[0]), y(command.outs[0]), threads(threads),
        extrapolation(command.floatOr("extrapolation", 0)) {
    wide = x.type == DType::F64;
    bytes = wide ? 8 : 4;
    DType compute = wide ? DType::F64 : DType::F32;
    isInt = stream::sizeOf(x.type) < 8 && x.type != DType::F32 &&
            x.type != DType::F16 && x.type != DType::BF16;
    in = Packer(x, threads, true);
    out = Packer(y, threads, true);
    int64_t most = 0, elements = stream::numElements(x);
    std::vector<int64_t> shape = x.shape;
    most = std::max(elements, stream::numElements(y));
    for (size_t d = shape.size(); d-- > 0;) {
      taps.insert(taps.begin(), tapsOf(command, axisOf(command, d)));
      shape[d] = y.shape[d];
      int64_t n = 1;
      for (int64_t e : shape)
        n *= e;
      most = std::max(most, n);
    }
    bufferBytes = alignUp(most * 8);
    scratchSize = 3 * bufferBytes;
    if (isInt) {
      toFloat = findCvtLoop(x.type, compute);
      toInt = findCvtLoop(compute, x.type);
    }
  }

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *scratch) override {
    if (stream::numElements(y) == 0)
      return {};
    std::byte *from = scratch, *to = scratch + bufferBytes;
    std::byte *raw = scratch + 2 * bufferBytes;
    in.pack(ins[0], isInt ? raw : from);
    if (isInt)
      toFloat(from, raw, nullptr, nullptr, stream::numElements(x));
    std::vector<int64_t> shape = x.shape;
    int64_t inner = 1;
    for (size_t d = shape.size(); d-- > 0; inner *= shape[d]) {
      const Taps &t = taps[d];
      if (t.identity)
        continue;
      int64_t extent = shape[d], outExtent = y.shape[d], outer = 1;
      for (size_t e = 0; e < d; ++e)
        outer *= shape[e];
      parallelFor(outer * outExtent, std::max<int64_t>(1, 16384 / (inner + 1)),
                  threads, [&](int64_t b, int64_t e) {
                    if (wide)
                      resampleF64(reinterpret_cast<const double *>(from),
                                  reinterpret_cast<double *>(to), t, extent,
                                  outExtent, inner, b, e);
                    else
                      resampleF32(reinterpret_cast<const float *>(from),
                                  reinterpret_cast<float *>(to), t, extent,
                                  outExtent, inner, b, e);
                  });
      std::swap(from, to);
      shape[d] = outExtent;
    }
    extrapolate(from);
    int64_t n = stream::numElements(y);
    if (isInt)
      toInt(raw, from, nullptr, nullptr, n);
    out.unpack(isInt ? raw : from, outs[0]);
    return {};
  }

private:
  /// Writes the constant wherever some axis left the input.
  void extrapolate(std::byte *dense) const {
    int64_t inner = 1;
    for (size_t d = y.shape.size(); d-- > 0; inner *= y.shape[d]) {
      int64_t outer = stream::numElements(y) / (inner * y.shape[d]);
      for (int64_t j = 0; j < y.shape[d]; ++j) {
        if (!taps[d].outside[j])
          continue;
        for (int64_t o = 0; o < outer; ++o)
          for (int64_t i = 0; i < inner; ++i) {
            int64_t at = (o * y.shape[d] + j) * inner + i;
            if (wide)
              reinterpret_cast<double *>(dense)[at] = extrapolation;
            else
              reinterpret_cast<float *>(dense)[at] =
                  static_cast<float>(extrapolation);
          }
      }
    }
  }

  View x, y;
  unsigned threads;
  double extrapolation;
  bool wide = false, isInt = false;
  unsigned bytes = 4;
  Packer in, out;
  std::vector<Taps> taps;
  size_t bufferBytes = 0;
  VecLoop toFloat = nullptr, toInt = nullptr;
};

std::string check(const Command &command) {
  const View &x = command.ins[0], &y = command.outs[0];
  std::string error =
      checkText(command, "mode", {"nearest", "linear", "cubic"});
  if (error.empty())
    error = checkText(command, "coordinates",
                      {"half_pixel", "half_pixel_symmetric",
                       "pytorch_half_pixel", "align_corners", "asymmetric",
                       "tf_crop_and_resize", "tf_half_pixel_for_nn"});
  if (error.empty())
    error =
        checkText(command, "nearest",
                  {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"});
  if (!error.empty())
    return error;
  size_t rank = x.shape.size();
  if (y.shape.size() != rank || y.type != x.type)
    return fmt::format("{} → {}: ranks and types must be equal", describe(x),
                       describe(y));
  for (size_t d = 0; d < rank; ++d)
    if (x.shape[d] == 0 && y.shape[d] != 0)
      return fmt::format("dimension {} has nothing to sample", d);
  const std::vector<double> &scales = command.floats("scales");
  if (!scales.empty() && scales.size() != rank)
    return fmt::format("{} scales for rank {}", scales.size(), rank);
  for (double s : scales)
    if (!(s > 1e-6) || !(s < 1e6))
      return fmt::format("scale {} is out of range", s);
  const std::vector<double> &roi = command.floats("roi");
  if (!roi.empty() && roi.size() != 2 * rank)
    return fmt::format("roi has {} values for rank {}", roi.size(), rank);
  for (double r : roi)
    if (!std::isfinite(r))
      return "roi must be finite";
  // Antialiasing has taps for every input that an output covers.
  if (command.intOr("antialias", 0) != 0)
    for (size_t d = 0; d < rank; ++d)
      if (4.0 * static_cast<double>(y.shape[d]) >
          static_cast<double>(axisOf(command, d).scale) * (1 << 26))
        return fmt::format("dimension {}: its antialiasing filter is too long",
                           d);
  return {};
}

Prepared prepare(const Command &command, const PrepareOptions &options) {
  const View &x = command.ins[0], &y = command.outs[0];
  std::string_view mode = command.textOr("mode", "nearest");
  bool wideInt =
      x.type == DType::I64 || x.type == DType::U64 || x.type == DType::Bool;
  if (mode != "nearest") {
    if (wideInt)
      return unsupported(
          fmt::format("{} resize of {}: cast to f64 first", mode, describe(x)));
    return std::unique_ptr<Kernel>(
        std::make_unique<InterpolateKernel>(command, options.threads));
  }
  std::vector<std::vector<int64_t>> maps;
  for (size_t d = 0; d < x.shape.size(); ++d) {
    Axis axis = axisOf(command, d);
    maps.emplace_back();
    for (int64_t i = 0; i < axis.out; ++i) {
      float at = axis.source(i);
      int64_t index =
          nearestIndex(at, command.textOr("nearest", "round_prefer_floor"));
      maps.back().push_back(
          axis.outside(at) ? -1 : std::clamp<int64_t>(index, 0, axis.in - 1));
    }
  }
  // The extrapolation value as bits of the element's type.
  double value = command.floatOr("extrapolation", 0);
  uint64_t bits = 0;
  VecLoop cvt = findCvtLoop(DType::F64, x.type);
  std::byte narrow[8] = {};
  uint64_t wideBits = 0;
  cvt(&wideBits, &value, nullptr, nullptr, 1);
  findStoreRow(x.type)(narrow, &wideBits, 1, stream::sizeOf(x.type));
  std::memcpy(&bits, narrow, sizeof bits);
  return makeIndexMap(x, y, std::move(maps), bits, options.threads);
}

} // namespace

void addResize(std::vector<KernelSpec> &rows) {
  rows.push_back(
      {"resize",
       1,
       1,
       {{"antialias", kInts, false, "1: stretch the filter when shrinking (0)"},
        {"coordinates", kText, false,
         "half_pixel|half_pixel_symmetric|pytorch_half_pixel|align_corners|"
         "asymmetric|tf_crop_and_resize|tf_half_pixel_for_nn (half_pixel)"},
        {"cubic_a", kFloats, false, "coefficient of the cubic (-0.75)"},
        {"exclude_outside", kInts, false,
         "1: taps outside the input weigh nothing (0)"},
        {"extrapolation", kFloats, false,
         "value outside the roi, tf_crop_and_resize (0)"},
        {"mode", kText, false, "nearest|linear|cubic (nearest)"},
        {"nearest", kText, false,
         "round_prefer_floor|round_prefer_ceil|floor|ceil "
         "(round_prefer_floor)"},
        {"roi", kFloats, false, "starts, then ends, of 1 (the whole input)"},
        {"scales", kFloats, false,
         "one for each dimension (extent of y / extent of x)"}},
       "x resampled to y's extents",
       check,
       prepare});
}

} // namespace hybridc::exec::ctl
