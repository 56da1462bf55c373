//===- Layers.h - Products and convolutions as people list them - C++ -*-===//
#ifndef HYBRIDC_LIB_STUDIES_LAYERS_H
#define HYBRIDC_LIB_STUDIES_LAYERS_H

#include "hybridc/Support/Result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace hybridc::studies {

/// A product, and the convolution that it came from, if any.
struct Layer {
  std::string name;
  uint64_t m = 0, k = 0, n = 0;
  uint32_t kernelH = 0, kernelW = 0, outH = 0, outW = 0, stride = 1;
  uint32_t strideW = 1;
};

/// "MxKxN", or "H,W,r,s,c,M,stride" with a second stride if it differs.
Result<Layer> layerOf(const std::string &shape);

/// Lines "name, H, W, r, s, c, M, stride," or "name, M, N, K,", below a heading
/// if there is one. A convolution with DP in its name is depthwise: a layer for
/// each channel.
Status readTopology(const std::string &path, std::vector<Layer> &layers);

} // namespace hybridc::studies

#endif // HYBRIDC_LIB_STUDIES_LAYERS_H
