//===- Layers.cpp - Products and convolutions as people list them -------===//
#include "Layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <utility>

using namespace hybridc;
using namespace hybridc::studies;

static constexpr uint64_t kMostExtent = 1 << 24, kMostChannels = 1 << 16;

static Result<std::vector<uint64_t>>
wholeNumbers(const std::string &text, char mark, const std::string &where) {
  std::vector<uint64_t> numbers;
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find(mark, begin), text.size());
    std::string part = text.substr(begin, end - begin);
    part.erase(0, part.find_first_not_of(" \t"));
    part.erase(part.find_last_not_of(" \t\r") + 1);
    begin = end + 1;
    if (part.empty() && begin > text.size())
      break; // SCALE-Sim's lines end in a comma
    uint64_t value = 0;
    auto [stop, failed] =
        std::from_chars(part.data(), part.data() + part.size(), value);
    if (failed != std::errc() || stop != part.data() + part.size() ||
        value == 0 || value > kMostExtent)
      return invalidInput(fmt::format("{}: '{}' is no extent from 1 to {}",
                                      where, part, kMostExtent));
    numbers.push_back(value);
  }
  return numbers;
}

/// H, W, r, s, c, M, stride, with a second stride for columns if it differs:
/// padding is part of H and W, as in SCALE-Sim.
static Result<Layer> convolution(const std::vector<uint64_t> &v,
                                 std::string name, const std::string &where) {
  uint64_t h = v[0], w = v[1], r = v[2], s = v[3], stride = v[6];
  uint64_t strideW = v.size() > 7 ? v[7] : stride;
  if (r > h || s > w)
    return invalidInput(
        fmt::format("{}: the kernel {}x{} is larger than the image {}x{}",
                    where, r, s, h, w));
  Layer layer;
  layer.name = std::move(name);
  layer.outH = uint32_t((h - r + stride + stride - 1) / stride);
  layer.outW = uint32_t((w - s + strideW + strideW - 1) / strideW);
  layer.kernelH = uint32_t(r);
  layer.kernelW = uint32_t(s);
  layer.stride = uint32_t(stride);
  layer.strideW = uint32_t(strideW);
  layer.m = uint64_t(layer.outH) * layer.outW;
  layer.k = r * s * v[4];
  layer.n = v[5];
  return layer;
}

Result<Layer> studies::layerOf(const std::string &shape) {
  std::string where = "--shape " + shape;
  bool isConv = shape.find(',') != std::string::npos;
  auto numbers = wholeNumbers(shape, isConv ? ',' : 'x', where);
  if (!numbers)
    return usage(numbers.error().message);
  if (isConv && (numbers->size() == 7 || numbers->size() == 8)) {
    auto layer = convolution(*numbers, shape, where);
    return layer ? layer : Result<Layer>(usage(layer.error().message));
  }
  if (isConv || numbers->size() != 3)
    return usage(where + ": expected MxKxN, or H,W,r,s,c,M,stride of a "
                         "convolution (a second stride for its columns)");
  Layer layer;
  layer.name = shape;
  layer.m = (*numbers)[0];
  layer.k = (*numbers)[1];
  layer.n = (*numbers)[2];
  return layer;
}

namespace {
/// One line of a topology: a name and what follows it.
struct TopologyLine {
  std::string name, extents;
};
} // namespace

/// Takes the sparsity of SCALE-Sim's layers, N:M, off the end of a line. All of
/// M values of M is a dense layer.
static Status dropSparsity(std::string &extents, const std::string &where) {
  size_t end = extents.find_last_not_of(" \t\r,");
  if (end == std::string::npos)
    return {};
  size_t begin = extents.find_last_of(',', end);
  begin = begin == std::string::npos ? 0 : begin + 1;
  std::string ratio = extents.substr(begin, end + 1 - begin);
  size_t colon = ratio.find(':');
  if (colon == std::string::npos)
    return {};
  auto kept = wholeNumbers(ratio.substr(0, colon), ',', where);
  auto of = wholeNumbers(ratio.substr(colon + 1), ',', where);
  if (!kept || !of || kept->size() != 1 || of->size() != 1 || *kept > *of)
    return invalidInput(
        fmt::format("{}: '{}' is no sparsity such as 2:4", where, ratio));
  if (*kept != *of)
    return unsupported(fmt::format(
        "{}: sparsity {}: only dense layers (1:1) can be timed; without the "
        "column the layer counts as dense",
        where, ratio));
  extents.erase(begin);
  return {};
}

/// A first line of names alone: nothing in it begins like a number.
static bool isHeading(const std::string &extents) {
  bool isField = true;
  for (char c : extents) {
    if (isField && c >= '0' && c <= '9')
      return false;
    isField = c == ',' || (isField && (c == ' ' || c == '\t'));
  }
  return true;
}

static Status addLayers(const TopologyLine &line, const std::string &where,
                        std::vector<Layer> &layers) {
  std::string extents = line.extents;
  if (Status status = dropSparsity(extents, where); !status)
    return status;
  auto numbers = wholeNumbers(extents, ',', where);
  if (!numbers)
    return numbers.error();
  if (numbers->size() == 7 || numbers->size() == 8) {
    uint64_t channels = 1;
    bool isDepthwise = line.name.find("DP") != std::string::npos;
    if (isDepthwise)
      std::swap(channels, (*numbers)[4]);
    if (channels > kMostChannels)
      return invalidInput(fmt::format("{}: {} channels; a depthwise layer has "
                                      "at most {}",
                                      where, channels, kMostChannels));
    auto layer = convolution(*numbers, line.name, where);
    if (!layer)
      return layer.error();
    for (uint64_t c = 0; c < channels; ++c) {
      if (isDepthwise)
        layer->name = fmt::format("{}Channel_{}", line.name, c);
      layers.push_back(*layer);
    }
    return {};
  }
  if (numbers->size() != 3)
    return invalidInput(fmt::format("{}: {} extents; a convolution has 7 (H, "
                                    "W, r, s, c, M, stride) or 8 (a stride "
                                    "for columns), a product 3 (M, N, K)",
                                    where, numbers->size()));
  Layer layer;
  layer.name = line.name;
  layer.m = (*numbers)[0];
  layer.n = (*numbers)[1];
  layer.k = (*numbers)[2];
  layers.push_back(layer);
  return {};
}

Status studies::readTopology(const std::string &path,
                             std::vector<Layer> &layers) {
  std::ifstream file(path);
  if (!file)
    return invalidInput(path + ": cannot be read");
  std::string text;
  size_t before = layers.size();
  bool isFirst = true;
  for (unsigned number = 1; std::getline(file, text); ++number) {
    if (number == 1 && text.starts_with("\xef\xbb\xbf"))
      text.erase(0, 3); // a byte order mark
    std::string where = fmt::format("{}:{}:1", path, number);
    if (text.find_first_not_of(" \t\r,") == std::string::npos)
      continue;
    size_t comma = text.find(',');
    if (comma == std::string::npos)
      return invalidInput(where + ": expected NAME, EXTENTS…");
    TopologyLine line{text.substr(0, comma), text.substr(comma + 1)};
    if (std::exchange(isFirst, false) && isHeading(line.extents))
      continue;
    if (Status status = addLayers(line, where, layers); !status)
      return status;
  }
  if (layers.size() == before)
    return invalidInput(path + ": holds no layer");
  return {};
}
